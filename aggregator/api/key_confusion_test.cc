// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Key confusion: many requests that differ a little, to an Api that keeps answers and to one that
// does not. What the service is asked is in its answer, so a kept answer to another question shows.
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "aggregator/api/api.h"
#include "aggregator/upstream/loop_guard.h"
#include "base/fake_clock.h"
#include "base/rng.h"
#include "fmt/format.h"
#include "net/async/runtime.h"

namespace synoptic::aggregator {
namespace {

using promql::Labels;

// Answers with what it was asked.
class EchoService final : public QueryService {
 public:
  Task<QueryAnswer> Query(QueryRequest request) override {
    ++asked;
    QueryAnswer answer;
    answer.value.type =
        request.range_query ? promql::ValueType::kMatrix : promql::ValueType::kVector;
    answer.value.grid = request.grid;
    const Labels labels =
        Labels::From({{"lookback", absl::StrCat(request.lookback_ms)},
                      {"partial", absl::StrCat(static_cast<int>(request.partial))},
                      {"regions", absl::StrJoin(request.regions, ",")},
                      {"text", request.text},
                      {"via", request.via}});
    for (int64_t i = 0; i < 4; ++i) {
      promql::LabelsBuilder builder(labels);
      builder.Set("i", absl::StrCat(i));
      answer.value.series.push_back({builder.Build(), std::vector<double>(request.grid.size(), 1)});
    }
    if (request.limit > 0 && request.limit < 4) {
      answer.value.series.resize(static_cast<size_t>(request.limit));
    }
    answer.annotations.AddWarning("PromQL warning: one");
    answer.annotations.AddInfo("PromQL info: two");
    PartCoverage part;
    part.region = "eu";
    part.shard = "main";
    answer.coverage.Add(part);
    co_return answer;
  }
  Task<RawQueryAnswer> Raw(RawQuery) override { co_return RawQueryAnswer(); }
  Task<SeriesAnswer> Series(LabelsQuery) override { co_return SeriesAnswer(); }
  Task<ListAnswer<std::string>> LabelNames(LabelsQuery) override {
    co_return ListAnswer<std::string>();
  }
  Task<ListAnswer<std::string>> LabelValues(std::string, LabelsQuery) override {
    co_return ListAnswer<std::string>();
  }
  Task<ListAnswer<ShardDocument>> Documents(DocumentsQuery) override {
    co_return ListAnswer<ShardDocument>();
  }
  int asked = 0;
};

class NoServer final : public ServerView {
 public:
  BuildInfo Build() const override { return {}; }
  RuntimeInfo Runtime() const override { return {}; }
  std::string ConfigYaml() const override { return ""; }
  std::vector<std::pair<std::string, std::string>> Flags() const override { return {}; }
  std::vector<std::string> Alertmanagers() const override { return {}; }
  bool Ready() const override { return true; }
  std::string MetricsText() const override { return ""; }
  Task<> Reload() override { co_return absl::OkStatus(); }
};

// The choices for each parameter; empty: the parameter is not sent.
const std::vector<std::pair<std::string, std::vector<std::string>>>& Choices() {
  static const auto& choices = *new std::vector<std::pair<std::string, std::vector<std::string>>>{
      {"query", {"up", "up ", "1up", "sum(up)", "up&limit=1", "u|p"}},
      {"time", {"1699990000", "1699990001", ""}},
      {"start", {"1699990000", "1699990001"}},
      {"end", {"1699990100", "1699990101"}},
      {"step", {"10", "10s", "11"}},
      {"lookback_delta", {"", "1m", "2m"}},
      {"limit", {"", "1", "2", "10"}},
      {"stats", {"", "all"}},
      {"partial", {"", "require", "degrade"}},
      {"regions", {"", "eu", "us", "eu,us"}},
      {"notices", {"", "none", "warnings"}},
      {"coverage", {"", "1"}},
      {"timeout", {"", "5s"}},
      {"dedup", {"", "false"}},
  };
  return choices;
}

// Bodies without the times that `stats` tells.
std::string Comparable(const net::HttpResponse& response) {
  std::string body = response.plain();
  if (const size_t at = body.find("\"stats\""); at != std::string::npos) body.resize(at);
  return fmt::format("{} {} {}", response.status,
                     response.headers.Get("Synoptic-Coverage").value_or("none"), body);
}

TEST(KeyConfusion, NobodyGetsTheAnswerToAnotherQuestion) {
  FakeClock clock(1'700'000'000'000);
  const auto runtime = StartRuntime(1);
  EchoService service;
  NoServer server;
  Metrics metrics;
  promql::Topology topology;
  topology.shards = {{"eu", "main", Labels::From({{"region", "eu"}})},
                     {"us", "main", Labels::From({{"region", "us"}})}};
  ApiOptions none;
  none.answer_memory_bytes = 0;
  const ApiDependencies deps{service, clock, runtime->compute(), server, metrics};
  const auto keeping = NewApi(deps, topology, {});
  const auto forgetting = NewApi(deps, topology, none);
  SeededRng rng(7);
  const auto pick = [&rng](const std::vector<std::string>& from) {
    return from[static_cast<size_t>(rng.Uniform() * static_cast<double>(from.size()))];
  };
  int kept = 0;
  constexpr int kRequests = 4'000;
  for (int n = 0; n < kRequests; ++n) {
    const bool range = rng.Uniform() < 0.5;
    net::HttpRequest request;
    net::Parameters parameters;
    // Most parameters are their first choice, so that requests meet again.
    for (const auto& [name, values] : Choices()) {
      const std::string value = rng.Uniform() < 0.8 ? values.front() : pick(values);
      if (!value.empty()) parameters.emplace_back(name, value);
    }
    if (rng.Uniform() < 0.3) std::swap(parameters.front(), parameters.back());
    for (const auto& [name, values] : std::vector<std::pair<std::string, std::vector<std::string>>>{
             {"FromAlert", {"true", "false"}},
             {"X-Scope-OrgID", {"a", "b"}},
             {"Authorization", {"Basic YTpi", "Bearer c"}},
             {"Accept-Encoding", {"gzip"}},
             {std::string(kViaHeader), {"other-1"}}}) {
      if (rng.Uniform() < 0.2) request.headers.Add(name, pick(values));
    }
    request.target = range ? "/api/v1/query_range" : "/api/v1/query";
    const auto send = [&](const Api& api) {
      net::RequestContext context{request, {}, {}, {}, {}, {}};
      context.path = request.target;
      context.parameters = parameters;
      return BlockOn<absl::StatusOr<net::HttpResponse>>(runtime->executor(), api.Handle(context));
    };
    const int before = service.asked;
    const auto got = send(*keeping);
    const bool from_memory = service.asked == before;
    const auto want = send(*forgetting);
    ASSERT_TRUE(got.ok() && want.ok());
    kept += from_memory && got->status == 200 ? 1 : 0;
    ASSERT_EQ(Comparable(*got), Comparable(*want)) << net::EncodeForm(parameters);
  }
  EXPECT_GT(kept, kRequests / 20) << "answers must have been kept for this to mean anything";
}

}  // namespace
}  // namespace synoptic::aggregator
