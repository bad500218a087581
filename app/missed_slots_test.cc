// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/missed_slots.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aggregator/store/testing.h"
#include "app/make_up.h"
#include "base/status.h"
#include "net/async/testing.h"

namespace synoptic::app {
namespace {

using aggregator::ReadText;
using aggregator::Selector;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kStart = 1'700'000'000'000;
constexpr int64_t kStep = 15'000;

class MissedSlotsTest : public ::testing::Test {
 protected:
  MissedSlotsTest() {
    options_.path = directory_.path();
    Open();
  }
  void Open() {
    missed_->SetStore(nullptr);
    store_.reset();
    store_ = aggregator::SeriesStore::Open(options_, kStart).value();
    missed_->SetStore(store_);
  }
  void Miss(const std::string& rule, int64_t slot) {
    missed_->Add({"f", "g", rule, kStep}, kStart + slot * kStep);
  }
  std::vector<std::string> Due(int64_t until_slot) {
    std::vector<std::string> out;
    for (const MissedSlots::Work& work : missed_->Due(kStart + until_slot * kStep, 100)) {
      out.push_back(absl::StrCat(work.origin.rule, " ", (work.span.from - kStart) / kStep, "..",
                                 (work.span.to - kStart) / kStep));
    }
    return out;
  }

  const aggregator::ScratchDirectory directory_;
  aggregator::SeriesStoreOptions options_;
  std::shared_ptr<aggregator::SeriesStore> store_;
  std::shared_ptr<MissedSlots> missed_ = std::make_shared<MissedSlots>();
};

TEST_F(MissedSlotsTest, SlotsInARowAreOneSpanAndAreToldOldestFirst) {
  for (const int64_t slot : {4, 5, 6, 9}) Miss("b", slot);
  for (const int64_t slot : {2, 3}) Miss("a", slot);
  EXPECT_THAT(Due(5), ElementsAre("a 2..3", "b 4..5"));
  EXPECT_EQ(missed_->count(), 6);
  missed_->Done({"f", "g", "b", kStep}, {kStart + 4 * kStep, kStart + 5 * kStep, kStep});
  EXPECT_THAT(Due(100), ElementsAre("a 2..3", "b 6..6"));
  missed_->Done({"f", "g", "b", kStep}, {kStart + 6 * kStep, kStart + 6 * kStep, kStep});
  EXPECT_THAT(Due(100), ElementsAre("a 2..3", "b 9..9"));
}

TEST_F(MissedSlotsTest, TheyOutliveTheProcess) {
  Miss("a", 1);
  for (int64_t slot = 3; slot < 11; ++slot) Miss("a", slot);
  Miss("b", 1);
  missed_->Done({"f", "g", "b", kStep}, {kStart + kStep, kStart + kStep, kStep});
  Open();
  EXPECT_THAT(Due(100), ElementsAre("a 1..1"));
  EXPECT_EQ(missed_->count(), 9);
}

TEST_F(MissedSlotsTest, TellsWhatMayLackSamples) {
  Miss("job:x:rate", 4);
  const auto lacks = [this](const std::string& selector, int64_t from, int64_t to) {
    return missed_->MayLack(Selector(selector), kStart + from * kStep, kStart + to * kStep);
  };
  EXPECT_TRUE(lacks("job:x:rate", 0, 4));
  EXPECT_TRUE(lacks("{__name__=~\"job:.*\"}", 4, 9));
  EXPECT_FALSE(lacks("job:x:rate", 5, 9));
  EXPECT_FALSE(lacks("job:y:rate", 0, 9));
  missed_->DropBefore(kStart + 5 * kStep);
  EXPECT_EQ(missed_->count(), 0);
}

// Says what it is told to: x{i="a"} is the slot's number, from slot 2 on.
class FakeQuerier final : public alerting::Querier {
 public:
  Task<alerting::RuleAnswer> Instant(std::string, int64_t, Deadline) override {
    co_return absl::UnimplementedError("not asked");
  }
  Task<alerting::RangeAnswer> Range(std::string, promql::Grid grid, Deadline) override {
    ++asked;
    alerting::RangeAnswer answer;
    answer.complete = complete;
    answer.missing = complete ? "" : "us (down)";
    promql::StepSeries series{promql::Labels::From({{"i", "a"}}), {}};
    for (size_t i = 0; i < grid.size(); ++i) {
      const int64_t slot = (grid.at(i) - kStart) / kStep;
      series.values.push_back(slot == 4 ? promql::Absent() : static_cast<double>(slot));
    }
    answer.value.type = promql::ValueType::kMatrix;
    answer.value.series.push_back(std::move(series));
    co_return answer;
  }
  bool complete = false;
  int asked = 0;
};

TEST_F(MissedSlotsTest, AreMadeUpForAtTheirTimesOnceEverythingIsSeen) {
  alerting::RuleGroup group;
  group.file = "f";
  group.name = "g";
  alerting::Rule rule;
  rule.record = "x";
  rule.expr = "whatever";
  rule.labels = {{"made", "here"}};
  group.rules.push_back(rule);
  SystemClock clock;
  AsyncTest loop;
  ComputePool pool(1);
  FakeQuerier querier;
  MakeUp make_up(
      store_, missed_, querier,
      [&group](const std::string& file, const std::string& name) {
        return file == group.file && name == group.name ? &group : nullptr;
      },
      pool, clock);
  const aggregator::NewSample newer{
      promql::Labels::From({{"__name__", "x"}, {"i", "a"}, {"made", "here"}}), 9};
  ASSERT_TRUE(store_->Append(kStart + 9 * kStep, {&newer, 1}).ok());
  for (const int64_t slot : {2, 3, 4, 5}) Miss("x", slot);
  Miss("gone", 3);

  ASSERT_TRUE(loop.Run(make_up.Round()).ok());
  EXPECT_THAT(Due(100), ElementsAre("x 2..5"));
  EXPECT_EQ(make_up.stats().given_up, 1);
  EXPECT_THAT(ReadText(*store_, "x", kStart, kStart + 8 * kStep), IsEmpty());

  querier.complete = true;
  ASSERT_TRUE(loop.Run(make_up.Round()).ok());
  EXPECT_EQ(querier.asked, 1) << "it waits a little before it asks again";
  MakeUp again(
      store_, missed_, querier, [&group](const std::string&, const std::string&) { return &group; },
      pool, clock);
  ASSERT_TRUE(loop.Run(again.Round()).ok());
  EXPECT_THAT(Due(100), IsEmpty());
  EXPECT_EQ(again.stats().slots, 4);
  EXPECT_THAT(ReadText(*store_, "x", kStart, kStart + 10 * kStep),
              ElementsAre("x{i=\"a\", made=\"here\"} 2@1700000030000 3@1700000045000 "
                          "stale@1700000060000 5@1700000075000 9@1700000135000"));
}

// sum_over_time of what the rule itself recorded, and one more; complete where nothing is lacking.
class OwnQuerier final : public alerting::Querier {
 public:
  OwnQuerier(aggregator::SeriesStore& store, MissedSlots& missed)
      : store_(store),
        missed_(missed),
        x_(*promql::Matcher::Create(promql::MatchOp::kEqual, "__name__", "x")) {}
  Task<alerting::RuleAnswer> Instant(std::string, int64_t, Deadline) override {
    co_return absl::UnimplementedError("not asked");
  }
  Task<alerting::RangeAnswer> Range(std::string, promql::Grid grid, Deadline) override {
    alerting::RangeAnswer answer;
    answer.complete = !missed_.MayLack({x_}, grid.start - 2 * kStep, grid.end, /*late=*/true);
    others_are_told = others_are_told && missed_.MayLack({x_}, grid.start, grid.end);
    double last = 0;
    CO_ASSIGN_OR_RETURN(const auto read,
                        store_.Read({x_}, grid.start - 2 * kStep, grid.end, nullptr));
    for (const promql::RawSeries& series : read) {
      promql::SampleColumns samples;
      CO_RETURN_IF_ERROR(
          promql::ReadSamples(series, grid.start - 2 * kStep, grid.end, samples, nullptr));
      if (!samples.empty()) last = samples.v.back();
    }
    answer.value.type = promql::ValueType::kMatrix;
    answer.value.series.push_back(
        {promql::Labels::From({{"i", "a"}}), std::vector<double>(grid.size(), last + 1)});
    co_return answer;
  }
  bool others_are_told = true;

