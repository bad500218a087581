// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// As pushdown_property_test.cc, for native histograms: expressions that have them as values, or
// make floats of them, give over regions what they give over all series in one place, and no region
// is asked for a histogram's value.

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "aggregator/query/testing/planned_world.h"

namespace synoptic::aggregator {
namespace {

using promql::FloatHistogram;
using promql::Grid;
using promql::HistogramColumns;
using promql::Labels;
using promql::RawSeries;
using promql::SampleColumns;

constexpr int64_t kStart = 1'700'000'000'000;
constexpr int64_t kScrape = 15'000;
constexpr int kScrapes = 160;

// A counter with resets, or a gauge; of one resolution each, as a server's metric has.
RawSeries Histograms(Random& random, Labels labels, bool counter, int floats_first) {
  RawSeries out{std::move(labels), SampleColumns(), {}};
  FloatHistogram empty;
  empty.schema = random.Below(4);
  empty.zero_threshold = random.OneIn(2) ? 0.001 : 0.01;
  empty.positive_spans =
      std::vector<promql::HistogramSpan>{{static_cast<int32_t>(random.Below(5) - 2), 3}, {1, 2}};
  empty.positive_buckets = {0, 0, 0, 0, 0};
  if (!counter) empty.hint = promql::CounterResetHint::kGauge;
  FloatHistogram now = empty;
  const int64_t phase = random.Below(kScrape);
  for (int i = 0; i < kScrapes; ++i) {
    const int64_t t = kStart + i * kScrape + phase;
    if (i < floats_first) {
      std::get<SampleColumns>(out.data).push_back(t, random.Value());
      continue;
    }
    if (!counter || random.OneIn(50)) now = empty;
    for (double& bucket : now.positive_buckets) bucket += random.Below(9);
    now.zero_count += random.Below(3);
    now.count = now.zero_count;
    for (const double bucket : now.positive_buckets) now.count += bucket;
    now.sum += random.Value();
    if (random.OneIn(40)) continue;  // a hole
    out.histograms.push_back(t, std::make_shared<const FloatHistogram>(now));
  }
  return out;
}

std::vector<RawSeries> ShardData(Random& random) {
  std::vector<RawSeries> out;
  for (const char* job : {"x", "y"}) {
    for (const char* i : {"1", "2"}) {
      const auto labels = [&](const char* name) {
        return Labels::From({{"__name__", name}, {"job", job}, {"i", i}});
      };
      if (!random.OneIn(5)) out.push_back(Histograms(random, labels("nh"), true, 0));
      if (!random.OneIn(5)) out.push_back(Histograms(random, labels("nh_gauge"), false, 0));
      if (!random.OneIn(5)) out.push_back(Histograms(random, labels("became"), true, kScrapes / 2));
      if (!random.OneIn(5)) out.push_back(Histograms(random, labels("f"), true, kScrapes));
    }
  }
  return out;
}

class Generator {
 public:
  explicit Generator(Random& random) : random_(random) {}

  std::string Any(int depth) { return random_.OneIn(2) ? Histogram(depth) : Float(depth); }

 private:
  std::string Selector() {
    const std::string matchers =
        random_.Of<std::string>({"", "", "{region=\"eu\"}", "{region!=\"us\"}", "{job=\"x\"}",
                                 "{i=\"1\",region=~\"e.|us\"}"});
    return random_.Of<std::string>({"nh", "nh", "nh_gauge", "became"}) + matchers;
  }

  std::string Grouping() {
    return random_.Of<std::string>({"", "by (region)", "by (job)", "by (region, job)", "by (i)",
                                    "by (shard)", "without (region)", "without (i)",
                                    "without (region, shard, job)"});
  }

  std::string Histogram(int depth) {
    if (depth <= 0) {
      if (random_.OneIn(2)) return Selector();
      return absl::StrCat(
          random_.Of<std::string>({"rate", "increase", "last_over_time", "sum_over_time", "delta"}),
          "(", Selector(), random_.Of<std::string>({"[1m]", "[5m]"}), ")");
    }
    switch (random_.Below(6)) {
      case 0:
        return absl::StrCat(
            "(", Histogram(depth - 1), ") ",
            random_.Of<std::string>({"* 2", "/ 4", "+ on (job, i, region, shard) nh",
                                     "and on (job) f", "unless on (i) f"}));
      case 1:
        return absl::StrCat("label_replace(", Histogram(depth - 1),
                            ", \"n\", \"v$1\", \"i\", \"(.*)\")");
      case 2:
        return absl::StrCat("(", Histogram(depth - 1), ") or f");
      default:
        return absl::StrCat(random_.Of<std::string>({"sum", "avg"}), " ", Grouping(), " (",
                            Histogram(depth - 1), ")");
    }
  }

  std::string Float(int depth) {
    switch (random_.Below(7)) {
      case 0:
        return absl::StrCat("histogram_quantile(0.8, ", Histogram(depth - 1), ")");
      case 1:
        return absl::StrCat("histogram_fraction(0, 2, ", Histogram(depth - 1), ")");
      case 2:
        return absl::StrCat(random_.Of<std::string>({"count", "group"}), " ", Grouping(), " (",
                            Histogram(depth - 1), ")");
      case 3:
        return absl::StrCat(random_.Of<std::string>({"sum", "max", "avg", "count"}), " ",
                            Grouping(), " (histogram_count(", Histogram(depth - 1), "))");
      case 4:
        return absl::StrCat("max_over_time((histogram_sum(", Histogram(depth - 1), "))[5m:1m])");
      case 5:
        return absl::StrCat("max ", Grouping(), " (", Selector(), ")");
      default:
        return absl::StrCat(
            random_.Of<std::string>({"histogram_count", "histogram_sum", "histogram_avg"}), "(",
            Histogram(depth - 1), ")");
    }
  }

  Random& random_;
};

class PushdownHistograms : public ::testing::TestWithParam<int> {};

TEST_P(PushdownHistograms, GivesWhatOnePrometheusWouldGive) {
  Random random(static_cast<uint64_t>(GetParam()) * 104'729 + 3);
  PlannedWorld world;
  world.topology = RandomTopology(GetParam() % 2 == 1);
  Populate(world, [&] { return ShardData(random); });
  world.histograms = {"nh", "nh_gauge", "became"};
  Generator generator(random);
  const std::vector<Grid> grids = {Grid::Instant(kStart + 1'700'123),
                                   {kStart + 900'000, kStart + 1'700'000, 37'000},
                                   {kStart + 100'000, kStart + 2'700'000, 300'000}};
  int answered = 0;
  for (int i = 0; i < 80; ++i) {
    const std::string text = generator.Any(random.Below(3));
    const Grid& grid = random.Of(grids);
    const auto want = OverUnion(text, grid, world);
    if (!want.ok()) continue;  // refused (duplicates): an answer is allowed then
    answered += want->empty() ? 0 : 1;
    for (const bool pushdown : {false, true}) {
      std::string explained;
      const auto got = Planned(text, grid, world, pushdown, &explained);
      ASSERT_TRUE(got.ok()) << text << "\n" << explained << got.status();
      ASSERT_EQ(Difference(*want, *got), "")
          << text << "\npushdown " << pushdown << " at " << grid.start << ".." << grid.end << " by "
          << grid.step << "\n"
          << explained;
    }
  }
  EXPECT_GT(answered, 40);
}

INSTANTIATE_TEST_SUITE_P(Seeds, PushdownHistograms, ::testing::Range(0, 12));

}  // namespace
}  // namespace synoptic::aggregator
