// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A shard of two replicas with gaps answers as one that has none: by whole replicas where there is
// one, by merged samples where there is not, and with a word where something is missing.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aggregator/query/service.h"
#include "aggregator/query/testing/fake_replicas.h"
#include "base/status.h"
#include "net/async/testing.h"

namespace synoptic::aggregator {
namespace {

using promql::Grid;
using promql::Labels;
using promql::RawSeries;
using promql::SampleColumns;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr int64_t kMinute = 60'000;
constexpr int64_t kNow = 1'700'000'000'000;
constexpr int64_t kStart = kNow - 120 * kMinute;

// up{job="db"} and c_total{job="db"} for two hours, without the stretches given.
std::vector<RawSeries> Data(const TimeSpans& missing, bool canary = true) {
  SampleColumns up, counter;
  for (int64_t t = kStart; t <= kNow; t += 15'000) {
    if (Contains(missing, t)) continue;
    up.push_back(t, 1);
    counter.push_back(t, static_cast<double>((t - kStart) / 1000));
  }
  std::vector<RawSeries> out;
  if (canary) out.push_back({Labels::From({{"__name__", "up"}, {"job", "db"}}), std::move(up)});
  out.push_back({Labels::From({{"__name__", "c_total"}, {"job", "db"}}), std::move(counter)});
  return out;
}

TimeSpan Ago(int64_t from_minutes, int64_t until_minutes) {
  return {kNow - from_minutes * kMinute, kNow - until_minutes * kMinute};
}

class ReplicasTest : public ::testing::Test {
 protected:
  void Start(TimeSpans first, TimeSpans second, bool canary = true) {
    Upstreams upstreams;
    Region region;
    region.name = "eu";
    region.labels = Labels::From({{"region", "eu"}});
    region.shards.emplace_back();
    upstreams.inventory.regions.push_back(region);
    replicas = std::make_shared<FakeReplicas>(
        loop.clock, promql::TopologyShard{"eu", "main", region.labels},
        std::vector<std::string>{"region"},
        std::vector<std::vector<RawSeries>>{Data(first, canary), Data(second, canary)});
    upstreams.clients.push_back(replicas);
    service = NewQueryService({}, std::move(upstreams), pool, loop.clock);
  }

  // Over the last hour and a half, every minute.
  QueryAnswer Ask(std::string text) {
    QueryRequest request;
    request.text = std::move(text);
    request.grid = {kNow - 90 * kMinute, kNow, kMinute};
    request.range_query = true;
    request.explain = true;
    auto answer = loop.Run(service->Query(std::move(request)));
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? *std::move(answer) : QueryAnswer();
  }

  std::vector<std::string> Asked(size_t replica, const std::string& prefix) {
    std::vector<std::string> out;
    for (const std::string& line : replicas->At(replica).asked) {
      if (line.starts_with(prefix)) out.push_back(line);
    }
    return out;
  }

  static void ExpectConstant(const QueryAnswer& answer, double value) {
    ASSERT_EQ(answer.value.series.size(), 1u);
    EXPECT_THAT(answer.value.series[0].values, Each(::testing::DoubleNear(value, 1e-9)));
  }

  AsyncTest loop;
  ComputePool pool{1};
  std::shared_ptr<FakeReplicas> replicas;
  std::unique_ptr<FederatedQueryService> service;
};

TEST_F(ReplicasTest, AHealthyPairCostsNothingMore) {
  Start({}, {});
  ExpectConstant(Ask("sum(rate(c_total[5m]))"), 1);
  EXPECT_THAT(Asked(0, "steps"), ElementsAre("steps sum(rate(c_total[5m]))"));
  EXPECT_THAT(Asked(1, "steps"), IsEmpty());
  EXPECT_THAT(Asked(0, "raw"), ElementsAre("raw up"));
  ExpectConstant(Ask("sum(rate(c_total[5m]))"), 1);
  EXPECT_THAT(Asked(0, "raw"), ElementsAre("raw up")) << "the canary is not read again";
}

TEST_F(ReplicasTest, StepsAreComputedByWhoIsWhole) {
  Start({Ago(60, 40)}, {Ago(30, 10)});
  const QueryAnswer answer = Ask("sum(rate(c_total[5m]))");
  ExpectConstant(answer, 1);
  EXPECT_THAT(Asked(0, "raw c_total"), IsEmpty());
  EXPECT_THAT(Asked(0, "steps"), Not(IsEmpty()));
  EXPECT_THAT(Asked(1, "steps"), ElementsAre("steps sum(rate(c_total[5m]))"));
  EXPECT_THAT(answer.explain, AllOf(HasSubstr("by r0"), HasSubstr("by r1")));
  EXPECT_THAT(answer.upstream_warnings, IsEmpty());
}

TEST_F(ReplicasTest, WhereNobodyIsWholeSamplesAreMerged) {
  Start({Ago(60, 45)}, {Ago(44, 20)});
  const QueryAnswer answer = Ask("sum(rate(c_total[30m]))");
  ExpectConstant(answer, 1);
  EXPECT_THAT(Asked(0, "raw c_total"), Not(IsEmpty()));
  EXPECT_THAT(Asked(1, "raw c_total"), Not(IsEmpty()));
  EXPECT_THAT(answer.explain, HasSubstr("here: no replica is whole"));
}

// One side keeps the region's label, the other is an aggregate that does not know it.
TEST_F(ReplicasTest, MergedSamplesMeetAggregatesOfTheSameShard) {
  Start({Ago(60, 45)}, {Ago(44, 20)});
  const QueryAnswer answer =
      Ask("sum by (region, job) (rate(c_total[30m])) and avg by (region, job) (c_total)");
  ExpectConstant(answer, 1);
  EXPECT_THAT(answer.explain, HasSubstr("here: no replica is whole"));
  ExpectConstant(Ask("(rate(c_total[30m]) * 1) and avg by (region, job) (c_total)"), 1);
}

TEST_F(ReplicasTest, WithoutACanaryNobodyIsTakenForWhole) {
  Start({Ago(60, 45)}, {Ago(44, 20)}, /*canary=*/false);
  ExpectConstant(Ask("sum(rate(c_total[5m]))"), 1);
  EXPECT_THAT(Asked(0, "steps"), IsEmpty());
}

TEST_F(ReplicasTest, RawSamplesAreFilled) {
  Start({Ago(60, 40), Ago(3, 0)}, {Ago(30, 10)});
  const QueryAnswer answer = Ask("rate(c_total[5m])");
  ExpectConstant(answer, 1);
  EXPECT_THAT(Asked(0, "steps"), IsEmpty());
}

TEST_F(ReplicasTest, SaysWhatIsMissingWhenTheWholeOneIsGone) {
  Start({Ago(60, 40)}, {});
  ExpectConstant(Ask("sum(rate(c_total[5m]))"), 1);
  replicas->At(1).up = false;
  const QueryAnswer answer = Ask("sum(rate(c_total[5m]))");
  EXPECT_THAT(answer.upstream_warnings,
              ElementsAre(AllOf(HasSubstr("region \"eu\""), HasSubstr("r0 may lack samples"))));
  ASSERT_EQ(answer.value.series.size(), 1u);
}

}  // namespace
}  // namespace synoptic::aggregator
