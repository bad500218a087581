// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/live_probe.h"

#include <algorithm>

#include "aggregator/upstream/external_labels.h"
#include "aggregator/upstream/flavor.h"
#include "aggregator/upstream/remote_read.h"
#include "aggregator/upstream/selector_text.h"
#include "base/status.h"
#include "base/strings.h"
#include "net/async/fan_out.h"
#include "simdjson.h"

namespace synoptic::app {
namespace {

using aggregator::Shard;

constexpr auto kPatience = std::chrono::seconds(5);
constexpr int64_t kWindowMs = 600'000;
constexpr size_t kSample = 40;
constexpr size_t kMaxBytes = size_t{64} << 20;

// One server and how to ask it. Lives as long as the inventory.
struct Server {
  const aggregator::Region* region;
  const Shard* shard;
  const aggregator::Replica* replica;
  net::HttpClient* client;
  const Clock* clock;
};

struct Answer {
  int status = 0;
  std::string body;
  bool victoria = false;  // by a header that only VictoriaMetrics sends
};

Task<Answer> Send(Server server, net::HttpRequest request) {
  const net::Headers own = AuthHeaders(server.shard->auth);
  for (const auto& [name, value] : own.fields()) request.headers.Add(name, value);
  request.replayable = true;
  net::StringSink sink(kMaxBytes);
  CO_RETURN_IF_ERROR(co_await server.client->Send(server.replica->origin, std::move(request), {},
                                                  Deadline::After(*server.clock, kPatience), sink));
  co_return Answer{sink.status(), sink.body(), sink.headers().Get("X-Server-Hostname").has_value()};
}

Task<Answer> Get(Server server, std::string path) {
  net::HttpRequest request;
  request.target = std::move(path);
  return Send(server, std::move(request));
}

// The answer's `data`; an error naming the status where there is none.
Task<Answer> Ask(Server server, std::string path, net::Parameters form) {
  net::HttpRequest request;
  request.method = "POST";
  request.target = std::move(path);
  request.headers.Add("Content-Type", "application/x-www-form-urlencoded");
  request.body = net::EncodeForm(form);
  CO_ASSIGN_OR_RETURN(Answer answer, co_await Send(server, std::move(request)));
  if (answer.status == 200) co_return answer;
  co_return MakeStatus(absl::StatusCode::kUnavailable, "HTTP {}: {}", answer.status,
                       std::string_view(answer.body).substr(0, 200));
}

class Json {
 public:
  explicit Json(std::string_view text) : text_(text) {
    ok_ = parser_.parse(text_).get(root_) == simdjson::SUCCESS;
  }
  std::string Text(std::string_view pointer) const {
    std::string_view value;
    if (!ok_ || root_.at_pointer(pointer).get(value) != simdjson::SUCCESS) return "";
    return std::string(value);
  }
  double Number(std::string_view pointer) const {
    double value = 0;
    if (ok_) (void)root_.at_pointer(pointer).get(value);
    return value;
  }
  bool Has(std::string_view pointer) const {
    return ok_ && root_.at_pointer(pointer).error() == simdjson::SUCCESS;
  }
  std::vector<simdjson::dom::element> List(std::string_view pointer) const {
    std::vector<simdjson::dom::element> items;
    simdjson::dom::array array;
    if (!ok_ || root_.at_pointer(pointer).get(array) != simdjson::SUCCESS) return items;
    for (const simdjson::dom::element item : array) items.push_back(item);
    return items;
  }
  // Of an object: its text.
  std::string Raw(std::string_view pointer) const {
    simdjson::dom::element value;
    if (!ok_ || root_.at_pointer(pointer).get(value) != simdjson::SUCCESS) return "";
    return simdjson::minify(value);
  }

