// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/rule_rounds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "aggregator/query/testing/planned_world.h"
#include "base/strings.h"
#include "net/async/testing.h"

namespace synoptic::aggregator {
namespace {

using promql::Grid;
using promql::Labels;
using promql::RawSeries;
using promql::SampleColumns;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr int64_t kStart = 1'700'000'000'000;
constexpr MonoDuration kGather = std::chrono::milliseconds(10);

// Half an hour of x, a counter, and y, a gauge with holes, for three jobs and some instances.
std::vector<RawSeries> Data(Random& random, int instances) {
  std::vector<RawSeries> out;
  for (const char* name : {"x", "y"}) {
    for (const char* job : {"api", "db", "web"}) {
      for (int i = 0; i < instances; ++i) {
        SampleColumns samples;
        double value = random.Value();
        const int64_t phase = random.Below(15'000);
        for (int64_t t = kStart; t < kStart + 1'800'000; t += 15'000) {
          value = name[0] == 'x' ? value + random.Value() : random.Value();
          if (name[0] == 'y' && random.OneIn(15)) {
            samples.push_back(t + phase, promql::StaleNaN());
          } else if (!random.OneIn(30)) {
            samples.push_back(t + phase, value);
          }
        }
        out.push_back({Labels::From({{"__name__", name}, {"job", job}, {"i", absl::StrCat(i)}}),
                       std::move(samples)});
      }
    }
  }
  return out;
}

class RuleRoundsTest : public ::testing::Test {
 protected:
  void Start(int instances = 3, uint64_t seed = 1) {
    Random random(seed);
    Upstreams upstreams;
    shards.clear();
    for (const char* name : {"ap", "eu", "us"}) {
      Region region;
      region.name = name;
      region.labels = Labels::From({{"region", name}});
      region.policy = RegionPolicy::kDegrade;
      region.shards.emplace_back();
      upstreams.inventory.regions.push_back(region);
      shards.push_back(std::make_shared<FakeShard>(
          loop.clock, promql::TopologyShard{name, "main", region.labels},
          std::vector<std::string>{"region"}, Data(random, instances)));
      upstreams.clients.push_back(shards.back());
    }
    service = NewQueryService({}, std::move(upstreams), pool, loop.clock);
  }

  QueryRequest Request(std::string text, int64_t time_ms) {
    QueryRequest request;
    request.text = std::move(text);
    request.grid = Grid::Instant(time_ms);
    request.partial = PartialPolicy::kDegrade;
    request.lane = Lane::kRules;
    return request;
  }

  template <class Result>
  Result Run(boost::asio::awaitable<Result> task) {
    auto slot = loop.Start(std::move(task));
    for (int idle = 0; !slot->has_value() && idle < 2'000;) {
      loop.context.restart();
      if (loop.context.run_one_for(std::chrono::milliseconds(2)) > 0) continue;
      ++idle;
      loop.clock.AdvanceToNextWake();
    }
    if (!slot->has_value()) return absl::DeadlineExceededError("the test's query did not end");
    return *std::move(*slot);
  }

  // At `time_ms` by the wall's clock, too: it tells what has settled.
  TogetherAnswers Together(const std::vector<std::string>& texts, int64_t time_ms) {
    if (loop.clock.WallMillis() < time_ms) {
      loop.clock.AdvanceMillis(time_ms - loop.clock.WallMillis());
    }
    std::vector<QueryRequest> requests;
    for (const std::string& text : texts) requests.push_back(Request(text, time_ms));
    auto answers = Run(service->QueryTogether(std::move(requests), kGather));
    EXPECT_TRUE(answers.ok()) << answers.status();
    return answers.ok() ? *std::move(answers) : TogetherAnswers(texts.size());
  }

  AsyncTest loop;
  ComputePool pool{1};
  std::vector<std::shared_ptr<FakeShard>> shards;
  std::unique_ptr<FederatedQueryService> service;
};

// Rows as text, sorted. Errors are alike: asked alone, they name the shard that refused.
std::vector<std::string> Rows(const absl::StatusOr<QueryAnswer>& answer) {
  if (!answer.ok()) return {"error"};
  std::vector<std::string> out;
  for (const auto& series : answer->value.series) {
    if (promql::IsAbsent(series.values[0])) continue;
    out.push_back(absl::StrCat(ToAbsl(series.labels.ToString()), " ", series.values[0]));
  }
  std::sort(out.begin(), out.end());
  return out;
}

TEST_F(RuleRoundsTest, ReadsEachMetricOnceForAllRules) {
  Start();
  const auto answers = Together({"sum(rate(x[1m]))", "max by (job) (x)", "x{job=\"db\"} > y",
                                 "sum by (region) (increase(x{job=\"api\"}[5m]))"},
                                kStart + 900'000);
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer.has_value());
    EXPECT_TRUE(answer->ok()) << answer->status();
    EXPECT_THAT(Rows(*answer), testing::Not(IsEmpty()));
  }
  EXPECT_THAT(shards[0]->asked,
              UnorderedElementsAre("steps count(x)", "steps count(y)", "raw x", "raw y"));
  // From now on it is known how many series there are.
  shards[0]->asked.clear();
  Together({"sum(rate(x[1m]))", "sum(x)"}, kStart + 915'000);
  EXPECT_THAT(shards[0]->asked, ElementsAre("raw x"));
}

TEST_F(RuleRoundsTest, CallsThatComeWithinAMomentShareARound) {
  Start();
  Together({"sum(x)"}, kStart + 900'000);
  shards[0]->asked.clear();
  auto first = loop.Start(service->QueryTogether({Request("max(x)", kStart + 915'000)}, kGather));
  auto second = loop.Start(service->QueryTogether({Request("min(x)", kStart + 914'000)}, kGather));
  for (int idle = 0; (!first->has_value() || !second->has_value()) && idle < 2'000; ++idle) {
    loop.context.restart();
    if (loop.context.run_one_for(std::chrono::milliseconds(2)) == 0) {
      loop.clock.AdvanceToNextWake();
    }
  }
  ASSERT_TRUE(first->has_value() && second->has_value());
  EXPECT_TRUE((**second)->front().has_value());
  EXPECT_THAT(shards[0]->asked, ElementsAre("raw x"));
}

TEST_F(RuleRoundsTest, AnswersAreThoseOfTheRuleAskedAlone) {
  const std::vector<std::string> texts = {
      "x",
      "sum(rate(x[1m]))",
      "rate(x{job=~\"a.*|db\"}[5m])",
      "sum by (region, job) (increase(x{region!=\"eu\"}[3m]))",
      "max without (i) (y) > 40",
      "y offset 2m",
      "x{i=\"1\"} / on (region, job) group_left sum by (region, job) (x)",
      "count by (job) (y) or sum(x{job=\"none\"})",
      "absent(x{job=\"none\"})",
      "absent(x{job=\"db\"})",
      "quantile(0.9, avg_over_time(y[4m]))",
      "max_over_time(sum(rate(x[1m]))[5m:30s])",
      "last_over_time(y[30s])",
      "sum(y) by (region) unless sum(y{job=\"db\"} > 50) by (region)",
      "topk(2, x)",
      "{__name__=~\"x|y\",job=\"db\"}",
      "sum(y @ end())",
      "sum(rate(x[2h]))",
      "sum(y offset -1m)",
      "vector(1)",
      "label_replace(y, \"z\", \"$1\", \"job\", \"(.).*\")",
      "y + ignoring (i) x",
  };
  int compared = 0;
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    Start(3, seed);
    // Ticks not all of one length.
    for (const int64_t at : {400'000, 415'000, 430'000, 431'500, 500'000, 1'100'000, 1'115'000}) {
      const int64_t time_ms = kStart + at;
      const TogetherAnswers answers = Together(texts, time_ms);
      for (size_t i = 0; i < texts.size(); ++i) {
        if (!answers[i].has_value()) continue;
        ++compared;
        const auto alone = Run(service->Query(Request(texts[i], time_ms)));
        EXPECT_EQ(Rows(*answers[i]), Rows(alone)) << texts[i] << " at " << at;
      }
    }
  }
  EXPECT_GT(compared, 3 * 7 * 14);
}

TEST_F(RuleRoundsTest, AMissingRegionIsMissingForTheRulesThatReadIt) {
  Start();
  Together({"sum(x)"}, kStart + 900'000);
  shards[1]->fault = absl::UnavailableError("gone");
  const auto answers = Together(
      {"sum by (region) (x)", "sum(x{region=\"us\"})", "sum(x{region=\"eu\"})"}, kStart + 915'000);
  ASSERT_TRUE(answers[0].has_value() && answers[0]->ok());
  EXPECT_FALSE((*answers[0])->coverage.complete());
  EXPECT_EQ((*answers[0])->value.series.size(), 2u);  // nothing of what was kept of eu
  ASSERT_TRUE(answers[1].has_value() && answers[1]->ok());
  EXPECT_TRUE((*answers[1])->coverage.complete());
  ASSERT_TRUE(answers[2].has_value() && answers[2]->ok());
  EXPECT_FALSE((*answers[2])->coverage.complete());
  EXPECT_THAT((*answers[2])->value.series, IsEmpty());
  shards[1]->fault = absl::OkStatus();
  const auto again = Together({"sum by (region) (x)"}, kStart + 930'000);
  ASSERT_TRUE(again[0].has_value() && again[0]->ok());
  EXPECT_TRUE((*again[0])->coverage.complete());
  EXPECT_EQ((*again[0])->value.series.size(), 3u);
}

TEST_F(RuleRoundsTest, OneRuleOverManySeriesIsPushedDown) {
  Start(/*instances=*/120);
  EXPECT_FALSE(Together({"sum(x)"}, kStart + 900'000)[0].has_value());
  EXPECT_THAT(shards[0]->asked, ElementsAre("steps count(x)"));
  // Many rules make reading worth it.
  std::vector<std::string> many;
  for (int i = 0; i < 10; ++i) many.push_back(absl::StrCat("sum(x) > ", i));
  EXPECT_TRUE(Together(many, kStart + 901'000)[0].has_value());
}

TEST_F(RuleRoundsTest, WhatAnUpstreamRefusesIsAskedAlone) {
  Start();
  shards[1]->fault = absl::ResourceExhaustedError("too many samples");
  shards[1]->fault_on = "raw x";
  const auto answers = Together({"sum(x)", "sum(y)"}, kStart + 900'000);
  EXPECT_FALSE(answers[0].has_value());
  EXPECT_TRUE(answers[1].has_value());
}

}  // namespace
}  // namespace synoptic::aggregator
