// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/merge/scraped_targets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aggregator/merge/replica.h"

namespace synoptic::aggregator {
namespace {

using promql::Labels;
using promql::RawSeries;
using promql::SampleColumns;
using ::testing::ElementsAre;
using ::testing::Optional;

constexpr int64_t kMinute = 60'000;
const TimeSpans kAlways = {{-1'000'000'000, 1'000'000'000}};

constexpr double kEnd = -1;  // written here for a stale marker

RawSeries Series(const Labels& labels, const std::vector<std::pair<int64_t, double>>& samples) {
  SampleColumns columns;
  for (const auto& [t, v] : samples) columns.push_back(t, v == kEnd ? promql::StaleNaN() : v);
  return {labels, std::move(columns)};
}

Labels Up(const char* instance) {
  return Labels::From({{"__name__", "up"}, {"job", "a"}, {"instance", instance}});
}
Labels Metric(const char* instance) {
  return Labels::From({{"__name__", "m"}, {"job", "a"}, {"instance", instance}});
}

// `up` at every minute in [from, until].
void AddUp(int64_t from, int64_t until, double value,
           std::vector<std::pair<int64_t, double>>& samples) {
  for (int64_t t = from; t <= until; ++t) samples.emplace_back(t * kMinute, value);
}

// Times in minutes, "s" after those of stale markers.
std::string Shape(const RawSeries& series, int64_t unit = kMinute) {
  const auto& columns = std::get<SampleColumns>(series.data);
  std::string out;
  for (size_t i = 0; i < columns.size(); ++i) {
    out += (out.empty() ? "" : " ") + std::to_string(columns.t[i] / unit) +
           (promql::IsStaleNaN(columns.v[i]) ? "s" : "");
  }
  return out;
}

std::string Filled(const RawSeries& base, const RawSeries& sibling, const RawSeries& base_up,
                   const RawSeries& sibling_up, int64_t unit = kMinute) {
  auto targets = ScrapedTargets::Learn({base_up}, {sibling_up});
  EXPECT_TRUE(targets.ok()) << targets.status();
  const auto merged = FillFrom({base}, {sibling}, kAlways, *targets);
  EXPECT_TRUE(merged.ok()) << merged.status();
  return Shape(merged->front(), unit);
}

// Nothing near tells the interval of such a series: its target does.
TEST(ScrapedTargets, OneSampleOfASeriesIsMissedWhereItsTargetWasNotScraped) {
  std::vector<std::pair<int64_t, double>> own_up, sibling_up;
  AddUp(0, 20, 0, own_up);
  AddUp(21, 21, 1, own_up);
  AddUp(0, 20, 0, sibling_up);
  AddUp(22, 22, 1, sibling_up);
  EXPECT_EQ(
      Filled(Series(Metric("i"), {{21 * kMinute, 1}}), Series(Metric("i"), {{22 * kMinute, 2}}),
             Series(Up("i"), own_up), Series(Up("i"), sibling_up)),
      "21 22");
}

TEST(ScrapedTargets, TheEndOfASeriesIsTakenWhereTheBaseWasDown) {
  std::vector<std::pair<int64_t, double>> own_up, sibling_up;
  AddUp(0, 5, 1, own_up);
  AddUp(0, 4, 0, sibling_up);
  AddUp(6, 9, 0, sibling_up);
  EXPECT_EQ(
      Filled(Series(Metric("i"), {{5 * kMinute, 1}}), Series(Metric("i"), {{6 * kMinute, kEnd}}),
             Series(Up("i"), own_up), Series(Up("i"), sibling_up)),
      "5 6s");
}

// Each of the two has no reason to write a stale marker: one was down, the other had lost the
// target before. One server would have written it.
TEST(ScrapedTargets, ASeriesEndsWhereTheOtherReplicaScrapedNext) {
  std::vector<std::pair<int64_t, double>> own_up, sibling_up;
  AddUp(0, 5, 1, own_up);
  AddUp(0, 3, 1, sibling_up);
  AddUp(4, 9, 0, sibling_up);
  const RawSeries base = Series(Metric("i"), {{4 * kMinute, 1}, {5 * kMinute, 1}});
  const RawSeries sibling = Series(Metric("i"), {{3 * kMinute, 1}, {4 * kMinute, kEnd}});
  EXPECT_EQ(Filled(base, sibling, Series(Up("i"), own_up), Series(Up("i"), sibling_up)), "4 5 6s");
  EXPECT_EQ(
      Filled(base, {Metric("i"), {}, {}}, Series(Up("i"), own_up), Series(Up("i"), sibling_up)),
      "4 5 6s")
      << "the sibling never had it";
  // The other way round: the sibling had it last.
  own_up.clear();
  sibling_up.clear();
  AddUp(0, 2, 1, own_up);
  AddUp(6, 9, 1, own_up);
  AddUp(0, 5, 1, sibling_up);
  EXPECT_EQ(Filled(Series(Metric("i"), {{2 * kMinute, 1}}),
                   Series(Metric("i"),
                          {{2 * kMinute, 1}, {3 * kMinute, 1}, {4 * kMinute, 1}, {5 * kMinute, 1}}),
                   Series(Up("i"), own_up), Series(Up("i"), sibling_up)),
            "2 3 4 5 6s");
  // The base itself, which was restarted meanwhile and knows nothing of what was.
  own_up.clear();
  AddUp(0, 3, 1, own_up);
  AddUp(5, 9, 0, own_up);
  EXPECT_EQ(Filled(Series(Metric("i"), {{3 * kMinute, 1}}), {Metric("i"), {}, {}},
                   Series(Up("i"), own_up), Series(Up("i"), {})),
            "3 5s");
}

// Samples with times of their own, past blocks: no scrape ends them, so no other replica's does.
TEST(ScrapedTargets, ASeriesThatNoScrapeEndsGoesOnBehindAGap) {
  std::vector<std::pair<int64_t, double>> own_up, sibling_up;
  AddUp(0, 2, 1, own_up);
  AddUp(6, 9, 1, own_up);
  AddUp(0, 9, 1, sibling_up);
  const RawSeries none{Metric("i"), {}, {}};
  const RawSeries base_up = Series(Up("i"), own_up);
  EXPECT_EQ(
      Filled(none, Series(Metric("i"), {{4 * kMinute, 1}}), base_up, Series(Up("i"), sibling_up)),
      "4");
  EXPECT_EQ(Filled(none, Series(Metric("i"), {{4 * kMinute, 1}, {5 * kMinute, kEnd}}), base_up,
                   Series(Up("i"), sibling_up)),
            "4 5s");
  // The sibling missed a scrape itself: what it would have said is not known.
  sibling_up.erase(sibling_up.begin() + 5);
  EXPECT_EQ(
      Filled(none, Series(Metric("i"), {{4 * kMinute, 1}}), base_up, Series(Up("i"), sibling_up)),
      "4 6s");
}

TEST(ScrapedTargets, ASeriesThatComesAndGoesIsNoMissedScrape) {
  std::vector<std::pair<int64_t, double>> up;
  AddUp(0, 20, 1, up);
  std::vector<std::pair<int64_t, double>> later;  // out of phase
  for (const auto& [t, v] : up) later.emplace_back(t + 20'000, v);
  EXPECT_EQ(Filled(Series(Metric("i"), {{3 * kMinute, 1}, {9 * kMinute, 1}}),
                   Series(Metric("i"), {{5 * kMinute + 20'000, 2}}), Series(Up("i"), up),
                   Series(Up("i"), later)),
            "3 9");
}

TEST(ScrapedTargets, AScrapeThatFailedForTheBaseAloneIsTheSiblings) {
  std::vector<std::pair<int64_t, double>> own_up, sibling_up;
  AddUp(0, 3, 1, own_up);
  AddUp(4, 5, 0, own_up);
  AddUp(6, 8, 1, own_up);
  for (int64_t t = 0; t <= 8; ++t) sibling_up.emplace_back(t * kMinute + 10'000, 1);
  const RawSeries base =
      Series(Metric("i"), {{3 * kMinute, 1}, {4 * kMinute, kEnd}, {6 * kMinute, 1}});
  const RawSeries sibling = Series(Metric("i"), {{3 * kMinute + 10'000, 2},
                                                 {4 * kMinute + 10'000, 2},
                                                 {5 * kMinute + 10'000, 2},
                                                 {6 * kMinute + 10'000, 2}});
  const RawSeries up = Series(Up("i"), own_up), other = Series(Up("i"), sibling_up);
  EXPECT_EQ(Filled(base, sibling, up, other, 1000), "180 250 310 360");
  // So is `up` itself.
  EXPECT_EQ(Filled(up, other, up, other, 1000), "0 60 120 180 250 310 360 420 480");
}

// Also where both replicas were at it at the very same time.
TEST(ScrapedTargets, AnUpOfZeroGivesWayToTheSiblingsOne) {
  const RawSeries base = Series(Up("i"), {{0, 1}, {15'000, 0}, {30'000, 1}});
  const RawSeries sibling = Series(Up("i"), {{0, 1}, {15'000, 1}, {30'000, 0}});
  auto targets = ScrapedTargets::Learn({base}, {sibling});
  ASSERT_TRUE(targets.ok()) << targets.status();
  const auto merged = FillFrom({base}, {sibling}, kAlways, *targets);
  ASSERT_TRUE(merged.ok()) << merged.status();
  EXPECT_THAT(std::get<SampleColumns>(merged->front().data).v, ElementsAre(1, 1, 1));
}

TEST(ScrapedTargets, ALabelThatContradictsIsAnotherTarget) {
  const RawSeries a = Series(Up("a"), {{0, 1}, {15'000, 1}}), b = Series(Up("b"), {{15'000, 1}});
  auto targets = ScrapedTargets::Learn({Series(Up("a"), {{0, 1}})}, {a, b});
  ASSERT_TRUE(targets.ok()) << targets.status();
  EXPECT_THAT(targets->For(Metric("a")).Failed(0), Optional(false));
  EXPECT_EQ(targets->For(Metric("b")).Failed(0), std::nullopt);
  EXPECT_THAT(targets->For(Metric("a")).Lacks(15'000), Optional(true));
  EXPECT_EQ(targets->For(Metric("a")).Lacks(15'001), std::nullopt) << "no scrape's time";
  EXPECT_EQ(targets->For(Labels::From({{"job", "b"}})).Lacks(15'000), std::nullopt);
  // A label that the series does not have contradicts nothing.
  EXPECT_THAT(targets->For(Labels::From({{"job", "a"}})).Lacks(15'000), Optional(true));
}

}  // namespace
}  // namespace synoptic::aggregator
