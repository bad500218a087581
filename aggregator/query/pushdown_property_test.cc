// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The proof of the planner: random expressions over random data, evaluated three ways - over the
// union of all series as one Prometheus would, through a plan that only reads samples, and through
// a plan that pushes down - give the same answers.

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "aggregator/query/testing/planned_world.h"
#include "base/strings.h"

namespace synoptic::aggregator {
namespace {

using promql::Grid;
using promql::Labels;
using promql::RawSeries;
using promql::SampleColumns;

constexpr int64_t kStart = 1'700'000'000'000;
constexpr int64_t kScrape = 15'000;
constexpr int kScrapes = 240;  // one hour

// ---- data ----

SampleColumns Samples(Random& random, bool counter) {
  SampleColumns out;
  double value = random.Value();
  const int64_t phase = random.Below(kScrape);
  int hole = 0;
  for (int i = 0; i < kScrapes; ++i) {
    if (counter) {
      value = random.OneIn(60) ? 0 : value + random.Value();
    } else {
      value = random.Value();
    }
    if (hole == 0 && random.OneIn(50)) hole = 1 + random.Below(40);
    const int64_t t = kStart + i * kScrape + phase + random.Below(20);
    if (hole > 0) {
      if (--hole == 0 && random.OneIn(2)) out.push_back(t, promql::StaleNaN());
      continue;
    }
    out.push_back(t, value);
  }
  return out;
}

std::vector<RawSeries> ShardData(Random& random) {
  std::vector<RawSeries> out;
  const auto add = [&](std::vector<std::pair<std::string, std::string>> labels, bool counter) {
    if (random.OneIn(6)) return;  // not every shard has every series
    out.push_back({Labels::From(std::move(labels)), Samples(random, counter)});
  };
  for (const char* name : {"a", "b", "c_total"}) {
    for (const char* job : {"x", "y"}) {
      for (const char* i : {"1", "2", "3"}) {
        add({{"__name__", name}, {"job", job}, {"i", i}}, name[0] == 'c');
      }
    }
  }
  for (const char* job : {"x", "y"}) {
    for (const char* le : {"1", "5", "+Inf"}) {
      add({{"__name__", "h_bucket"}, {"job", job}, {"le", le}}, true);
    }
  }
  // A label of the upstream's own that has a topology label's name.
  add({{"__name__", "a"}, {"job", "z"}, {"region", "own"}}, false);
  add({{"__name__", "a"}, {"job", "z"}, {"shard", "own"}}, false);
  return out;
}

// ---- expressions ----

class Generator {
 public:
  explicit Generator(Random& random) : random_(random) {}

  std::string Vector(int depth) {
    if (depth <= 0) return Leaf();
    switch (random_.Below(12)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return Aggregation(depth);
      case 4:
        return absl::StrCat(
            random_.Of<std::string>({"abs", "ceil", "sqrt", "sort", "-1.7e9 + timestamp"}), "(",
            Vector(depth - 1), ")");
      case 5:
        return absl::StrCat("(", Vector(depth - 1), ") ",
                            random_.Of<std::string>({"+", "*", ">", "<= bool", "!="}), " ",
                            random_.Of<std::string>({"2", "37.5", "time()", "-1", "(1+2)"}));
      case 6:
        return absl::StrCat("(", Vector(depth - 1), ") ", Matching(), " (", Vector(depth - 1), ")");
      case 7:
        return absl::StrCat("max_over_time((", Vector(depth - 1), ")[",
                            random_.Of<std::string>({"5m:1m", "10m:", "4m:30s"}), "]", Modifier(),
                            ")");
      case 8:
        return Special(depth);
      default:
        return Leaf();
    }
  }

 private:
  std::string Modifier() {
    return random_.OneIn(3)
               ? random_.Of<std::string>({" offset 2m", " offset -1m", " @ 1700001800.5",
                                          " @ start()", " @ end() offset 1m"})
               : "";
  }

  std::string Selector() {
    std::vector<std::string> matchers;
    if (random_.OneIn(3)) {
      matchers.push_back(
          random_.Of<std::string>({"region=\"eu\"", "region!=\"us\"", "region=~\"e.+|us\"",
                                   "region=\"none\"", "region!~\"us\"", "region=~\".*\""}));
    }
    if (random_.OneIn(6))
      matchers.push_back(random_.Of<std::string>({"shard=\"a\"", "shard=\"\""}));
    if (random_.OneIn(3)) matchers.push_back(random_.Of<std::string>({"job=\"x\"", "i=~\"1|2\""}));
    if (random_.OneIn(12)) matchers.push_back("exported_region=\"own\"");
    const std::string name = random_.Of<std::string>({"a", "b", "c_total"});
    return absl::StrCat(name, matchers.empty() ? "" : "{" + Join(matchers, ",") + "}");
  }

