// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// info(): what Prometheus' own script does not say.
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "promql/eval/eval_test_support.h"

namespace synoptic::promql {
namespace {

using eval_test::Answer;
using eval_test::Series;

std::vector<std::string> Info(const std::vector<std::string>& data, const std::string& expr,
                              int64_t from, int64_t to) {
  std::vector<RawSeries> series;
  for (const std::string& line : data) series.push_back(Series(line));
  return Answer(std::move(series), expr, from, to);
}

using Lines = std::vector<std::string>;

TEST(Info, SeriesBecomeSeveralWhenLabelsChange) {
  const Lines data = {R"(m{job="a",instance="x"} 1 {{count:2}} 3 4)",
                      R"(target_info{job="a",instance="x",version="1"} 1 1 stale stale)",
                      R"(target_info{job="a",instance="x",version="2"} _ _ _ 1)"};
  EXPECT_EQ(Info(data, "info(m)", 0, 3),
            (Lines{R"(m{instance="x", job="a"} _ _ 3 _)",
                   R"(m{instance="x", job="a", version="1"} 1 {count:2, sum:0} _ _)",
                   R"(m{instance="x", job="a", version="2"} _ _ _ 4)"}));
  EXPECT_EQ(Info(data, R"(info(m, {version=~".+"}))", 2, 2), Lines());
}

// The newer sample's labels count, and equal ages are an error: only where there is a series to
// add labels to.
TEST(Info, EqualAgesAreAnErrorWhereTheyMatter) {
  const Lines infos = {R"(target_info{job="a",instance="x",v="1"} 1 1 _)",
                       R"(target_info{job="a",instance="x",v="2"} 1 _ 1)"};
  Lines data = infos;
  data.push_back(R"(m{job="a",instance="x"} _ 1 1)");
  EXPECT_EQ(Info(data, "info(m)", 0, 2), (Lines{R"(m{instance="x", job="a", v="1"} _ 1 _)",
                                                R"(m{instance="x", job="a", v="2"} _ _ 1)"}));
  data.back() = R"(m{job="a",instance="x"} 1)";
  EXPECT_EQ(Info(data, "info(m)", 0, 0),
            (Lines{"found duplicate series for info metric: existing "
                   R"({__name__="target_info", instance="x", job="a", v="1"} @ 0, new )"
                   R"({__name__="target_info", instance="x", job="a", v="2"} @ 0)"}));
  // Nobody of that instance and job: not asked for.
  data.back() = R"(m{job="b",instance="x"} 1)";
  EXPECT_EQ(Info(data, "info(m)", 0, 0), (Lines{R"(m{instance="x", job="b"} 1)"}));
  // Job and instance are asked for each for itself.
  data.push_back(R"(m{job="a",instance="y"} 1)");
  EXPECT_EQ(Info(data, "info(m)", 0, 0).size(), 1);
}

TEST(Info, HistogramsAreNoInfoMetrics) {
  EXPECT_EQ(Info({R"(m{job="a"} 1)", R"(target_info{job="a"} {{count:1}})"}, "info(m)", 0, 0),
            (Lines{R"(this should be an info metric, with float samples: )"
                   R"({__name__="target_info", job="a"})"}));
}

TEST(Info, MetricsThatDisagreeAreAnError) {
  const Lines data = {R"(m{job="a"} 1 1)", R"(a_info{job="a",l="1"} 1 1)",
                      R"(b_info{job="a",l="2"} _ 1)"};
  const std::string expr = R"(info(m, {__name__=~".+_info"}))";
  EXPECT_EQ(Info(data, expr, 0, 0), (Lines{R"(m{job="a", l="1"} 1)"}));
  EXPECT_EQ(Info(data, expr, 0, 1), (Lines{"conflicting label: l"}));
}

TEST(Info, ResultsWithEqualLabelsMustNotMeet) {
  EXPECT_EQ(Info({R"(m{job="a"} 1 stale)", R"(m{job="a",l="1"} stale 2)",
                  R"(target_info{job="a",l="1"} 1 1)"},
                 "info(m)", 0, 1),
            (Lines{R"(m{job="a", l="1"} 1 2)"}));
  EXPECT_EQ(Info({R"(m{job="a"} 1)", R"(m{job="a",l="1"} 2)", R"(target_info{job="a",l="1"} 1)"},
                 "info(m)", 0, 0),
            (Lines{"vector cannot contain metrics with the same labelset"}));
}

}  // namespace
}  // namespace synoptic::promql
