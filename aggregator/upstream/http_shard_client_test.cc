// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <map>

#include "absl/strings/str_replace.h"
#include "aggregator/upstream/reason.h"
#include "aggregator/upstream/testing.h"
#include "net/async/fan_out.h"
#include "net/async/testing.h"
#include "net/http/message.h"

namespace synoptic::aggregator {
namespace {

using Reply = FakeHttpClient::Reply;

Reply Json(std::string body, int64_t delay_ms = 1) {
  return {.delay_ms = delay_ms, .body = std::move(body)};
}
Reply Status(int status, std::string body = "") {
  return {.status = status, .body = std::move(body)};
}
Reply Hang() { return {.hangs = true}; }
Reply Refused() { return {.error = absl::UnavailableError("connection refused")}; }

constexpr char kOne[] =
    R"({"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"1"]}]}})";
constexpr char kEmptyMatrix[] =
    R"({"status":"success","data":{"resultType":"matrix","result":[]}})";

std::string Matrix(std::string_view value) {
  return R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":"b"},)"
         R"("values":[[1000,")" +
         std::string(value) + R"("]]}]}})";
}

std::string ConfigAnswer(std::string_view external) {
  return R"({"status":"success","data":{"yaml":"global:\n  scrape_interval: 15s\n)"
         R"(  external_labels:\n)" +
         std::string(external) + R"(scrape_configs: []\n"}})";
}

std::map<std::string, std::string> FormOf(const net::HttpRequest& request) {
  std::map<std::string, std::string> form;
  const net::Parameters parameters = net::ParseForm(request.body).value();
  for (const auto& [name, value] : parameters) form[name] += value;
  return form;
}

bool IsProbe(const net::HttpRequest& request) {
  return request.target.starts_with("/api/v1/query?query=vector%281%29");
}

// A replica: what it answers to probes and to all else.
FakeHttpClient::Script Upstream(
    std::function<Reply(const net::HttpRequest&)> others,
    std::function<Reply()> probe = [] { return Json(kOne); }) {
  return [others = std::move(others), probe = std::move(probe)](const net::HttpRequest& request) {
    return IsProbe(request) ? probe() : others(request);
  };
}

class Observer final : public UpstreamObserver {
 public:
  void OnRequest(const ReplicaId& id, std::string_view code, MonoDuration, int64_t) override {
    ++requests[std::string(id.replica) + " " + std::string(code)];
  }
  void OnState(const ReplicaId& id, BreakerState breaker, bool up) override {
    states[std::string(id.replica)] =
        std::string(breaker == BreakerState::kClosed ? "closed" : "open") + (up ? " up" : " down");
  }
  void OnExtra(const ReplicaId& id, std::string_view why) override {
    ++extra[std::string(id.replica) + " " + std::string(why)];
  }
  std::map<std::string, int> extra;
  std::map<std::string, int> requests;
  std::map<std::string, std::string> states;
};

class HttpShardClientTest : public ::testing::Test {
 protected:
  void Start(int replicas, bool probes) {
    region_.name = "eu";
    region_.labels = promql::Labels::From({{"region", "eu"}});
    region_.replica_labels = {"replica"};
    for (int i = 0; i < replicas; ++i) {
      const std::string host(1, static_cast<char>('a' + i));
      Replica replica{"http://" + host, {}};
      replica.origin.host = host;
      shard_.replicas.push_back(replica);
    }
    UpstreamDeps deps;
    deps.http = &http_;
    deps.clock = &loop_.clock;
    deps.observer = &observer_;
    deps.executor = loop_.executor();
    deps.rng = &rng_;
    deps.topology_labels = {"region"};
    deps.identity = "me";
    if (!probes) deps.probe_interval = MonoDuration::zero();
    deps.ask = ask_;
    client_ = NewShardClient(region_, shard_, deps);
    loop_.Poll();
  }
  ~HttpShardClientTest() override {
    client_.reset();
    loop_.Poll();
  }