  std::string Leaf() {
    if (random_.OneIn(2)) return absl::StrCat(Selector(), Modifier());
    const std::string function =
        random_.Of<std::string>({"rate", "increase", "max_over_time", "avg_over_time",
                                 "count_over_time", "last_over_time", "changes", "delta"});
    return absl::StrCat(function, "(", Selector(),
                        random_.Of<std::string>({"[1m]", "[5m]", "[20m]"}), Modifier(), ")");
  }

  std::string Grouping() {
    return random_.Of<std::string>({"", "by (region)", "by (job)", "by (region, job)", "by (i)",
                                    "by (region, shard)", "by (shard, job)", "by (exported_region)",
                                    "by (shard)", "without (exported_shard)", "without (region)",
                                    "without (i)", "without (shard)",
                                    "without (region, shard, job)", "by (__name__)"});
  }

  std::string Aggregation(int depth) {
    const std::string grouping = Grouping();
    switch (random_.Below(6)) {
      case 0:
        // Over samples themselves: values differ, so no ties decide by order.
        return absl::StrCat(random_.Of<std::string>({"topk", "bottomk"}), " ", grouping, " (2, ",
                            random_.Of<std::string>({"a", "b", "a{region=\"eu\"}"}), ")");
      case 1:
        return absl::StrCat("quantile ", grouping, " (0.7, ", Vector(depth - 1), ")");
      case 2:
        return absl::StrCat("count_values ", grouping, " (\"v\", ceil(", Leaf(), " / 40))");
      default:
        return absl::StrCat(random_.Of<std::string>({"sum", "avg", "count", "min", "max", "group",
                                                     "stddev", "sum", "avg"}),
                            " ", grouping, " (", Vector(depth - 1), ")");
    }
  }

  std::string Matching() {
    return random_.Of<std::string>(
        {"+", "/ on (region, shard, job, i)", "* ignoring (__name__)", "- on (region, job, i)",
         "* on (region, job) group_left", "+ on (job) group_left", "and", "and on (region)",
         "unless on (job)", "or", "unless", "or on (region, i)", "+ ignoring (region)",
         "* on (region, shard, i) group_right (job)"});
  }

  std::string Special(int depth) {
    switch (random_.Below(8)) {
      case 0:
        return absl::StrCat("absent(", Selector(), ")");
      case 1:
        return absl::StrCat("vector(scalar(", Vector(depth - 1), "))");
      case 2:
        return absl::StrCat(
            "histogram_quantile(0.8, sum ",
            random_.Of<std::string>({"by (le)", "by (le, region)", "without (job)"}),
            " (rate(h_bucket[5m])))");
      case 3:
        return absl::StrCat("histogram_quantile(0.8, rate(h_bucket[5m]))");
      case 4:
        return absl::StrCat("label_replace(", Vector(depth - 1), ", \"",
                            random_.Of<std::string>({"n", "region", "job"}), "\", \"v$1\", \"",
                            random_.Of<std::string>({"i", "region"}), "\", \"(.*)\")");
      case 5:
        return absl::StrCat("(", Vector(depth - 1), ") or vector(3)");
      case 6:
        return absl::StrCat("-(", Vector(depth - 1), ")");
      default:
        return absl::StrCat("(", Selector(), ") * scalar(", Selector(), ")");
    }
  }

  Random& random_;
};

class PushdownProperty : public ::testing::TestWithParam<int> {};

TEST_P(PushdownProperty, GivesWhatOnePrometheusWouldGive) {
  Random random(static_cast<uint64_t>(GetParam()) * 7919 + 1);
  PlannedWorld world;
  world.topology = RandomTopology(GetParam() % 2 == 1);
  Populate(world, [&] { return ShardData(random); });
  Generator generator(random);
  const std::vector<Grid> grids = {Grid::Instant(kStart + 2'000'123),
                                   {kStart + 900'000, kStart + 2'400'000, 37'000},
                                   {kStart + 100'000, kStart + 3'700'000, 300'000}};
  int answered = 0;
  for (int i = 0; i < 150; ++i) {
    const std::string text = generator.Vector(1 + random.Below(3));
    const Grid& grid = random.Of(grids);
    const auto want = OverUnion(text, grid, world);
    if (!want.ok()) continue;  // refused (duplicates, many-to-many): an answer is allowed then
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
  EXPECT_GT(answered, 60);
}

INSTANTIATE_TEST_SUITE_P(Seeds, PushdownProperty, ::testing::Range(0, 24));

}  // namespace
}  // namespace synoptic::aggregator
