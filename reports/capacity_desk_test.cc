// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/capacity_desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "base/status.h"
#include "net/async/runtime.h"
#include "reports/data_age.h"
#include "reports/testing.h"

namespace synoptic::reports {
namespace {

promql::Labels In(std::string region, std::string pool = "") {
  return promql::Labels::From({{"region", std::move(region)}, {"pool", std::move(pool)}});
}

class CapacityDeskTest : public testing::Test {
 protected:
  CapacityDeskTest() : runtime_(StartRuntime(1)), desk_(Spec()) {}
  static CapacitySpec Spec() {
    CapacitySpec spec;
    for (const char* name : {"us", "eu"}) spec.regions.push_back({name, In(name), 1});
    Resource cpu;
    cpu.name = "cpu";
    cpu.unit = "cores";
    cpu.demand.query = "used";
    cpu.supply.query = "total";
    spec.resources = {cpu};
    return spec;
  }
  absl::StatusOr<CapacityInputs> Gather(int64_t at_ms, bool with_age = false) {
    return BlockOn<absl::StatusOr<CapacityInputs>>(
        runtime_->executor(),
        desk_.Gather({querier_, tasks_, clock_}, at_ms, with_age, Deadline::Infinite()));
  }

  FakeClock clock_;
  std::unique_ptr<Runtime> runtime_;
  TaskGroup tasks_;
  FakeQuerier querier_;
  CapacityDesk desk_;
};

TEST_F(CapacityDeskTest, SortsSeriesIntoPoolsAndRegions) {
  for (const char* region : {"us", "eu"}) {
    querier_.Set("used", In(region, "a"), {10});
    querier_.Set("total", In(region, "a"), {20});
  }
  querier_.Set("used", In("us", "b"), {1});
  querier_.Set("total", In("us", "b"), {2});
  const auto inputs = Gather(1000);
  ASSERT_TRUE(inputs.ok()) << inputs.status();
  ASSERT_EQ(inputs->pools.size(), 2);
  EXPECT_EQ(inputs->pools[0].pool, "{pool=\"a\"}");
  EXPECT_EQ(inputs->pools[0].regions[1].supply, 20);
  EXPECT_FALSE(inputs->pools[1].regions[1].demand.has_value());
  EXPECT_EQ(inputs->pools[1].regions[1].unseen, "");
  EXPECT_EQ(inputs->sources[0].coverage, "complete");
}

TEST_F(CapacityDeskTest, ADarkRegionLeavesItsLastLoad) {
  for (const char* region : {"us", "eu"}) {
    querier_.Set("used", In(region), {10});
    querier_.Set("total", In(region), {20});
  }
  ASSERT_TRUE(Gather(1'000).ok());
  querier_.Dark("eu", "timeout");
  const auto inputs = Gather(91'000);
  ASSERT_TRUE(inputs.ok());
  const RegionInputs& eu = inputs->pools[0].regions[1];
  EXPECT_EQ(eu.unseen, "timeout");
  EXPECT_EQ(eu.demand, 10);
  EXPECT_EQ(eu.demand_age_s, 90);
  EXPECT_EQ(inputs->sources[0].coverage, "missing eu (timeout)");
  // Of a time before it was seen nothing is known.
  EXPECT_FALSE(Gather(500)->pools[0].regions[1].demand.has_value());
}

TEST_F(CapacityDeskTest, HalfAnInputIsNone) {
  querier_.Set("used", In("us"), {10});
  querier_.Set("total", In("us"), {20});
  querier_.Set("used", In("eu"), {10});
  EXPECT_EQ(Gather(1000)->pools[0].regions[1].unseen, "no series of supply");
}

TEST_F(CapacityDeskTest, SeriesOfNoRegionAreRefused) {
  querier_.Set("used", promql::Labels::From({{"job", "x"}}), {10});
  EXPECT_EQ(
      MessageOf(Gather(1000).status()),
      "demand of cpu: series {job=\"x\"} carries the labels of no region; expected them kept, "
      "as in sum by (region) (...)");
}

TEST_F(CapacityDeskTest, SaysHowOldTheDataAre) {
  querier_.Set("used", In("us"), {10});
  querier_.Set("total", In("us"), {20});
  querier_.Set("max(timestamp(used))", {}, {970});
  EXPECT_EQ(Gather(1'000'000, true)->sources[0].age_s, 30);
}

TEST(DataAge, AsksForEverySelector) {
  EXPECT_EQ(NewestSampleQuery("sum by (a) (rate(x{b=\"c\"}[5m]))"), "max(timestamp(x{b=\"c\"}))");
  EXPECT_EQ(NewestSampleQuery("x / (x + y)"),
            "min(label_replace(max(timestamp(x)), \"i\", \"0\", \"\", \"\") or "
            "label_replace(max(timestamp(y)), \"i\", \"1\", \"\", \"\"))");
  EXPECT_EQ(NewestSampleQuery("vector(1)"), std::nullopt);
}

}  // namespace
}  // namespace synoptic::reports