 private:
  simdjson::padded_string text_;
  simdjson::dom::parser parser_;
  simdjson::dom::element root_;
  bool ok_ = false;
};

std::vector<promql::Labels> LabelSets(const Json& json) {
  std::vector<promql::Labels> sets;
  for (const simdjson::dom::element item : json.List("/data")) {
    simdjson::dom::object object;
    if (item.get(object) != simdjson::SUCCESS) continue;
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const simdjson::dom::key_value_pair& field : object) {
      std::string_view value;
      if (field.value.get(value) == simdjson::SUCCESS) pairs.emplace_back(field.key, value);
    }
    sets.push_back(promql::Labels::From(std::move(pairs)));
  }
  std::sort(sets.begin(), sets.end());
  return sets;
}

net::Parameters Window(const Clock& clock) {
  const int64_t now = clock.WallMillis();
  return {{"start", fmt::format("{}", (now - kWindowMs) / 1000)},
          {"end", fmt::format("{}", now / 1000 + 1)}};
}

std::string FlavorOf(const Answer& answer, const Json& json) {
  if (answer.victoria) return "victoriametrics";
  if (json.Text("/data/revision").starts_with("synoptic-")) return "synoptic";
  if (json.Text("/data/application").find("Mimir") != std::string::npos ||
      json.Has("/data/features")) {
    return "mimir";
  }
  const std::string version = json.Text("/data/version");
  if (version.starts_with("0.")) return "thanos";
  return version.empty() ? "" : "prometheus";
}

Task<> LearnClock(Server server, LiveReplica& out) {
  const int64_t before = server.clock->WallMillis();
  // The server's own idea of now: no time is given.
  CO_ASSIGN_OR_RETURN(const Answer answer,
                      co_await Ask(server, "/api/v1/query", {{"query", "time()"}}));
  const int64_t after = server.clock->WallMillis();
  const Json json(answer.body);
  const double seconds = json.Number("/data/result/0");
  if (seconds == 0) co_return absl::OkStatus();  // answers in a form of its own
  out.skew_ms = static_cast<int64_t>(seconds * 1000) - (before + after) / 2;
  out.skew_error_ms = (after - before + 1) / 2 + 1;
  co_return absl::OkStatus();
}

Task<> LearnRemoteRead(Server server, LiveReplica& out) {
  const bool wanted = server.shard->read != aggregator::ReadForm::kQuery &&
                      aggregator::TraitsOf(server.shard->flavor).remote_read;
  if (!wanted) co_return absl::OkStatus();
  aggregator::RawRequest raw;
  raw.min_t = raw.max_t = server.clock->WallMillis();
  raw.matchers = {*promql::Matcher::Create(promql::MatchOp::kEqual, "__name__",
                                           "synoptic_no_series_has_this_name")};
  net::HttpRequest request;
  request.method = "POST";
  request.target = "/api/v1/read";
  request.headers.Add("Content-Type", "application/x-protobuf");
  request.headers.Add("Content-Encoding", "snappy");
  request.headers.Add("X-Prometheus-Remote-Read-Version", "0.1.0");
  request.body = aggregator::EncodeReadRequest(raw, true);
  CO_ASSIGN_OR_RETURN(const Answer answer, co_await Send(server, std::move(request)));
  out.remote_read = answer.status == 200;
  co_return absl::OkStatus();
}

Task<> LearnSeries(Server server, LiveReplica& out) {
  net::Parameters form = Window(*server.clock);
  form.emplace_back("match[]", "up");
  CO_ASSIGN_OR_RETURN(Answer answer, co_await Ask(server, "/api/v1/series", form));
  std::vector<promql::Labels> sets = LabelSets(Json(answer.body));
  out.has_canary = !sets.empty();
  if (const std::string& canary = server.region->canary; !canary.empty() && canary != "up") {
    net::Parameters asked = Window(*server.clock);
    asked.emplace_back("match[]", canary);
    asked.emplace_back("limit", "1");
    CO_ASSIGN_OR_RETURN(const Answer of_canary, co_await Ask(server, "/api/v1/series", asked));
    out.has_canary = !LabelSets(Json(of_canary.body)).empty();
  }
  if (sets.empty()) {
    // No scraped targets: whatever there is.
    form.back() = {"match[]", "{__name__!=\"\"}"};
    form.emplace_back("limit", "1000");
    CO_ASSIGN_OR_RETURN(answer, co_await Ask(server, "/api/v1/series", form));
    sets = LabelSets(Json(answer.body));
  }
  out.series = sets.size();
  const size_t stride = std::max<size_t>(1, sets.size() / kSample);
  for (size_t i = 0; i < sets.size() && out.sample.size() < kSample; i += stride) {
    out.sample.push_back(sets[i]);
  }
  CO_ASSIGN_OR_RETURN(answer, co_await Ask(server, "/api/v1/labels", Window(*server.clock)));
  const Json names(answer.body);
  for (const simdjson::dom::element item : names.List("/data")) {
    std::string_view name;
    if (item.get(name) == simdjson::SUCCESS) out.label_names.emplace_back(name);
  }
  co_return absl::OkStatus();
}

Task<LiveReplica> Probe(Server server) {
  LiveReplica out;
  out.region = server.region->name;
  out.shard = server.shard->name;
  out.url = server.replica->url;
  absl::StatusOr<Answer> info = co_await Get(server, "/api/v1/status/buildinfo");
  absl::Status status = info.status();
  if (info.ok() && info->status == 200) {
    const Json json(info->body);
    out.version = json.Text("/data/version");
    out.flavor = FlavorOf(*info, json);
  }
  if (status.ok()) status = co_await LearnClock(server, out);
  if (status.ok()) status = co_await LearnSeries(server, out);
  if (status.ok()) status = co_await LearnRemoteRead(server, out);
  if (!status.ok()) {
    out.error = std::string(MessageOf(status));
    co_return out;
  }
  const absl::StatusOr<Answer> config = co_await Get(server, "/api/v1/status/config");
  if (config.ok() && config->status == 200) {
    auto labels = aggregator::ParseExternalLabels(Json(config->body).Raw("/data"));
    if (labels.ok()) out.external = *std::move(labels);
  }
  co_return out;
}

// How many of a sample another server holds.
Task<LiveOverlap> Compare(Server at, std::vector<promql::Labels> sample, LiveOverlap overlap) {
  net::Parameters form = Window(*at.clock);
  for (const promql::Labels& labels : sample) {
    std::vector<promql::Matcher> matchers;
    for (const promql::Label label : labels) {
      matchers.push_back(*promql::Matcher::Create(promql::MatchOp::kEqual, std::string(label.name),
                                                  std::string(label.value)));
    }
    form.emplace_back("match[]", aggregator::SelectorText(matchers));
  }
  CO_ASSIGN_OR_RETURN(const Answer answer, co_await Ask(at, "/api/v1/series", form));
  const std::vector<promql::Labels> held = LabelSets(Json(answer.body));
  overlap.asked = sample.size();
  for (const promql::Labels& labels : sample) {
    overlap.held += std::binary_search(held.begin(), held.end(), labels) ? 1 : 0;
  }
  co_return overlap;
}

// Whom to compare: replicas of a shard with its first, and shards' first ones with each other.
bool Worthwhile(const std::vector<LiveReplica>& replicas, size_t from, size_t at) {
  const auto first = [&](size_t i) {
    for (size_t j = 0; j < i; ++j) {
      if (replicas[j].error.empty() && replicas[j].region == replicas[i].region &&
          replicas[j].shard == replicas[i].shard) {
        return false;
      }
    }
    return true;
  };
  if (from == at || !replicas[from].error.empty() || !replicas[at].error.empty()) return false;
  const bool same =
      replicas[from].region == replicas[at].region && replicas[from].shard == replicas[at].shard;
  return same ? first(from) || first(at) : from < at && first(from) && first(at);
}

}  // namespace

