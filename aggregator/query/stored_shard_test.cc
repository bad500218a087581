// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
// A shard whose history lies in a fresh and an old store answers as one that holds all of it,
// wherever the border falls.

#include "aggregator/query/stored_shard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aggregator/query/service.h"
#include "aggregator/query/testing/fake_shard.h"
#include "base/status.h"
#include "net/async/testing.h"

namespace synoptic::aggregator {
namespace {

using promql::Grid;
using promql::Labels;
using promql::RawSeries;
using promql::SampleColumns;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr int64_t kNow = 1'700'000'000'000;
constexpr int64_t kMinute = 60'000;

// What is between two ages, in minutes: a counter that is reset now and then, a gauge with a gap.
std::vector<RawSeries> Data(int64_t oldest, int64_t newest) {
  std::vector<RawSeries> out;
  for (const char* instance : {"a", "b"}) {
    SampleColumns counter, gauge;
    const int64_t shift = instance[0] == 'a' ? 0 : 7'000;
    for (int64_t t = kNow - 300 * kMinute; t <= kNow; t += 30'000) {
      const int64_t at = t + shift;
      if (at < kNow - oldest * kMinute || at > kNow - newest * kMinute) continue;
      counter.push_back(at, static_cast<double>(at / 1000 % 2'345));
      if (at / 1000 % 1'700 > 500) gauge.push_back(at, static_cast<double>(at / 1000 % 77) * 0.1);
    }
    out.push_back({Labels::From({{"__name__", "c"}, {"instance", instance}}), std::move(counter)});
    out.push_back({Labels::From({{"__name__", "g"}, {"instance", instance}}), std::move(gauge)});
  }
  return out;
}

struct Held {
  int64_t min_age = 0, max_age = 0;  // minutes
};

class StoredShardTest : public ::testing::Test {
 protected:
  using Service = std::unique_ptr<FederatedQueryService>;

  // Stores hold a little more than they say, as real ones do.
  Service Start(const std::vector<Held>& stores) {
    Upstreams upstreams;
    Region region;
    region.name = "eu";
    region.labels = Labels::From({{"region", "eu"}});
    shards.clear();
    for (const Held& held : stores) {
      Shard shard;
      shard.name = std::to_string(region.shards.size());
      shard.min_age_ms = held.min_age * kMinute;
      shard.max_age_ms = held.max_age * kMinute;
      region.shards.push_back(shard);
      shards.push_back(std::make_shared<FakeShard>(
          loop.clock, promql::TopologyShard{"eu", shard.name, region.labels},
          std::vector<std::string>{"region"},
          Data(held.max_age == 0 ? 301 : held.max_age + 1, held.min_age - 1)));
      upstreams.clients.push_back(shards.back());
    }
    upstreams.inventory.regions.push_back(region);
    return NewQueryService({}, std::move(upstreams), pool, loop.clock);
  }

  QueryAnswer Ask(FederatedQueryService& service, std::string text, int64_t from_age,
                  int64_t to_age) {
    QueryRequest request;
    request.text = std::move(text);
    request.grid = {kNow - from_age * kMinute, kNow - to_age * kMinute, 45'000};
    request.range_query = true;
    request.explain = true;
    auto answer = loop.Run(service.Query(std::move(request)));
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? *std::move(answer) : QueryAnswer();
  }

  AsyncTest loop;  // its clock starts at kNow
  ComputePool pool{1};
  std::vector<std::shared_ptr<FakeShard>> shards;
};

std::string Text(const QueryAnswer& answer) {
  std::string out;
  for (const promql::StepSeries& series : answer.value.series) {
    out += series.labels.ToString();
    for (size_t i = 0; i < series.values.size(); ++i) {
      if (!promql::IsAbsent(series.values[i])) out += fmt::format(" {}:{}", i, series.values[i]);
    }
    out += "\n";
  }
  return out;
}

const char* const kQueries[] = {
    "c",
    "sum(c)",
    "sum by (instance) (rate(c[10m]))",
    "increase(c[37m])",
    "max_over_time(g[20m] offset 50m)",
    "sum(rate(c[5m] offset -10m))",
    "avg(g @ 1699994000)",
    "sum(c) / sum(c @ 1699996700)",
    "max_over_time(sum(rate(c[5m]))[30m:1m])",
    "quantile(0.5, g)",
    "count_over_time(g[2h])",
    "absent(g{instance=\"a\"})",
    "sum(nothing) or vector(7)",
    "c * on (instance) group_left () g",
};

TEST_F(StoredShardTest, AnswersAsOneThatHoldsAll) {
  const auto truth = Start({{0, 0}});
  const std::vector<std::vector<Held>> layouts = {
      {{0, 60}, {60, 0}},              // nothing is held twice
      {{0, 61}, {30, 0}},              // what lies between is
      {{90, 0}, {0, 130}},             // in any order
      {{0, 45}, {40, 110}, {100, 0}},  // three
      {{0, 200}, {0, 0}},              // the old one has all, later
  };
  for (const std::vector<Held>& layout : layouts) {
    const auto stored = Start(layout);
    for (const char* text : kQueries) {
      const std::string want = Text(Ask(*truth, text, 200, 0));
      EXPECT_EQ(Text(Ask(*stored, text, 200, 0)), want) << text << " " << layout[0].max_age;
    }
  }
}

TEST_F(StoredShardTest, WhoCannotHoldTheTimesIsNotAsked) {
  const auto stored = Start({{0, 60}, {30, 0}});
  Ask(*stored, "sum(rate(c[10m]))", 20, 0);
  EXPECT_THAT(shards[1]->asked, IsEmpty());
  shards[0]->asked.clear();
  Ask(*stored, "quantile(0.5, c)", 200, 100);
  EXPECT_THAT(shards[0]->asked, IsEmpty());
  EXPECT_THAT(shards[1]->asked, Not(IsEmpty()));
  // One store alone, too.
  const auto archive = Start({{60, 0}});
  EXPECT_EQ(Text(Ask(*archive, "sum(c) or vector(1)", 20, 10)).substr(0, 8), "{} 0:1 1");
  EXPECT_THAT(shards[0]->asked, IsEmpty());
}

TEST_F(StoredShardTest, StepsArePushedToWhoHoldsTheirWindowsAndComputedHereAcrossTheBorder) {
  const auto overlapping = Start({{0, 60}, {30, 0}});
  Ask(*overlapping, "sum(rate(c[10m]))", 200, 0);
  for (const auto& shard : shards) {
    EXPECT_THAT(shard->asked, Contains(HasSubstr("steps sum(rate(c[10m]))")));
    EXPECT_THAT(shard->asked, Not(Contains(HasSubstr("raw")))) << "the overlap holds a window";
  }
  const auto apart = Start({{0, 60}, {60, 0}});
  const QueryAnswer answer = Ask(*apart, "sum(rate(c[10m]))", 200, 0);
  EXPECT_THAT(shards[0]->asked, Contains(HasSubstr("raw")));
  EXPECT_THAT(answer.explain, HasSubstr("here: no store holds all of it"));
}

TEST_F(StoredShardTest, AStoreThatIsGoneIsMissingOnlyWhereItIsNeeded) {
  const auto stored = Start({{0, 60}, {30, 0}});
  shards[1]->up = false;
  shards[1]->fault = absl::UnavailableError("refused");
  EXPECT_EQ(Ask(*stored, "sum(c)", 20, 0).coverage.HeaderValue(), "complete");
  QueryRequest request;
  request.text = "sum(c)";
  request.grid = {kNow - 200 * kMinute, kNow, kMinute};
  request.range_query = true;
  EXPECT_FALSE(loop.Run(stored->Query(std::move(request))).ok()) << "the only region";
}

TEST_F(StoredShardTest, NamesAreThoseOfAllStoresInTheRange) {
  const auto stored = Start({{0, 60}, {30, 0}});
  LabelsQuery query;
  query.min_t = kNow - 20 * kMinute;
  query.max_t = kNow;
  EXPECT_EQ(loop.Run(stored->LabelNames(query))->items.size(), 3u);
  EXPECT_THAT(shards[1]->asked, IsEmpty());
  query.min_t = kNow - 90 * kMinute;
  EXPECT_EQ(loop.Run(stored->Series(query))->items.size(), 4u);
  EXPECT_THAT(shards[1]->asked, Not(IsEmpty()));
}

}  // namespace
}  // namespace synoptic::aggregator