  Deadline In(int64_t ms) { return Deadline::After(loop_.clock, std::chrono::milliseconds(ms)); }
  static StepRequest Range() {
    return {.text = "x", .grid = {1000'000, 1030'000, 15'000}, .lookback_ms = 300'000};
  }
  // The answer or the error, and the milliseconds it took.
  std::string Steps(int64_t deadline_ms = 2000) {
    const MonoTime started = loop_.clock.Mono();
    auto answer = loop_.RunInVirtualTime(client_->Steps(Range(), In(deadline_ms), nullptr));
    took_ms_ =
        std::chrono::duration_cast<std::chrono::milliseconds>(loop_.clock.Mono() - started).count();
    if (!answer.ok()) {
      return ReasonOf(answer.status()) + ": " + std::string(MessageOf(answer.status()));
    }
    return answer->info.replica + " " + ToText(answer->series);
  }
  std::string Raw(std::vector<promql::Matcher> matchers) {
    RawRequest request;
    request.matchers = std::move(matchers);
    request.min_t = 1000'000;
    request.max_t = 1060'000;
    auto answer = loop_.RunInVirtualTime(client_->Raw(request, In(2000), nullptr));
    if (!answer.ok()) {
      return ReasonOf(answer.status()) + ": " + std::string(MessageOf(answer.status()));
    }
    return ToText(answer->series);
  }
  static promql::Matcher Equal(std::string name, std::string value) {
    return promql::Matcher::Create(promql::MatchOp::kEqual, std::move(name), std::move(value))
        .value();
  }
  // Lets virtual time pass.
  void Wait(int64_t ms) {
    EXPECT_TRUE(loop_.RunInVirtualTime(SleepFor(loop_.clock, std::chrono::milliseconds(ms))).ok());
  }

  AsyncTest loop_;
  FakeHttpClient http_{loop_.clock};
  Observer observer_;
  SeededRng rng_{1};
  AskOptions ask_;
  Region region_;
  Shard shard_;
  std::unique_ptr<UpstreamClient> client_;
  int64_t took_ms_ = 0;
};

TEST_F(HttpShardClientTest, AsksQueryRangeWithAForm) {
  http_.On("a", Upstream([](const auto&) { return Json(Matrix("7")); }));
  shard_.auth.username = "u";
  shard_.auth.password = Secret("p");
  Start(1, false);
  EXPECT_EQ(Steps(), "http://a {a=\"b\", region=\"eu\"} 7 _ _\n");
  ASSERT_EQ(http_.sent().size(), 1u);
  const net::HttpRequest& request = http_.sent()[0].request;
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/api/v1/query_range");
  EXPECT_EQ(request.headers.Get("Authorization"), "Basic dTpw");
  EXPECT_EQ(request.headers.Get("Accept-Encoding"), "identity");
  auto form = FormOf(request);
  EXPECT_EQ(form["query"], "x");
  EXPECT_EQ(form["start"], "1000");
  EXPECT_EQ(form["end"], "1030");
  EXPECT_EQ(form["step"], "15");
  EXPECT_EQ(form["timeout"], "2");
  EXPECT_EQ(form["lookback_delta"], "300");
  EXPECT_EQ(observer_.requests["http://a 200"], 1);
}

TEST_F(HttpShardClientTest, AsksTheSiblingWhenOneFails) {
  http_.On("a", Upstream([](const auto&) { return Refused(); }));
  http_.On("b", Upstream([](const auto&) { return Json(Matrix("7")); }));
  Start(2, false);
  EXPECT_EQ(Steps(), "http://b {a=\"b\", region=\"eu\"} 7 _ _\n");
  EXPECT_LE(took_ms_, 5);
  http_.On("a", Upstream([](const auto&) { return Status(503); }));
  EXPECT_EQ(Steps(), "http://b {a=\"b\", region=\"eu\"} 7 _ _\n");
  http_.On("a", Upstream([](const auto&) { return Json(R"({"status":"success","data":{)"); }));
  EXPECT_EQ(Steps(), "http://b {a=\"b\", region=\"eu\"} 7 _ _\n") << "malformed";
}

TEST_F(HttpShardClientTest, ReplicasComeAndGoWhileRequestsRun) {
  http_.On("a", [](const auto& request) {
    Reply reply = Upstream([](const auto&) { return Json(Matrix("1")); })(request);
    if (request.target.starts_with("/api/v1/query_range")) reply.delay_ms = 400;
    return reply;
  });
  http_.On("b", Upstream([](const auto&) { return Json(Matrix("2")); }));
  http_.On("c", Upstream([](const auto&) { return Json(Matrix("3")); }));
  Start(1, true);
  const auto make = [](const std::string& host) {
    Replica replica{"http://" + host, {}};
    replica.origin.host = host;
    return replica;
  };
  auto running = loop_.Start(client_->Steps(Range(), In(2000), nullptr));
  loop_.Poll();
  client_->SetReplicas({make("b"), make("c")});
  EXPECT_EQ(client_->replica_names(), (std::vector<std::string>{"http://b", "http://c"}));
  EXPECT_EQ(Steps().substr(0, 9), "http://b ");
  while (!running->has_value() && loop_.clock.AdvanceToNextWake()) loop_.Poll();
  ASSERT_TRUE(running->has_value() && (*running)->ok()) << "it was asked before it went";
  EXPECT_EQ((**running)->info.replica, "http://a");
  // What is known of one that stays, stays: nobody asks b once it was found dead.
  http_.On("b", [](const auto&) { return Refused(); });
  Wait(30'000);
  EXPECT_EQ(Steps().substr(0, 9), "http://c ");
  client_->SetReplicas({make("b"), make("c"), make("a")});
  http_.Forget();
  EXPECT_EQ(Steps().substr(0, 9), "http://c ");
  EXPECT_EQ(http_.Count("b", "/api/v1/query_range"), 0);
  Wait(10'000);
  EXPECT_GT(http_.Count("a", "/api/v1/query?query=vector"), 0) << "probed";
  client_->SetReplicas({});
  EXPECT_EQ(Steps(),
            "no_replicas: region \"eu\" shard \"main\": query_range: no replica was found yet");
}

TEST_F(HttpShardClientTest, OnlyThoseAreAskedThatMayBe) {
  http_.On("b", Upstream([](const auto&) { return Json(Matrix("7")); }));
  shard_.read = ReadForm::kQuery;
  Start(2, false);
  RawRequest request;
  request.min_t = 1000'000;
  request.max_t = 1060'000;
  request.only = {"http://b"};
  const MonoTime started = loop_.clock.Mono();
  const auto answer = loop_.RunInVirtualTime(client_->Raw(request, In(2000), nullptr));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->info.replica, "http://b");
  EXPECT_LE(loop_.clock.Mono() - started, std::chrono::milliseconds(5));
}

TEST_F(HttpShardClientTest, ADocumentThatIsNotOfferedDoesNotOpenTheBreaker) {
  http_.On("a", Upstream([](const net::HttpRequest& request) {
             return request.method == "GET" ? Status(404, "page not found") : Json(Matrix("7"));
           }));
  Start(1, false);
  for (int i = 0; i < 20; ++i) {
    const auto answer = loop_.RunInVirtualTime(client_->Json("rules", "", "", In(2000)));
    ASSERT_EQ(ReasonOf(answer.status()), "unsupported");
  }
  EXPECT_TRUE(client_->available());
  EXPECT_EQ(Steps(), "http://a {a=\"b\", region=\"eu\"} 7 _ _\n");
}

TEST_F(HttpShardClientTest, NamesRegionShardReplicaAndReason) {
  http_.On("a", Upstream([](const auto&) { return Status(503); }));
  http_.On("b", Upstream([](const auto&) { return Refused(); }));
  ask_.retries_max = 0;
  Start(2, false);
  EXPECT_EQ(Steps(),
            "down: region \"eu\" shard \"main\": query_range: http://b: connection refused");
  http_.On("b", Upstream([](const auto&) { return Status(502); }));
  EXPECT_EQ(Steps(), "http_502: region \"eu\" shard \"main\": query_range: http://b: HTTP 502");
  http_.On("b", Upstream([](const auto&) {
             return Reply{.error = absl::UnavailableError("truncated body: connection closed")};
           }));
  EXPECT_TRUE(Steps().starts_with("truncated: "));
}

TEST_F(HttpShardClientTest, DoesNotRepeatAQueryThatIsWrong) {
  int asked = 0;
  const auto refuse = [&asked](const auto&) {
    ++asked;
    return Status(422, R"({"status":"error","errorType":"execution","error":"many-to-many"})");
  };
  http_.On("a", Upstream(refuse));
  http_.On("b", Upstream(refuse));
  Start(2, false);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(Steps(), "query: region \"eu\" shard \"main\": query_range: many-to-many");
  }
  EXPECT_EQ(asked, 10);
  EXPECT_TRUE(client_->available()) << "the replica is well";
}

TEST_F(HttpShardClientTest, FrozenReplicaCostsTheFirstQueryHalfASecondAndLaterOnesNothing) {
  http_.On("a", Upstream([](const auto&) { return Hang(); }, Hang));
  http_.On("b", Upstream([](const auto&) { return Json(Matrix("7")); }));
  Start(2, true);
  EXPECT_EQ(Steps(), "http://b {a=\"b\", region=\"eu\"} 7 _ _\n");
  EXPECT_LE(took_ms_, 510);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(Steps(), "http://b {a=\"b\", region=\"eu\"} 7 _ _\n");
    EXPECT_LE(took_ms_, 2) << i;
  }
}

