// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/availability/availability.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/async/testing.h"

namespace synoptic::aggregator {
namespace {

using promql::Labels;
using promql::SampleColumns;
using ::testing::IsEmpty;

constexpr int64_t kMinute = 60'000;
constexpr int64_t kNow = 1'700'000'000'000;

// Two replicas that scrape up{} every 15 s for as long as the clock runs; one misses some minutes.
class Pair final : public ShardClient {
 public:
  explicit Pair(const Clock& clock) : clock_(clock) {}
  TimeSpan missing{kNow - 100 * kMinute, kNow - 80 * kMinute};  // of a
  bool down = false;                                            // b
  std::vector<TimeSpan> asked;                                  // of a
  std::vector<std::string> names = {"a", "b"};

  Task<RawAnswer> Raw(RawRequest request, Deadline, MemoryBudget*) override {
    const bool is_a = request.only == std::vector<std::string>{"a"};
    if (is_a) asked.push_back({request.min_t, request.max_t});
    if (!is_a && down) co_return absl::UnavailableError("down");
    SampleColumns samples;
    const int64_t first = request.min_t / 15'000 * 15'000;
    for (int64_t t = first; t <= std::min(request.max_t, clock_.WallMillis()); t += 15'000) {
      if (is_a && t >= missing.from && t <= missing.until) continue;
      samples.push_back(t, 1);
    }
    RawAnswer answer;
    answer.series.push_back({Labels::From({{"__name__", "up"}}), std::move(samples)});
    co_return answer;
  }
  Task<StepAnswer> Steps(StepRequest, Deadline, MemoryBudget*) override { co_return Unused(); }
  Task<SeriesList> Series(LabelsRequest, Deadline, MemoryBudget*) override { co_return Unused(); }
  Task<ListOf<std::string>> LabelNames(LabelsRequest, Deadline) override { co_return Unused(); }
  Task<ListOf<std::string>> LabelValues(std::string, LabelsRequest, Deadline) override {
    co_return Unused();
  }
  Task<JsonAnswer> Json(std::string, std::string, std::string, Deadline) override {
    co_return Unused();
  }
  bool available() const override { return true; }
  size_t replicas() const override { return names.size(); }
  std::vector<std::string> replica_names() const override { return names; }
  const std::string& region() const override { return name_; }
  const std::string& shard() const override { return name_; }

 private:
  static absl::Status Unused() { return absl::InternalError("not asked here"); }
  const Clock& clock_;
  const std::string name_ = "main";
};

class AvailabilityTest : public ::testing::Test {
 protected:
  AvailabilityTest() { loop.clock.AdvanceMillis(kNow - loop.clock.WallMillis()); }
  ReplicaGaps Gaps(int64_t from, int64_t until) {
    auto gaps = loop.Run(shared->GapsIn(from, until, Deadline::Infinite()));
    EXPECT_TRUE(gaps.ok()) << gaps.status();
    loop.Poll();
    return *std::move(gaps);
  }

  AsyncTest loop;
  TaskGroup group;
  std::shared_ptr<Pair> pair = std::make_shared<Pair>(loop.clock);
  std::shared_ptr<Availability> shared =
      std::make_shared<Availability>(pair,
                                     std::vector<promql::Matcher>{*promql::Matcher::Create(
                                         promql::MatchOp::kEqual, "__name__", "up")},
                                     loop.clock, group);
};

TEST_F(AvailabilityTest, IsReadWhenFirstNeededAndKept) {
  const ReplicaGaps gaps = Gaps(kNow - 120 * kMinute, kNow);
  EXPECT_THAT(gaps.gaps[1], IsEmpty());
  ASSERT_EQ(gaps.gaps[0].size(), 1u);
  EXPECT_LE(gaps.gaps[0][0].from, pair->missing.from);
  EXPECT_GE(gaps.gaps[0][0].until, pair->missing.until);
  EXPECT_LT(gaps.gaps[0][0].until, pair->missing.until + 2 * kMinute);
  EXPECT_EQ(gaps.WholeOver(kNow - 90 * kMinute, kNow - 70 * kMinute), 2u);
  EXPECT_EQ(gaps.WholeOver(kNow - 70 * kMinute, kNow), 3u);
  EXPECT_EQ(shared->reads(), 1);
  EXPECT_TRUE(Gaps(kNow - 60 * kMinute, kNow).AllWhole());
  EXPECT_FALSE(Gaps(kNow - 110 * kMinute, kNow).AllWhole());
  EXPECT_EQ(shared->reads(), 1) << "known";
  EXPECT_FALSE(Gaps(kNow - 300 * kMinute, kNow).AllWhole());
  EXPECT_EQ(shared->reads(), 2) << "backfilled";
}

TEST_F(AvailabilityTest, WhatIsKnownSurvivesOtherReplicasComingAndGoing) {
  Gaps(kNow - 120 * kMinute, kNow);
  pair->names = {"c", "a", "b"};
  auto next = std::make_shared<Availability>(pair,
                                             std::vector<promql::Matcher>{*promql::Matcher::Create(
                                                 promql::MatchOp::kEqual, "__name__", "up")},
                                             loop.clock, group);
  next->TakeOver(*shared);
  shared = next;
  loop.clock.AdvanceMillis(10'000);
  ReplicaGaps gaps = Gaps(kNow - 70 * kMinute, kNow);
  EXPECT_EQ(shared->reads(), 0) << "no query waits for what was known";
  EXPECT_EQ(gaps.WholeOver(kNow - 70 * kMinute, kNow), 6u) << "of the new one nothing is";
  EXPECT_EQ(gaps.silent, 1u);
  loop.clock.AdvanceMillis(31'000);
  Gaps(kNow - 70 * kMinute, kNow);
  EXPECT_EQ(Gaps(kNow - 70 * kMinute, kNow).WholeOver(kNow - 70 * kMinute, kNow), 7u)
      << "it was asked beside the query";
}

TEST_F(AvailabilityTest, ExtendsByWhatIsNewBesideTheQuery) {
  Gaps(kNow - 60 * kMinute, kNow);
  loop.clock.AdvanceMillis(20'000);
  pair->asked.clear();
  Gaps(kNow - 60 * kMinute, kNow + 20'000);
  EXPECT_EQ(shared->reads(), 2);
  ASSERT_EQ(pair->asked.size(), 1u);
  EXPECT_GT(pair->asked[0].from, kNow - 40 * kMinute) << "not all of it again";
  Gaps(kNow - 60 * kMinute, kNow + 20'000);
  EXPECT_EQ(shared->reads(), 2) << "young enough";
}

TEST_F(AvailabilityTest, AReplicaThatDoesNotAnswerIsNotWholeAndAskedAgain) {
  pair->down = true;
  ReplicaGaps gaps = Gaps(kNow - 60 * kMinute, kNow);
  EXPECT_EQ(gaps.WholeOver(kNow - 60 * kMinute, kNow), 1u);
  EXPECT_EQ(gaps.silent, 2u);
  pair->down = false;
  loop.clock.AdvanceMillis(31'000);
  Gaps(kNow - 60 * kMinute, kNow);
  gaps = Gaps(kNow - 60 * kMinute, kNow);
  EXPECT_TRUE(gaps.AllWhole());
  EXPECT_EQ(gaps.silent, 0u);
}

TEST_F(AvailabilityTest, TheFutureIsNobodysGap) {
  EXPECT_TRUE(Gaps(kNow + kMinute, kNow + 5 * kMinute).AllWhole());
  EXPECT_EQ(shared->reads(), 0);
}

}  // namespace
}  // namespace synoptic::aggregator