 private:
  aggregator::SeriesStore& store_;
  MissedSlots& missed_;
  const promql::Matcher x_;
};

TEST_F(MissedSlotsTest, ARuleThatReadsItsOwnRecordingsIsMadeUpForSlotBySlot) {
  alerting::RuleGroup group;
  alerting::Rule rule;
  rule.record = "x";
  rule.expr = "x + 1";
  group.rules.push_back(rule);
  SystemClock clock;
  AsyncTest loop;
  ComputePool pool(1);
  OwnQuerier querier(*store_, *missed_);
  MakeUp make_up(
      store_, missed_, querier, [&group](const std::string&, const std::string&) { return &group; },
      pool, clock);
  const promql::Labels x = promql::Labels::From({{"__name__", "x"}, {"i", "a"}});
  const aggregator::NewSample before{x, 7};
  const aggregator::NewSample after{x, 70};
  ASSERT_TRUE(store_->Append(kStart + 1 * kStep, {&before, 1}).ok());
  ASSERT_TRUE(store_->Append(kStart + 9 * kStep, {&after, 1}).ok());
  for (const int64_t slot : {2, 3, 4}) Miss("x", slot);

  ASSERT_TRUE(loop.Run(make_up.Round()).ok());
  EXPECT_THAT(Due(100), IsEmpty());
  EXPECT_TRUE(querier.others_are_told) << "the slot is set aside for late questions only";
  EXPECT_FALSE(missed_->MayLack({}, 0, kStart + 100 * kStep));
  EXPECT_THAT(ReadText(*store_, "x", kStart, kStart + 10 * kStep),
              ElementsAre("x{i=\"a\"} 7@1700000015000 8@1700000030000 9@1700000045000 "
                          "10@1700000060000 70@1700000135000"));
}

}  // namespace
}  // namespace synoptic::app