TEST_F(HttpShardClientTest, DarkRegionCostsTheFirstQueryItsDeadlineAndLaterOnesNothing) {
  bool frozen = false;
  const auto probe = [&frozen] { return frozen ? Hang() : Json(kOne); };
  const auto others = [&frozen](const auto&) { return frozen ? Hang() : Json(Matrix("7")); };
  http_.On("a", Upstream(others, probe));
  http_.On("b", Upstream(others, probe));
  Start(2, true);
  EXPECT_TRUE(Steps().starts_with("http://a "));
  frozen = true;
  EXPECT_TRUE(Steps().starts_with("timeout: region \"eu\" shard \"main\": query_range: "));
  EXPECT_LE(took_ms_, 2060);
  EXPECT_FALSE(client_->available());
  EXPECT_EQ(observer_.states["http://a"], "open down");
  const int before =
      http_.Count("a", "/api/v1/query_range") + http_.Count("b", "/api/v1/query_range");
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(Steps(),
              "breaker_open: region \"eu\" shard \"main\": query_range: not asked: every replica "
              "failed lately");
    EXPECT_EQ(took_ms_, 0);
    Wait(100);
  }
  EXPECT_EQ(http_.Count("a", "/api/v1/query_range") + http_.Count("b", "/api/v1/query_range"),
            before)
      << "no query is sacrificed as a trial";
  frozen = false;
  Wait(9000);
  EXPECT_TRUE(client_->available());
  EXPECT_TRUE(Steps().starts_with("http://a "));
  EXPECT_EQ(observer_.states["http://a"], "closed up");
}

