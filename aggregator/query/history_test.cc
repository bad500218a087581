// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What is shown of a region that went dark: at each step the value of all regions where the cache
// knows all that the step looks at, and elsewhere exactly what there is without the region.
#include "aggregator/query/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>

#include "aggregator/cache/fragment_cache.h"
#include "aggregator/query/service.h"
#include "aggregator/query/testing/fake_shard.h"
#include "net/async/testing.h"

namespace synoptic::aggregator {
namespace {

using promql::Grid;
using promql::Labels;
using promql::RawSeries;
using promql::SampleColumns;
using ::testing::HasSubstr;

constexpr int64_t kNow = 1'700'000'000'000;
constexpr int64_t kRecent = 120'000;
constexpr int64_t kStep = 30'000;

// c_total and x of three jobs for two hours, every 15 s.
std::vector<RawSeries> Data(double value) {
  std::vector<RawSeries> out;
  for (const char* job : {"a", "b", "c"}) {
    for (const bool counter : {true, false}) {
      SampleColumns samples;
      double total = 0;
      for (int64_t t = kNow - 3'600'000; t <= kNow + 7'200'000; t += 15'000) {
        total += value + static_cast<double>(t / 15'000 % 7) + job[0];
        samples.push_back(t, counter ? total : value * 8 + static_cast<double>(t / 15'000 % 11));
      }
      out.push_back({Labels::From({{"__name__", counter ? "c_total" : "x"}, {"job", job}}),
                     std::move(samples)});
    }
  }
  return out;
}

class HistoryTest : public ::testing::Test {
 protected:
  HistoryTest() {
    loop.clock.AdvanceMillis(kNow - loop.clock.WallMillis());
    FragmentCacheOptions options;
    options.shard.recent_ms = kRecent;
    cache = std::make_shared<FragmentCache>(options, loop.clock, pool, loop.executor());
    Start(/*pushdown=*/true);
  }

  void Start(bool pushdown) {
    Upstreams upstreams;
    shards.clear();
    double value = 1;
    for (const char* name : {"ap", "eu", "us"}) {
      Region region;
      region.name = name;
      region.labels = Labels::From({{"region", name}});
      region.policy = policy;
      region.shards.emplace_back();
      upstreams.inventory.regions.push_back(region);
      shards.push_back(std::make_shared<FakeShard>(
          loop.clock, promql::TopologyShard{name, "main", region.labels},
          std::vector<std::string>{"region"}, Data(value)));
      upstreams.clients.push_back(shards.back());
      upstreams.caches.push_back(cache->Of({name, "main", ""}));
      value *= 2;
    }
    QueryServiceOptions options;
    options.pushdown = pushdown;
    service = NewQueryService(options, std::move(upstreams), pool, loop.clock);
  }

  void Dark(size_t i, bool dark) {
    shards[i]->fault = dark ? absl::UnavailableError("connection refused") : absl::OkStatus();
  }

  QueryRequest Range(std::string text, int64_t start, int64_t end) {
    QueryRequest request;
    request.text = std::move(text);
    request.grid = {start, end, kStep};
    request.range_query = true;
    return request;
  }
  absl::StatusOr<QueryAnswer> Ask(QueryRequest request) {
    return loop.Run(service->Query(std::move(request)));
  }
  absl::StatusOr<QueryAnswer> AskWithout(QueryRequest request) {
    request.nocache = true;
    return Ask(std::move(request));
  }

  RegionPolicy policy = RegionPolicy::kDegrade;
  AsyncTest loop;
  ComputePool pool{1};
  std::shared_ptr<FragmentCache> cache;
  std::vector<std::shared_ptr<FakeShard>> shards;
  std::unique_ptr<FederatedQueryService> service;
};

std::map<std::string, uint64_t> At(const QueryAnswer& answer, size_t i) {
  std::map<std::string, uint64_t> out;
  for (const promql::StepSeries& one : answer.value.series) {
    if (promql::IsAbsent(one.values[i])) continue;
    out[one.labels.ToString()] = std::bit_cast<uint64_t>(one.values[i]);
  }
  return out;
}

constexpr const char* kTexts[] = {
    "sum(x)",
    "sum by (region) (rate(c_total[5m]))",
    "sum(rate(c_total[2m])) / sum(x)",
    "max_over_time(sum(x)[10m:1m])",
    "quantile(0.5, x)",
    "rate(c_total[5m])",
    "topk(2, sum by (region, job) (x))",
    "sum(x offset 7m) - sum(x)",
    "stddev(x) + count(c_total)",
    "vector(scalar(sum(x{region=\"eu\"})))",  // nobody else need be asked
};

TEST_F(HistoryTest, AStepIsThatOfAllRegionsOrOfThoseThatAnswer) {
  for (const bool pushdown : {true, false}) {
    Start(pushdown);
    for (const char* text : kTexts) {
      const int64_t seen = loop.clock.WallMillis();
      ASSERT_TRUE(Ask(Range(text, seen - 1'800'000, seen)).ok());
      loop.clock.AdvanceMillis(300'000);
      const QueryRequest now = Range(text, seen - 1'500'000, seen + 300'000);
      const auto all = AskWithout(now);
      Dark(1, true);
      const auto rest = AskWithout(now);
      const auto shown = Ask(now);
      Dark(1, false);
      ASSERT_TRUE(all.ok() && rest.ok() && shown.ok()) << text << shown.status();
      EXPECT_EQ(rest->coverage.HeaderValue().find("stale"), std::string::npos);

      size_t with = 0;
      for (size_t i = 0; i < now.grid.size(); ++i) {
        const bool settled = now.grid.at(i) <= seen - kRecent;
        // (A subquery's newest point may lie well before its step, and be known.)
        const bool is_rest = !settled && At(*shown, i) == At(*rest, i);
        EXPECT_TRUE(is_rest || At(*shown, i) == At(*all, i))
            << text << " step " << i << (settled ? " is settled" : " is not");
        with += settled ? 1 : 0;
      }
      EXPECT_GT(with, 40u);
      EXPECT_EQ(At(*shown, now.grid.size() - 1), At(*rest, now.grid.size() - 1)) << text;
      EXPECT_TRUE(std::is_sorted(shown->value.series.begin(), shown->value.series.end(),
                                 [](const auto& a, const auto& b) { return a.labels < b.labels; }));
      EXPECT_THAT(shown->coverage.HeaderValue(), HasSubstr("partial; missing=eu("));
      EXPECT_THAT(shown->coverage.HeaderValue(), HasSubstr("; stale=eu(300s)"));
      EXPECT_THAT(*shown->coverage.WarningLine(3), HasSubstr(", shown until 2023-11-"));
    }
  }
}

TEST_F(HistoryTest, WhatIsKnownWhollyIsAnAnswerEvenWhereTheRegionIsRequired) {
  policy = RegionPolicy::kRequire;
  Start(/*pushdown=*/true);
  const QueryRequest past = Range("sum(x)", kNow - 1'800'000, kNow - 600'000);
  const auto before = Ask(past);
  ASSERT_TRUE(before.ok());
  // The breaker is open: nobody is asked at all.
  for (const auto& shard : shards) shard->up = false;
  const auto shown = Ask(past);
  ASSERT_TRUE(shown.ok()) << shown.status();
  for (size_t i = 0; i < past.grid.size(); ++i) EXPECT_EQ(At(*shown, i), At(*before, i));
  EXPECT_TRUE(shown->coverage.complete());
  EXPECT_EQ(shown->coverage.HeaderValue(), "complete; stale=ap(0s),eu(0s),us(0s)");

  // The live edge is not there: no answer for who requires it.
  const auto live = Ask(Range("sum(x)", kNow - 1'800'000, kNow));
  EXPECT_TRUE(absl::IsUnavailable(live.status())) << live.status();
  QueryRequest degrade = Range("sum(x)", kNow - 1'800'000, kNow);
  degrade.partial = PartialPolicy::kDegrade;
  const auto part = Ask(degrade);
  ASSERT_TRUE(part.ok()) << part.status();
  EXPECT_FALSE(part->coverage.complete());
  EXPECT_TRUE(At(*part, degrade.grid.size() - 1).empty()) << "the live edge is empty";
}

TEST_F(HistoryTest, RulesAreNotMadeFromMemories) {
  QueryRequest past = Range("sum(x)", kNow - 1'800'000, kNow - 600'000);
  ASSERT_TRUE(Ask(past).ok());
  Dark(1, true);
  shards[1]->up = false;
  past.lane = Lane::kRules;
  const auto answer = Ask(past);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(answer->coverage.HeaderValue(), ::testing::StartsWith("partial; missing=eu("));
  EXPECT_EQ(answer->coverage.HeaderValue().find("stale"), std::string::npos);
}

}  // namespace
}  // namespace synoptic::aggregator
