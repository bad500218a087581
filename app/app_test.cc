// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The server as a whole, over loopback, with one scripted upstream and one that is not there.
#include "app/app.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "app/http_get.h"
#include "base/log.h"
#include "base/status.h"
#include "base/strings.h"
#include "net/async/dns_testing.h"
#include "net/async/runtime.h"
#include "net/http/server.h"

namespace synoptic::app {
namespace {

std::string Parameter(const net::RequestContext& request, std::string_view name) {
  for (const auto& [key, value] : request.parameters) {
    if (key == name) return value;
  }
  return "";
}

// A Prometheus with one series and no rules.
Task<net::HttpResponse> Upstream(const net::RequestContext& request) {
  net::HttpResponse response;
  response.headers.Set("Content-Type", "application/json");
  const std::string success = R"({"status":"success","data":)";
  const std::string query = Parameter(request, "query");
  const auto reads = [&query](const char* name) { return query.find(name) != std::string::npos; };
  const bool recorded_here = reads("up:copy") || reads("ALERTS") || reads("synoptic_");
  if (recorded_here) {
    const bool samples = query.find('[') != std::string::npos;
    response.body = fmt::format(R"({}{{"resultType":"{}","result":[]}}}})", success,
                                samples ? "matrix" : "vector");
  } else if (request.path == "/api/v1/query") {
    response.body = fmt::format(
        R"({}{{"resultType":"vector","result":[{{"metric":{{"__name__":"up","job":"j"}},"value":[{},"1"]}}]}}}})",
        success, Parameter(request, "time"));
  } else if (request.path == "/api/v1/series") {
    response.body = success + "[]}";
  } else if (request.path == "/api/v1/rules") {
    response.body = success + R"({"groups":[]}})";
  } else if (request.path == "/api/v1/alerts") {
    response.body = success + R"({"alerts":[]}})";
  } else {
    response.status = 404;
  }
  co_return response;
}

class AppTest : public testing::Test {
 protected:
  AppTest() : runtime_(StartRuntime(1)), fs_(NewMemoryFs()) {
    log::SetSink([this](std::string_view line) {
      const std::lock_guard lock(mutex_);
      lines_.emplace_back(line);
    });
    auto server = net::StartHttpServer(runtime_->executor(), clock_, {}, Upstream);
    EXPECT_TRUE(server.ok()) << server.status();
    upstream_ = *std::move(server);
  }
  ~AppTest() override {
    if (app_ != nullptr) EXPECT_TRUE(app_->Stop().ok());
    app_.reset();
    (void)BlockOn<absl::Status>(runtime_->executor(),
                                upstream_->Stop(Deadline::After(clock_, std::chrono::seconds(1))));
    // On the event loop, where its sockets live.
    (void)BlockOn<absl::Status>(runtime_->executor(), Destroy());
    log::SetSink(nullptr);
  }
  Task<> Destroy() {
    upstream_.reset();
    co_return absl::OkStatus();
  }

  std::string Regions(bool with_dark) const {
    std::string text = fmt::format(
        "regions:\n- {{name: eu, prometheus: [\"http://127.0.0.1:{}\"]}}\n", upstream_->port());
    if (with_dark) text += "- {name: dark, prometheus: [\"http://127.0.0.1:1\"]}\n";
    return text;
  }
  void WriteConfig(const std::string& text) {
    ASSERT_TRUE(fs_->WriteFileAtomically("s.yaml", text).ok());
  }
  absl::Status Start(bool lifecycle = true) {
    AppOptions options;
    options.config_file = "s.yaml";
    options.listen_address = "127.0.0.1";
    options.listen_port = 0;
    options.admin_port = 0;
    options.lifecycle = lifecycle;
    options.data_dir = data_dir_;
    options.dns = dns_.options();
    auto app = App::Start(options, clock_, *fs_, nullptr);
    if (!app.ok()) return app.status();
    app_ = *std::move(app);
    return absl::OkStatus();
  }
  std::string Get(const std::string& target, bool admin = false) {
    net::HttpRequest request;
    request.target = target;
    return Text(Ask(Server(admin), request));
  }
  std::string Post(const std::string& target) { return Text(PostForm(Server(false), target, {})); }
  std::string Server(bool admin) const {
    return fmt::format("http://127.0.0.1:{}", admin ? app_->admin_port() : app_->port());
  }
  static std::string Text(const absl::StatusOr<Reply>& reply) {
    if (!reply.ok()) return reply.status().ToString();
    return fmt::format("{} {}", reply->status, reply->body);
  }
  bool Logged(std::string_view text) {
    const std::lock_guard lock(mutex_);
    return std::any_of(lines_.begin(), lines_.end(), [text](const std::string& line) {
      return line.find(text) != std::string::npos;
    });
  }