TEST_F(HttpShardClientTest, WaitsForASlowReplicaThatLives) {
  http_.On("a", Upstream([](const auto&) { return Json(Matrix("7"), 1500); }));
  http_.On("b", Upstream([](const auto&) { return Json(Matrix("8")); }));
  Start(2, true);
  EXPECT_TRUE(Steps().starts_with("http://a "));
  EXPECT_EQ(http_.Count("b", "/api/v1/query_range"), 0);
  http_.On("a", Upstream([](const auto&) { return Json(Matrix("7"), 60'000); }));
  http_.On("b", Upstream([](const auto&) { return Json(Matrix("7"), 60'000); }));
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(Steps().starts_with("timeout: ")) << "a query too heavy for its deadline";
  }
  EXPECT_TRUE(client_->available()) << "is no reason to call the region dark";
}

TEST_F(HttpShardClientTest, HedgesToTheSiblingWhatIsSlowerThanUsualWithinItsBudget) {
  int64_t delay_ms = 10;
  http_.On("a", Upstream([&](const auto&) { return Json(Matrix("7"), delay_ms); }));
  http_.On("b", Upstream([](const auto&) { return Json(Matrix("8"), 10); }));
  Start(2, true);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(Steps().starts_with("http://a "));
  EXPECT_EQ(http_.Count("b", "/api/v1/query_range"), 0) << "nothing was slow";
  delay_ms = 300;
  EXPECT_TRUE(Steps().starts_with("http://b "));
  EXPECT_EQ(took_ms_, 60) << "not before the floor of 50 ms";
  EXPECT_EQ(observer_.extra["http://b hedge"], 1);
  // Slow is the new normal: the budget ends, then the percentile has learned.
  for (int i = 0; i < 200; ++i) Steps();
  EXPECT_LE(observer_.extra["http://b hedge"], 15 + 1);
  EXPECT_TRUE(Steps().starts_with("http://a "));
}

TEST_F(HttpShardClientTest, DoesNotHedgeWhenToldSo) {
  int64_t delay_ms = 10;
  http_.On("a", Upstream([&](const auto&) { return Json(Matrix("7"), delay_ms); }));
  http_.On("b", Upstream([](const auto&) { return Json(Matrix("8"), 10); }));
  ask_.hedge_percentile = 0;
  Start(2, true);
  for (int i = 0; i < 100; ++i) Steps();
  delay_ms = 300;
  EXPECT_TRUE(Steps().starts_with("http://a "));
}

TEST_F(HttpShardClientTest, AsksAgainWhatMayPassAfterARandomPause) {
  int asked = 0;
  http_.On("a", Upstream([&](const auto&) {
             return ++asked % 2 == 1 ? Reply{.error = absl::UnavailableError("truncated body")}
                                     : Json(Matrix("7"));
           }));
  Start(1, false);
  EXPECT_TRUE(Steps().starts_with("http://a "));
  EXPECT_EQ(asked, 2);
  EXPECT_LE(took_ms_, 52);
  EXPECT_EQ(observer_.extra["http://a retry"], 1);
}

TEST_F(HttpShardClientTest, RetriesStayWithinTheirNumberAndBudget) {
  int asked = 0;
  http_.On("a", Upstream([&](const auto&) {
             // Now and then it answers, so that the breaker stays closed.
             return ++asked % 4 == 0 ? Json(Matrix("7")) : Status(503);
           }));
  shard_.max_concurrency = 2;  // and so many retries at once
  ask_.retries_budget = 0.1;
  Start(1, false);
  EXPECT_TRUE(Steps().starts_with("http_503: "));
  EXPECT_EQ(asked, 3) << "two retries";
  EXPECT_TRUE(Steps().starts_with("http://a "));
  EXPECT_TRUE(Steps().starts_with("http_503: "));
  EXPECT_EQ(asked, 5) << "the budget is spent";
}

TEST_F(HttpShardClientTest, WhoRefusesConnectionsIsNotAskedAgain) {
  http_.On("a", Upstream([](const auto&) {
             return Reply{.error = absl::UnavailableError("connect to a:80: Connection refused")};
           }));
  Start(1, true);
  EXPECT_TRUE(Steps().starts_with("down: "));
  EXPECT_EQ(http_.Count("a", "/api/v1/query_range"), 1);
}

TEST_F(HttpShardClientTest, RulesDoNotWaitForDashboards) {
  shard_.max_concurrency = 4;
  http_.On("a", Upstream([](const auto&) { return Json(kEmptyMatrix, 100); }));
  Start(1, false);
  const auto start = [&](Lane lane) {
    StepRequest request = Range();
    request.lane = lane;
    loop_.Start(client_->Steps(request, In(10'000), nullptr));
  };
  for (int i = 0; i < 6; ++i) start(Lane::kDashboards);
  loop_.Poll();
  EXPECT_EQ(http_.sent().size(), 3u);
  start(Lane::kRules);
  loop_.Poll();
  EXPECT_EQ(http_.sent().size(), 4u) << "a quarter of the places is theirs";
  Wait(1000);
  EXPECT_EQ(http_.sent().size(), 7u);
}

TEST_F(HttpShardClientTest, LimitsRequestsInFlight) {
  shard_.max_concurrency = 2;
  http_.On("a", Upstream([](const auto&) { return Json(kEmptyMatrix, 100); }));
  Start(1, false);
  std::vector<std::shared_ptr<std::optional<absl::StatusOr<StepAnswer>>>> running;
  for (int i = 0; i < 5; ++i) {
    running.push_back(loop_.Start(client_->Steps(Range(), In(10'000), nullptr)));
  }
  loop_.Poll();
  EXPECT_EQ(http_.sent().size(), 2u);
  Wait(350);
  EXPECT_EQ(http_.sent().size(), 5u);
  for (const auto& one : running) {
    ASSERT_TRUE(one->has_value());
    EXPECT_TRUE((*one)->ok());
  }
}

TEST_F(HttpShardClientTest, ReadsRawByRemoteReadAndTakesExternalLabelsOff) {
  http_.On("a", Upstream([](const net::HttpRequest& request) {
             if (request.target == "/api/v1/status/config") {
               return Json(ConfigAnswer(R"(    region: eu-west\n    team: \"on\"\n)"));
             }
             return Reply{
                 .type = "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse"};
           }));
  Start(1, false);
  EXPECT_EQ(Raw({Equal("__name__", "up")}), "");
  EXPECT_EQ(http_.Count("a", "/api/v1/read"), 1);
  // A matcher on a label that only remote read would see goes to the query API.
  http_.On("a", Upstream([](const net::HttpRequest&) { return Json(kEmptyMatrix); }));
  EXPECT_EQ(Raw({Equal("__name__", "up"), Equal("team", "on")}), "");
  EXPECT_EQ(http_.Count("a", "/api/v1/read"), 1);
  EXPECT_EQ(FormOf(http_.sent().back().request)["query"], "{__name__=\"up\",team=\"on\"}[60001ms]");
}

TEST_F(HttpShardClientTest, ReadsRawByRangeSelectorWhereRemoteReadIsNotOffered) {
  http_.On("a", Upstream([](const net::HttpRequest& request) {
             if (request.target == "/api/v1/status/config") return Json(ConfigAnswer(""));
             if (request.target == "/api/v1/read") return Status(404, "not found");
             return Json(Matrix("7"));
           }));
  Start(1, false);
  EXPECT_EQ(Raw({Equal("__name__", "up")}), "{a=\"b\", region=\"eu\"} 7@1000000\n");
  auto form = FormOf(http_.sent().back().request);
  EXPECT_EQ(form["query"], "{__name__=\"up\"}[60001ms]");
  EXPECT_EQ(form["time"], "1060");
  EXPECT_EQ(Raw({Equal("__name__", "up")}), "{a=\"b\", region=\"eu\"} 7@1000000\n");
  EXPECT_EQ(http_.Count("a", "/api/v1/read"), 1) << "remembered";
}

TEST_F(HttpShardClientTest, LearnsWhichEndsWindowsHaveBeforeItAsksForAny) {
  struct Case {
    std::string name;
    int steps;           // in a window of a second, one a second; 0: it does not say
    int lookback_delta;  // the status for a bad one
    std::string lookback, windows;
  };
  for (const Case& one :
       std::vector<Case>{{"3.15", 1, 400, "300", "300"},
                         {"2.43", 2, 400, "299.999", "windows"},
                         {"2.42", 2, 200, "windows", "windows"},
                         {"a proxy that refuses", 0, 400, "windows", "windows"}}) {
    http_.On("a", [one](const net::HttpRequest& request) {
      if (request.target.find("count_over_time") != std::string::npos) {
        if (one.steps == 0) return Status(403);
        return Json(absl::StrReplaceAll(kOne, {{"\"1\"", absl::StrCat("\"", one.steps, "\"")}}));
      }
      if (request.target.find("lookback_delta") != std::string::npos) {
        const char* error = R"({"status":"error","errorType":"bad_data","error":"no duration"})";
        return one.lookback_delta == 200 ? Json(kOne) : Status(one.lookback_delta, error);
      }
      return IsProbe(request) ? Json(kOne) : Json(Matrix("7"));
    });
    shard_.replicas.clear();
    Start(1, true);
    for (const bool windows : {false, true}) {
      StepRequest asked = Range();
      asked.windows = windows;
      const auto answer = loop_.RunInVirtualTime(client_->Steps(asked, In(2000), nullptr));
      std::string got = ReasonOf(answer.status());
      for (const auto& sent : http_.sent()) {
        if (answer.ok() && sent.request.target == "/api/v1/query_range") {
          got = FormOf(sent.request)["lookback_delta"];
        }
      }
      EXPECT_EQ(got, windows ? one.windows : one.lookback) << one.name;
    }
    client_.reset();
    loop_.Poll();
  }
}

TEST_F(HttpShardClientTest, ThatAServerHasOtherWindowsIsAnAnswerThatNoSiblingTakesBack) {
  http_.On("a", [](const net::HttpRequest& request) {
    if (request.target.find("count_over_time") != std::string::npos) {
      return Json(absl::StrReplaceAll(kOne, {{"\"1\"", "\"2\""}}));
    }
    return IsProbe(request) ? Json(kOne) : Json(Matrix("7"));
  });
  for (const bool hangs : {false, true}) {
    http_.On("b", Upstream([hangs](const auto&) { return hangs ? Hang() : Refused(); }));
    shard_.replicas.clear();
    Start(2, true);
    StepRequest asked = Range();
    asked.windows = true;
    const MonoTime started = loop_.clock.Mono();
    const auto answer = loop_.RunInVirtualTime(client_->Steps(asked, In(2000), nullptr));
    EXPECT_EQ(ReasonOf(answer.status()), kWindowsReason) << answer.status();
    EXPECT_LT(loop_.clock.Mono() - started, std::chrono::milliseconds(100));
    EXPECT_EQ(observer_.extra["http://b retry"], 0) << "no retry is spent";
    client_.reset();
    loop_.Poll();
  }
}

TEST_F(HttpShardClientTest, ReadsRawByRangeSelectorWhenExternalLabelsAreNotTold) {
  http_.On("a", Upstream([](const net::HttpRequest& request) {
             return request.target == "/api/v1/status/config" ? Status(403) : Json(Matrix("7"));
           }));
  Start(1, false);
  EXPECT_EQ(Raw({Equal("__name__", "up")}), "{a=\"b\", region=\"eu\"} 7@1000000\n");
  EXPECT_EQ(http_.Count("a", "/api/v1/read"), 0);
}

TEST_F(HttpShardClientTest, SelectsEverythingWhenNoMatcherIsLeft) {
  shard_.read = ReadForm::kQuery;
  http_.On("a", Upstream([](const auto&) { return Json(kEmptyMatrix); }));
  Start(1, false);
  EXPECT_EQ(Raw({}), "");
  EXPECT_EQ(FormOf(http_.sent().back().request)["query"], "{__name__!=\"\"}[60001ms]");
}

TEST_F(HttpShardClientTest, AppliesLabelRulesToLabelEndpoints) {
  http_.On("a", Upstream([](const net::HttpRequest& request) {
             if (request.target == "/api/v1/labels") {
               return Json(R"({"status":"success","data":["__name__","job","region","replica"]})");
             }
             if (request.target == "/api/v1/series") {
               return Json(R"({"status":"success","data":[{"b":"1","a":"2","region":"x"},)"
                           R"({"a":"2","b":"1","region":"x","replica":"r"}]})");
             }
             if (request.target.starts_with("/api/v1/label/region/values")) {
               return Json(R"({"status":"success","data":["x"]})");
             }
             return Json(R"({"status":"success","data":["b","a","a"]})");
           }));
  Start(1, false);
  const auto names = loop_.RunInVirtualTime(client_->LabelNames({}, In(1000)));
  EXPECT_EQ(names.value().items,
            (std::vector<std::string>{"__name__", "exported_region", "job", "region"}));
  const auto values = [this](const std::string& name) {
    LabelsRequest request;
    request.selectors = {{Equal("__name__", "up")}};
    request.min_t = 1000;
    request.max_t = 2500;
    return loop_.RunInVirtualTime(client_->LabelValues(name, request, In(1000))).value().items;
  };
  EXPECT_EQ(values("job"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(http_.sent().back().request.target,
            "/api/v1/label/job/values?match%5B%5D=%7B__name__%3D%22up%22%7D&start=1&end=2.500");
  EXPECT_EQ(values("region"), (std::vector<std::string>{"eu"}));
  EXPECT_EQ(values("exported_region"), (std::vector<std::string>{"a", "b", "x"}));
  EXPECT_EQ(values("replica"), (std::vector<std::string>{}));
  const auto series = loop_.RunInVirtualTime(client_->Series({}, In(1000), nullptr));
  ASSERT_EQ(series->items.size(), 1u);
  EXPECT_EQ(series->items.LabelsAt(0).ToString(),
            "{a=\"2\", b=\"1\", exported_region=\"x\", region=\"eu\"}");
}

TEST_F(HttpShardClientTest, AServerThatCannotStoreANameHasNoSuchLabel) {
  http_.On("a", Upstream([](const auto&) {
             return Status(400, R"({"status":"error","errorType":"bad_data","error":)"
                                R"("invalid label name: \"http.status\""})");
           }));
  Start(1, false);
  const auto values = [this](const std::string& name) {
    return loop_.RunInVirtualTime(client_->LabelValues(name, {}, In(1000)));
  };
  const auto dotted = values("http.status");
  ASSERT_TRUE(dotted.ok()) << dotted.status();
  EXPECT_TRUE(dotted->items.empty());
  EXPECT_FALSE(values("job").ok());
}

TEST_F(HttpShardClientTest, SaysThroughWhomAQuestionCame) {
  http_.On("a", Upstream([](const auto&) { return Json(R"({"status":"success","data":[]})"); }));
  Start(1, false);
  LabelsRequest request;
  request.via = "far";
  ASSERT_TRUE(loop_.RunInVirtualTime(client_->LabelNames(request, In(1000))).ok());
  EXPECT_EQ(http_.sent().back().request.headers.Get("Synoptic-Via"), "far,me");
  ASSERT_TRUE(loop_.RunInVirtualTime(client_->Json("rules", "", "", In(1000))).ok());
  EXPECT_EQ(http_.sent().back().request.headers.Get("Synoptic-Via"), "me");
}

TEST_F(HttpShardClientTest, PassesDocumentsOnAsTheyAre) {
  const auto ask = [this](const std::string& body, int status = 200) {
    http_.On("a", Upstream([=](const auto&) { return Status(status, body); }));
    auto answer = loop_.RunInVirtualTime(client_->Json("metadata", "limit=1", "", In(1000)));
    return answer.ok() ? answer->data : ReasonOf(answer.status());
  };
  Start(1, false);
  EXPECT_EQ(ask(R"({ "status" : "success" , "data" : {"a":[1.50, "\u00e9"]} , "x":1})"),
            R"({"a":[1.50, "\u00e9"]})");
  EXPECT_EQ(http_.sent().back().request.target, "/api/v1/metadata?limit=1");
  EXPECT_EQ(ask(R"({"data":[],"status":"success"})"), "[]");
  EXPECT_EQ(ask(R"({"status":"success","data":"x"})"), R"("x")");
  EXPECT_EQ(ask("", 204), "null");
  EXPECT_EQ(ask(R"({"status":"success","data":[1,})"), "bad_response");
  EXPECT_EQ(ask(R"({"status":"success","data":[],"data":[]})"), "bad_response");
}

Task<StepAnswer> OneLeg(TaskGroup& group, const Clock& clock, Leg<StepAnswer> leg) {
  std::vector<Leg<StepAnswer>> legs;
  legs.push_back(std::move(leg));
  auto results = co_await FanOut(group, clock, std::move(legs));
  co_return std::move(results[0]);
}

TEST_F(HttpShardClientTest, HoldsNothingOfTheBudgetAfterFailureOrCancellation) {
  http_.On(
      "a", Upstream([](const auto&) {
        return Json(R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":{},)"
                    R"("values":[[1000,"1"]]},{}]}})");
      }));
  Start(1, false);
  MemoryBudget budget("query memory", 0);
  auto failed = loop_.RunInVirtualTime(client_->Steps(Range(), In(1000), &budget));
  EXPECT_EQ(ReasonOf(failed.status()), "bad_response");
  EXPECT_EQ(budget.used(), 0);
  http_.On("a", Upstream([](const auto&) { return Json(Matrix("1"), 500); }));
  TaskGroup group;
  auto late = loop_.RunInVirtualTime(
      OneLeg(group, loop_.clock, {client_->Steps(Range(), In(1000), &budget), In(100)}));
  EXPECT_TRUE(absl::IsDeadlineExceeded(late.status()));
  EXPECT_EQ(budget.used(), 0);
  auto good = loop_.RunInVirtualTime(client_->Steps(Range(), In(1000), &budget));
  ASSERT_TRUE(good.ok());
  EXPECT_EQ(budget.used(), good->info.charged_bytes);
  EXPECT_GT(budget.used(), 0);
}

TEST_F(HttpShardClientTest, WhoWasHedgedIsStillLookedAt) {
  bool frozen = false;
  const auto probe = [&frozen] { return frozen ? Hang() : Json(kOne); };
  const auto others = [&frozen](const auto&) { return frozen ? Hang() : Json(Matrix("7")); };
  http_.On("a", Upstream(others, probe));
  http_.On("b", Upstream(others, probe));
  Start(2, true);
  for (int i = 0; i < 100; ++i) Steps();
  frozen = true;
  TaskGroup group;
  auto given_up = loop_.RunInVirtualTime(
      OneLeg(group, loop_.clock, {client_->Steps(Range(), In(10'000), nullptr), In(1400)}));
  EXPECT_TRUE(absl::IsDeadlineExceeded(given_up.status()));
  EXPECT_EQ(observer_.extra["http://b hedge"], 1) << "else this proves nothing";
  EXPECT_FALSE(client_->available()) << "a probe sent while waiting found both dark";
  EXPECT_EQ(observer_.states["http://a"], "open down");
}

TEST_F(HttpShardClientTest, ObserverHearsOfUnreachableReplicasAtTheStart) {
  http_.On("a", Upstream([](const auto&) { return Refused(); }, Refused));
  Start(1, true);
  EXPECT_EQ(observer_.states["http://a"], "closed up");
  Wait(100);
  EXPECT_EQ(observer_.states["http://a"], "closed down");
  Wait(6000);
  EXPECT_EQ(observer_.states["http://a"], "open down");
  EXPECT_GE(observer_.requests["http://a down"], 2);
}

}  // namespace
}  // namespace synoptic::aggregator