Task<LiveAnswers> ProbeAll(const aggregator::Inventory& inventory, HttpClients& clients,
                           const Clock& clock, TaskGroup& group) {
  std::vector<Server> servers;
  for (const aggregator::Region& region : inventory.regions) {
    for (const Shard& shard : region.shards) {
      CO_ASSIGN_OR_RETURN(net::HttpClient * client, clients.Get(shard.tls, shard.auth));
      for (const aggregator::Replica& replica : shard.replicas) {
        servers.push_back({&region, &shard, &replica, client, &clock});
      }
    }
  }
  std::vector<Leg<LiveReplica>> legs;
  for (const Server& server : servers) legs.push_back({Probe(server)});
  LiveAnswers answers;
  for (auto& replica : co_await FanOut(group, clock, std::move(legs))) {
    CO_RETURN_IF_ERROR(replica.status());
    answers.replicas.push_back(*std::move(replica));
  }
  std::vector<Leg<LiveOverlap>> comparisons;
  for (size_t from = 0; from < servers.size(); ++from) {
    for (size_t at = 0; at < servers.size(); ++at) {
      if (!Worthwhile(answers.replicas, from, at) || answers.replicas[from].sample.empty())
        continue;
      comparisons.push_back(
          {Compare(servers[at], answers.replicas[from].sample, {from, at, 0, 0})});
    }
  }
  for (const auto& overlap : co_await FanOut(group, clock, std::move(comparisons))) {
    if (overlap.ok()) answers.overlaps.push_back(*overlap);
  }
  co_return answers;
}

}  // namespace synoptic::app