  std::string data_dir_ = "data";
  FakeDns dns_;
  std::mutex mutex_;
  std::vector<std::string> lines_;
  SystemClock clock_;
  std::unique_ptr<Runtime> runtime_;
  std::unique_ptr<Fs> fs_;
  std::unique_ptr<net::HttpServer> upstream_;
  std::unique_ptr<App> app_;
};

TEST_F(AppTest, StartsWithADarkRegionAndAnswersWithoutIt) {
  WriteConfig(Regions(true));
  ASSERT_TRUE(Start().ok());
  EXPECT_EQ(Get("/-/ready"), "200 Synoptic Server is Ready.\n");
  EXPECT_EQ(Get("/-/healthy", true), "200 Synoptic Server is Healthy.\n");
  EXPECT_EQ(Get("/api/v1/query?query=1%2B1&time=4"),
            R"(200 {"status":"success","data":{"resultType":"scalar","result":[4,"2"]}})");
  const std::string answer = Get("/api/v1/query?query=up&time=1700000000");
  EXPECT_THAT(answer, testing::HasSubstr(R"("region":"eu"},"value":[1700000000,"1"]})"));
  EXPECT_THAT(answer, testing::HasSubstr("partial: 1 of 2 regions missing: dark ("));
  EXPECT_THAT(Get("/api/v1/query?query=up&partial=require"),
              testing::StartsWith(R"(503 {"status":"error","errorType":"unavailable")"));
  EXPECT_TRUE(Logged("region is dark"));
}

TEST_F(AppTest, AMissingOrBrokenConfigurationStartsNothing) {
  EXPECT_EQ(MessageOf(Start()), "s.yaml: No such file or directory");
  WriteConfig("regions: 7\n");
  EXPECT_EQ(MessageOf(Start()), "s.yaml:1:10: regions: expected a list, got \"7\"");
}

TEST_F(AppTest, ABadReloadLeavesTheOldConfigurationRunning) {
  WriteConfig(Regions(false));
  ASSERT_TRUE(Start().ok());
  WriteConfig(Regions(false) + "rule_files: [gone.yaml]\n");
  EXPECT_EQ(Post("/-/reload"), "500 failed to reload config: gone.yaml: no such rule file\n");
  EXPECT_THAT(Get("/metrics"), testing::HasSubstr("synoptic_config_last_reload_successful 0"));
  EXPECT_THAT(Get("/api/v1/status/config"), testing::Not(testing::HasSubstr("gone")));
  EXPECT_THAT(Get("/api/v1/query?query=up"), testing::StartsWith("200 "));

  WriteConfig(Regions(true));
  EXPECT_EQ(Post("/-/reload"), "200 ");
  EXPECT_THAT(Get("/metrics"), testing::HasSubstr("synoptic_config_last_reload_successful 1"));
  EXPECT_THAT(Get("/api/v1/query?query=up"), testing::HasSubstr("dark"));

  WriteConfig(Regions(false) + "global: {query: {max_samples: 7}}\n");
  EXPECT_EQ(Post("/-/reload"), "200 ");
  EXPECT_THAT(Get("/api/v1/query?query=up"), testing::Not(testing::HasSubstr("dark")));
  EXPECT_THAT(Get("/metrics"), testing::Not(testing::HasSubstr("region=\"dark\"} 0")));
}

// Until it does, at most ten seconds.
template <class Condition>
bool Soon(Condition condition) {
  for (int i = 0; i < 1'000 && !condition(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return condition();
}

TEST_F(AppTest, ReplicasAreFoundByNamesAndFilesWithoutAReload) {
  dns_.Set({FakeDns::A("127.0.0.1")});
  const std::string target = fmt::format("127.0.0.1:{}", upstream_->port());
  ASSERT_TRUE(fs_->WriteFileAtomically("t.json", R"([{"targets": ["127.0.0.1:1"]}])").ok());
  WriteConfig(
      fmt::format("regions:\n- name: named\n  dns_sd_configs: [{{names: [prom.example.], "
                  "type: A, port: {}, refresh_interval: 1s}}]\n"
                  "- {{name: filed, file_sd_configs: [{{files: [t*.json]}}]}}\n",
                  upstream_->port()));
  ASSERT_TRUE(Start().ok());
  const auto answers = [&](const char* region) {
    return Get(fmt::format("/api/v1/query?query=up&regions={}", region)).find("\"__name__\"") !=
           std::string::npos;
  };
  EXPECT_TRUE(answers("named"));
  EXPECT_FALSE(answers("filed"));
  EXPECT_THAT(Get("/metrics"), testing::HasSubstr(fmt::format(
                                   "synoptic_upstream_up{{region=\"named\",replica=\"http://"
                                   "127.0.0.1:{}\",shard=\"main\"}}",
                                   upstream_->port())));
  // The name service is gone: its last good answer is not.
  dns_.Set({}, 2);
  EXPECT_TRUE(Soon([&] { return Logged("a name of replicas cannot be looked up"); }));
  EXPECT_TRUE(answers("named"));
  // A list with a mistake changes nothing, a right one does; what people are editing is left alone.
  WriteConfig("half edited");
  ASSERT_TRUE(fs_->WriteFileAtomically("t.json", R"([{"targets": ["127.0.0.1:"]}])").ok());
  EXPECT_TRUE(Soon([&] { return Logged("configuration not reloaded"); }));
  EXPECT_TRUE(answers("named"));
  ASSERT_TRUE(fs_->WriteFileAtomically("t.json", R"([{"targets": [")" + target + R"("]}])").ok());
  EXPECT_TRUE(Soon([&] { return answers("filed"); }));
  EXPECT_TRUE(answers("named"));
}

TEST_F(AppTest, RulesAreEvaluatedAndShown) {
  ASSERT_TRUE(fs_->WriteFileAtomically("r.yaml",
                                       "groups:\n- name: g\n  interval: 100ms\n  rules:\n"
                                       "  - {alert: Up, expr: up == 1, labels: {severity: page}}\n")
                  .ok());
  WriteConfig(Regions(false) + "rule_files: [r.yaml]\n");
  ASSERT_TRUE(Start().ok());
  std::string alerts;
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  do {
    alerts = Get("/api/v1/alerts");
    // Alerts of our own about this place without a disk may be first.
  } while (alerts.find(R"("alertname":"Up")") == std::string::npos &&
           std::chrono::steady_clock::now() < limit);
  EXPECT_THAT(alerts,
              testing::HasSubstr(
                  R"({"labels":{"alertname":"Up","job":"j","region":"eu","severity":"page"},)"
                  R"("annotations":{},"state":"firing")"));
  EXPECT_THAT(Get("/metrics"),
              testing::HasSubstr(R"(synoptic_rule_evaluations_total{group="g",outcome="ok"})"));
}

TEST_F(AppTest, AnswersWhatIf) {
  const std::string capacity =
      "capacity:\n  resources:\n  - {name: hosts, unit: nodes, demand: up, supply: {eu: 4, dark: "
      "4}}\n";
  WriteConfig(Regions(true) + capacity);
  ASSERT_TRUE(Start().ok());
  const std::string answer = Get("/api/v1/synoptic/whatif?lose=dark&growth=2");
  EXPECT_THAT(answer, testing::HasSubstr(R"("lost":["dark"],"growth":2,)"));
  EXPECT_THAT(answer, testing::HasSubstr(R"("verdict":"UNKNOWN")"));
  EXPECT_THAT(answer, testing::HasSubstr("hosts in region dark is unseen ("));
  EXPECT_THAT(answer,
              testing::HasSubstr(
                  R"({"region":"eu","state":"serves","load":2,"supply":4,"utilisation":0.5,)"));
  EXPECT_THAT(Get("/api/v1/synoptic/whatif?lose=dark&format=text"),
              testing::HasSubstr("What if dark is lost at "));
  EXPECT_EQ(Get("/api/v1/synoptic/whatif?lose=mars"),
            R"(400 {"status":"error","errorType":"bad_data","error":"invalid parameter \"lose\": )"
            R"(no region \"mars\"; expected some of eu, dark"})");
  EXPECT_THAT(Get("/api/v1/synoptic/whatif?lose=eu&growth=-1"),
              testing::HasSubstr("expected a factor above 0, like 1.2"));
  WriteConfig(Regions(true));
  EXPECT_EQ(Post("/-/reload"), "200 ");
  EXPECT_THAT(Get("/api/v1/synoptic/whatif?lose=eu"),
              testing::StartsWith("422 {\"status\":\"error\",\"errorType\":\"execution\""));
}

TEST_F(AppTest, WhatRulesRecordIsQueriedAndOutlivesTheProcess) {
  const std::string dir = testing::TempDir() + "/recorded";
  std::filesystem::remove_all(dir);
  std::filesystem::create_directories(dir);
  data_dir_ = dir;
  ASSERT_TRUE(fs_->WriteFileAtomically("r.yaml",
                                       "groups:\n- name: g\n  interval: 100ms\n  rules:\n"
                                       "  - {record: up:copy, expr: up, labels: {made: here}}\n"
                                       "  - {alert: Copied, expr: 'up:copy == 1'}\n")
                  .ok());
  WriteConfig(Regions(false) + "rule_files: [r.yaml]\n");
  ASSERT_TRUE(Start().ok());
  const auto until = [this](const std::string& path, const std::string& part) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    std::string answer;
    do {
      answer = Get(path);
    } while (answer.find(part) == std::string::npos && std::chrono::steady_clock::now() < limit);
    EXPECT_THAT(answer, testing::HasSubstr(part));
  };
  const std::string series = R"({"__name__":"up:copy","job":"j","made":"here","region":"eu"})";
  until("/api/v1/query?query=up:copy", series);
  until("/api/v1/query?query=ALERTS", R"("alertname":"Copied","alertstate":"firing")");
  until("/api/v1/series?match[]=up:copy", series);
  EXPECT_THAT(Post("/api/v1/synoptic/backfill?start=4000000000&end=4000000001&group=mars"),
              testing::StartsWith("404 "));
  EXPECT_THAT(Post("/api/v1/synoptic/backfill?start=4000000000&end=4000000001"),
              testing::HasSubstr(R"({"rules":1,"slots":0})"));
  ASSERT_TRUE(app_->Stop().ok());
  app_.reset();
  // A process without the rules still has what they recorded.
  WriteConfig(Regions(false));
  ASSERT_TRUE(Start().ok());
  EXPECT_THAT(Get("/api/v1/query?query=last_over_time(up:copy[5m])"), testing::HasSubstr(series));
}

TEST_F(AppTest, HeadroomIsQueriedWhereItIsRecorded) {
  const std::string dir = testing::TempDir() + "/headroom";
  std::filesystem::remove_all(dir);
  std::filesystem::create_directories(dir);
  data_dir_ = dir;
  WriteConfig(Regions(false) +
              "capacity: {resources: [{name: n, unit: nodes, demand: up, supply: {eu: 4}}]}\n");
  ASSERT_TRUE(Start().ok());
  const std::string series = R"({"__name__":"synoptic_headroom_fits","lost":"eu","resource":"n"})";
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  std::string answer;
  do {
    answer = Get("/api/v1/query?query=synoptic_headroom_fits");
  } while (answer.find(series) == std::string::npos && std::chrono::steady_clock::now() < limit);
  EXPECT_THAT(answer, testing::HasSubstr(series));
}

TEST_F(AppTest, AnswersReadinessAndKeepsDrills) {
  const std::string dir = testing::TempDir() + "/drills";
  std::filesystem::remove_all(dir);
  std::filesystem::create_directories(dir);
  data_dir_ = dir;
  WriteConfig(
      Regions(true) +
      "readiness:\n  defaults: false\n  checks: [{id: mine, query: 'up{region=\"$from\"}', op: "
      "gte, value: 2, blocking: true}]\n"
      "  drills: {calendar: [{kind: traffic, every: 7d}], measure: {healthy: up}}\n");
  ASSERT_TRUE(Start().ok());
  EXPECT_THAT(Get("/api/v1/synoptic/readiness?from=eu&to=dark"),
              testing::HasSubstr(R"("verdict":"NO_GO","summary":"NO_GO: mine")"));
  EXPECT_THAT(Get("/api/v1/synoptic/readiness?from=dark&to=eu"),
              testing::HasSubstr(R"("verdict":"BLIND")"));
  EXPECT_THAT(Get("/metrics"), testing::HasSubstr("synoptic_drill_overdue{kind=\"traffic\"} 1"));
  const std::string path = "/api/v1/synoptic/drills?action=";
  EXPECT_THAT(Get(path + "start&from=eu"), testing::StartsWith("400 "));
  EXPECT_THAT(Post(path + "start&from=eu&fault=1700000000"),
              testing::HasSubstr(R"("id":"2023-11-14-eu-traffic")"));
  EXPECT_THAT(Post(path + "start&from=eu"), testing::HasSubstr("is running; finish it first"));
  EXPECT_THAT(Post(path + "finish&at=1700000100&recovered=1700000047"),
              testing::HasSubstr(R"("rto_s":47)"));
  // On disk: the next process has it.
  ASSERT_TRUE(app_->Stop().ok());
  app_.reset();
  ASSERT_TRUE(Start().ok());
  EXPECT_THAT(Get("/api/v1/synoptic/drills"), testing::HasSubstr(R"("rto_s":47)"));
}

TEST_F(AppTest, MetricNamesAreThoseOfTheGoldenList) {
  const std::string dir = testing::TempDir() + "/metrics";
  std::filesystem::remove_all(dir);
  std::filesystem::create_directories(dir);
  data_dir_ = dir;
  ASSERT_TRUE(fs_->WriteFileAtomically("r.yaml",
                                       "groups:\n- name: g\n  interval: 100ms\n  rules:\n"
                                       "  - {alert: Up, expr: up == 1}\n")
                  .ok());
  WriteConfig(Regions(true) +
              "rule_files: [r.yaml]\n"
              "capacity: {resources: [{name: n, unit: nodes, demand: up, supply: {eu: 4}}]}\n"
              "remote_write: [{url: \"http://127.0.0.1:1/w\"}]\n"
              "alerting: {alertmanagers: [{static_configs: [{targets: [\"127.0.0.1:1\"]}]}]}\n");
  ASSERT_TRUE(Start().ok());
  Get("/api/v1/query?query=up");
  std::string metrics;
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  do {
    metrics = Get("/metrics");
  } while ((metrics.find("synoptic_rule_lateness_seconds{") == std::string::npos ||
            metrics.find("synoptic_headroom_ratio{") == std::string::npos) &&
           std::chrono::steady_clock::now() < limit);
  std::set<std::string> names;
  for (const std::string_view line : Split(metrics, '\n')) {
    if (line.starts_with("# TYPE ")) names.emplace(line.substr(7));
  }
  std::ifstream golden("app/testdata/metrics.txt");
  std::set<std::string> expected;
  for (std::string line; std::getline(golden, line);) {
    if (!line.starts_with('#')) expected.insert(line);
  }
  EXPECT_EQ(names, expected) << "dashboards and alerts depend on these: app/testdata/metrics.txt";
}

}  // namespace
}  // namespace synoptic::app
