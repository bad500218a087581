// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/store/series_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "aggregator/store/testing.h"

namespace synoptic::aggregator {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Gt;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Lt;
using ::testing::Not;

constexpr int64_t kStart = 1'700'000'000'000;
constexpr int64_t kHour = 3'600'000;

NewSample Of(const std::string& name, double value, const std::string& job = "a") {
  return {promql::Labels::From({{"__name__", name}, {"job", job}}), value};
}

class SeriesStoreTest : public ::testing::Test {
 protected:
  SeriesStoreTest() { options_.path = directory_.path(); }

  void Open(int64_t now = kStart) {
    store_.reset();
    auto opened = SeriesStore::Open(options_, now);
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
  }
  absl::Status Append(int64_t t, std::vector<NewSample> samples) {
    return store_->Append(t, samples);
  }
  std::vector<std::string> Text(const std::string& selector, int64_t min_t = kStart - kHour,
                                int64_t max_t = kStart + 24 * kHour) {
    return ReadText(*store_, selector, min_t, max_t);
  }

  const ScratchDirectory directory_;
  SeriesStoreOptions options_;
  std::unique_ptr<SeriesStore> store_;
};

TEST_F(SeriesStoreTest, WhatIsAppendedIsReadByMatchers) {
  Open();
  ASSERT_TRUE(Append(kStart, {Of("x", 1), Of("x", 2, "b"), Of("y", 3)}).ok());
  EXPECT_THAT(Text("x"),
              ElementsAre("x{job=\"a\"} 1@1700000000000", "x{job=\"b\"} 2@1700000000000"));
  EXPECT_THAT(Text("{job=~\"b|c\"}"), ElementsAre("x{job=\"b\"} 2@1700000000000"));
  EXPECT_THAT(Text("{job!=\"a\", __name__=~\".+\"}"), ElementsAre(HasSubstr("2@")));
  EXPECT_THAT(Text("{__name__=~\"[xy]\", job!~\"b.*\"}"),
              ElementsAre(HasSubstr("1@"), HasSubstr("3@")));
  EXPECT_THAT(Text("x{missing=\"\", job=\"b\"}"), ElementsAre(HasSubstr("2@")));
  EXPECT_THAT(Text("z"), IsEmpty());
  EXPECT_TRUE(store_->MayHold(Selector("x{job=\"b\"}")));
  EXPECT_FALSE(store_->MayHold(Selector("y{job=\"b\"}")));
  EXPECT_FALSE(store_->MayHold(Selector("up")));
}

TEST_F(SeriesStoreTest, SaysOfEachSampleWhyItWasRefused) {
  Open();
  ASSERT_TRUE(Append(kStart, {Of("x", 1), Of("y", 1)}).ok());
  std::vector<Refused> refused;
  const std::vector<NewSample> samples = {Of("z", 1), Of("y", 2), Of("x", 1), {},
                                          Of("x", 3), Of("z", 1), Of("z", 7)};
  EXPECT_FALSE(store_->Append(kStart, samples, &refused).ok());
  ASSERT_EQ(refused.size(), 4u);
  EXPECT_EQ(refused[0].first, 1u);
  EXPECT_THAT(refused[0].second.message(), HasSubstr("duplicate sample"));
  EXPECT_EQ(refused[1].first, 3u);
  EXPECT_THAT(refused[1].second.message(), HasSubstr("out of bounds"));
  EXPECT_EQ(refused[2].first, 4u);
  // Twice in one call: the first stays, the same again is no error.
  EXPECT_EQ(refused[3].first, 6u);
  EXPECT_THAT(Text("z"), ElementsAre(HasSubstr("1@")));
  EXPECT_THAT(Append(kStart + 15, {Of("x", 5), Of("x", 6)}).message(),
              HasSubstr("duplicate sample"));
}

TEST_F(SeriesStoreTest, TakesWhatPrometheusAppenderTakes) {
  Open();
  ASSERT_TRUE(Append(kStart, {Of("x", 1)}).ok());
  EXPECT_TRUE(Append(kStart, {Of("x", 1)}).ok()) << "the same again";
  EXPECT_THAT(Append(kStart, {Of("x", 2), Of("y", 5)}).message(), HasSubstr("duplicate sample"));
  EXPECT_THAT(Append(kStart - 1, {Of("x", 1), Of("z", 6)}).message(), HasSubstr("out of order"));
  ASSERT_TRUE(Append(kStart + 15, {Of("x", promql::StaleNaN())}).ok());
  EXPECT_TRUE(Append(kStart + 15, {Of("x", promql::StaleNaN())}).ok());
  EXPECT_THAT(Text("{job=\"a\"}"),
              ElementsAre("x{job=\"a\"} 1@1700000000000 stale@1700000000015",
                          "y{job=\"a\"} 5@1700000000000", "z{job=\"a\"} 6@1699999999999"));
  EXPECT_EQ(store_->stats().duplicates_total, 1);
  EXPECT_EQ(store_->stats().out_of_order_total, 1);
}

TEST_F(SeriesStoreTest, GapsOfThePastAreFilledAndNothingIsChanged) {
  Open();
  for (const int64_t minute : {0, 1, 4, 5}) {
    ASSERT_TRUE(Append(kStart + minute * 60'000, {Of("x", static_cast<double>(minute))}).ok());
  }
  const promql::Labels x = Of("x", 0).labels;
  const std::vector<LoggedSample> news = {
      {x, kStart + 180'000, 3}, {x, kStart + 120'000, 2}, {x, kStart + 60'000, 99}};
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(store_->Insert(news).value(), round == 0 ? 2 : 0);
    EXPECT_THAT(Text("x"), ElementsAre("x{job=\"a\"} 0@1700000000000 1@1700000060000 "
                                       "2@1700000120000 3@1700000180000 4@1700000240000 "
                                       "5@1700000300000"));
    Open();
  }
  ASSERT_TRUE(Append(kStart + 360'000, {Of("x", 6)}).ok());
  EXPECT_THAT(Text("x", kStart + 300'000), ElementsAre(HasSubstr("5@1700000300000 6@")));
}

TEST_F(SeriesStoreTest, HistogramsAndFloatsOfOneSeriesKeepTheirTimes) {
  Open();
  promql::FloatHistogram h;
  h.count = 3;
  h.sum = 4.5;
  h.positive_spans = {{0, 2}};
  h.positive_buckets = {1, 2};
  for (int i = 0; i < 300; ++i) {
    NewSample sample = Of("h", i);
    h.count = 3 + i;
    h.positive_buckets = {1, 2.0 + i};
    if (i % 100 != 50) sample.histogram = std::make_shared<promql::FloatHistogram>(h);
    ASSERT_TRUE(Append(kStart + i * 15'000, {sample}).ok());
  }
  const std::vector<std::string> before = Text("h");
  EXPECT_THAT(before, ElementsAre(HasSubstr("50@1700000750000 {count:54, sum:4.5")));
  Open();
  EXPECT_EQ(Text("h"), before);
}

TEST_F(SeriesStoreTest, OldDaysGoAndSeriesWithoutSamplesWithThem) {
  options_.retention_ms = 48 * kHour;
  Open();
  for (int hour = 0; hour <= 120; ++hour) {
    ASSERT_TRUE(Append(kStart + hour * kHour, {Of("x", hour)}).ok());
    if (hour < 24) ASSERT_TRUE(Append(kStart + hour * kHour, {Of("gone", hour)}).ok());
    ASSERT_TRUE(store_->Maintain(kStart + hour * kHour).ok());
  }
  const int64_t now = kStart + 120 * kHour;
  const auto left = store_->Read(Selector("x"), kStart, now).value();
  ASSERT_EQ(left.size(), 1u);
  const promql::MixedSamples samples = promql::ReadMixed(left[0]).value();
  EXPECT_LE(samples.front().t, now - 48 * kHour);
  EXPECT_GE(samples.front().t, now - 96 * kHour);
  EXPECT_EQ(samples.back().t, now);
  EXPECT_FALSE(store_->MayHold(Selector("gone")));
  EXPECT_EQ(store_->stats().series, 1);
  // A clock that is a year ahead.
  ASSERT_TRUE(store_->Maintain(now + 365 * 24 * kHour).ok());
  EXPECT_THAT(Text("x", now, now), ElementsAre(HasSubstr("120@")));
}

TEST_F(SeriesStoreTest, WhenThereIsTooMuchTheOldestDaysGo) {
  options_.max_bytes = 60'000;
  Open();
  // Values that do not compress.
  double value = 1;
  for (int i = 0; i < 6 * 1440; ++i) {
    value = std::fmod(value * 16807, 2147483647.0);
    ASSERT_TRUE(Append(kStart + i * int64_t{60'000}, {Of("x", 1 / value)}).ok());
    if (i % 60 == 0) ASSERT_TRUE(store_->Maintain(kStart + i * int64_t{60'000}).ok());
  }
  EXPECT_GT(store_->stats().min_t, kStart);
  // A day has some 13 KB.
  EXPECT_THAT(store_->stats().chunk_bytes, AllOf(Gt(30'000), Lt(80'000)));
  EXPECT_THAT(Text("x", kStart + 6 * 24 * kHour - 60'000, kStart + 6 * 24 * kHour), Not(IsEmpty()));
}

TEST_F(SeriesStoreTest, HowMuchThereIsIsKnownAfterARestartAndAfterFillingIn) {
  Open();
  std::vector<LoggedSample> samples;
  for (int i = 0; i < 3 * 1440; ++i) {
    samples.push_back({Of("x", 0).labels, kStart + i * int64_t{60'000}, std::sqrt(i)});
  }
  ASSERT_EQ(store_->Insert(samples).value(), 3 * 1440);
  const int64_t bytes = store_->stats().chunk_bytes;
  EXPECT_GT(bytes, 10'000);
  Open();
  EXPECT_EQ(store_->stats().chunk_bytes, bytes);
  // One sample more: its day is written anew, not added.
  ASSERT_EQ(
      store_->Insert(std::vector<LoggedSample>{{Of("x", 0).labels, kStart + 30'000, 1}}).value(),
      1);
  EXPECT_THAT(store_->stats().chunk_bytes, AllOf(Gt(bytes), Lt(bytes + 100)));
  // Retention takes its share away.
  store_->SetRetention(24 * kHour, options_.max_bytes);
  ASSERT_TRUE(store_->Maintain(kStart + 3 * 24 * kHour).ok());
  EXPECT_LT(store_->stats().chunk_bytes, bytes * 3 / 4);
}

TEST_F(SeriesStoreTest, TheLogTellsWhatCameInItsOrder) {
  Open();
  ASSERT_TRUE(Append(kStart, {Of("x", 1), Of("y", 2)}).ok());
  ASSERT_TRUE(Append(kStart + 15'000, {Of("x", 3)}).ok());
  store_->HoldLog("far", 1);
  ASSERT_TRUE(store_->Maintain(kStart + kHour).ok());
  Open();
  const LogPart first = store_->ReadLog(1, 1).value();
  ASSERT_EQ(first.samples.size(), 2u);
  EXPECT_EQ(first.samples[1].labels.Get("__name__"), "y");
  EXPECT_EQ(first.next, 2u);
  const LogPart second = store_->ReadLog(first.next, 100).value();
  ASSERT_EQ(second.samples.size(), 1u);
  EXPECT_EQ(second.samples[0].value, 3);
  EXPECT_EQ(second.next, store_->log_end());
  EXPECT_EQ(store_->ReadLog(second.next, 100)->samples.size(), 0u);
  // Nobody holds it: it goes when ends are written.
  ASSERT_TRUE(store_->Maintain(kStart + 2 * kHour).ok());
  ASSERT_TRUE(Append(kStart + 30'000, {Of("x", 4)}).ok());
  const LogPart rest = store_->ReadLog(1, 100).value();
  EXPECT_EQ(rest.samples.size(), 1u);
  EXPECT_EQ(rest.skipped, 2u);
}

TEST_F(SeriesStoreTest, NotesOutliveTheProcess) {
  Open();
  ASSERT_TRUE(store_->PutNote("a/1", "x").ok());
  ASSERT_TRUE(store_->PutNote("a/2", "y").ok());
  ASSERT_TRUE(store_->PutNote("b", "z").ok());
  ASSERT_TRUE(store_->EraseNote("a/1").ok());
  Open();
  EXPECT_THAT(store_->Notes("a/"), ElementsAre(std::pair("a/2", "y")));
}

TEST_F(SeriesStoreTest, TooManySeriesAreRefusedAndTheOthersGoOn) {
  options_.max_series = 2;
  Open();
  EXPECT_TRUE(absl::IsResourceExhausted(Append(kStart, {Of("a", 1), Of("b", 1), Of("c", 1)})));
  EXPECT_TRUE(Append(kStart + 1, {Of("a", 2), Of("b", 2)}).ok());
  EXPECT_EQ(store_->stats().refused_total, 1);
}

TEST_F(SeriesStoreTest, DamageDoesNotKeepItFromOpening) {
  Open();
  for (int i = 0; i < 2000; ++i) {
    ASSERT_TRUE(Append(kStart + i * 15'000, {Of("x", i)}).ok());
  }
  store_.reset();
  for (const auto& entry : std::filesystem::directory_iterator(options_.path)) {
    if (entry.path().extension() != ".sst") continue;
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(10);
    file << std::string(entry.file_size() - 20, '#');
  }
  Open(kStart + 10 * kHour);
  EXPECT_THAT(store_->damage(), Not(IsEmpty()));
  EXPECT_TRUE(Append(kStart + 10 * kHour, {Of("x", 1)}).ok());
  EXPECT_THAT(Text("x", kStart + 10 * kHour), ElementsAre(HasSubstr("1@")));
}

TEST_F(SeriesStoreTest, WhatIsReadIsChargedAndALimitIsAnError) {
  Open();
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(Append(kStart + i, {Of("x", i), Of("y", i)}).ok());
  MemoryBudget enough("budget", 1 << 20);
  ASSERT_TRUE(store_->Read(Selector("x"), kStart, kStart + 1000, &enough).ok());
  EXPECT_GT(enough.used(), 100);
  MemoryBudget little("budget", 100);
  EXPECT_TRUE(absl::IsResourceExhausted(
      store_->Read(Selector("x"), kStart, kStart + 1000, &little).status()));
  EXPECT_EQ(little.used(), 0);
}

}  // namespace
}  // namespace synoptic::aggregator
