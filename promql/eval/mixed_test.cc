// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Series with floats and native histograms: which sample is the newest, stale markers, windows that
// hold both. Answers as text; what Prometheus' own scripts prove (tests/promql) is not repeated.
#include <string>
#include <vector>

#include "base/go_format.h"
#include "base/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "promql/eval/evaluator.h"
#include "promql/eval/memory_source.h"
#include "promql/parse/parser.h"
#include "promql/parse/preprocess.h"
#include "promql/parse/series_description.h"

namespace synoptic::promql {
namespace {

using testing::ElementsAre;

// One sample a minute from 0.
RawSeries Series(const std::string& text) {
  const SeriesDescription description = ParseSeriesDescription(text).value();
  RawSeries out{description.labels, SampleColumns(), {}};
  int64_t t = 0;
  for (const SeriesItem& item : description.items) {
    if (item.histogram != nullptr) {
      out.histograms.push_back(t, item.histogram);
    } else if (!item.omitted) {
      std::get<SampleColumns>(out.data).push_back(t, item.value);
    }
    t += 60'000;
  }
  return out;
}

std::vector<std::string> Text(const EvalResult& result) {
  std::vector<std::string> lines;
  for (const StepSeries& series : result.value.series) {
    std::string line = series.labels.ToString();
    for (size_t s = 0; s < series.values.size(); ++s) {
      const HistogramPtr h = series.histograms.empty() ? nullptr : series.histograms[s];
      EXPECT_TRUE(h == nullptr || IsAbsent(series.values[s]));
      line += " ";
      line += h != nullptr                 ? h->ToString()
              : IsAbsent(series.values[s]) ? "_"
                                           : GoFloatG(series.values[s]);
    }
    lines.push_back(line);
  }
  for (const auto& series : result.value.points) {
    std::string line = series.labels.ToString();
    for (size_t i = 0; i < series.samples.size(); ++i) {
      line += " " + GoFloatG(series.samples.v[i]) + "@" + std::to_string(series.samples.t[i]);
    }
    for (size_t i = 0; i < series.histograms.size(); ++i) {
      line +=
          " " + series.histograms.h[i]->ToString() + "@" + std::to_string(series.histograms.t[i]);
    }
    lines.push_back(line);
  }
  for (const std::string& warning : result.annotations.warnings()) lines.push_back(warning);
  for (const std::string& info : result.annotations.infos()) lines.push_back(info);
  return lines;
}

// Over minutes [from, to], or at one when they are equal.
std::vector<std::string> Answer(std::vector<RawSeries> data, const std::string& expr, int64_t from,
                                int64_t to) {
  MemorySource source(std::move(data));
  EvalOptions options;
  options.grid = {from * 60'000, to * 60'000, 60'000};
  options.range_query = from != to;
  options.query_text = expr;
  ParseOptions parse;
  parse.experimental_functions = true;
  ExprPtr tree = ParseExpr(expr, parse).value();
  tree = Preprocess(std::move(tree), options.grid).value();
  source.Bind(*tree);
  const auto result = Evaluate(*tree, options, source);
  if (!result.ok()) return {std::string(MessageOf(result.status()))};
  return Text(*result);
}

TEST(MixedSeries, NewestSampleOfEitherKindIsTaken) {
  const auto data = [] { return std::vector{Series("m 1 {{count:2}} _ 3 {{count:4}}")}; };
  EXPECT_THAT(Answer(data(), "m", 0, 5), ElementsAre(R"(m 1 {count:2, sum:0} {count:2, sum:0} 3 )"
                                                     R"({count:4, sum:0} {count:4, sum:0})"));
  EXPECT_THAT(Answer(data(), "timestamp(m)", 0, 5), ElementsAre("{} 0 60 60 180 240 240"));
  EXPECT_THAT(Answer(data(), "m[5m]", 4, 4), ElementsAre(R"(m 1@0 3@180000 {count:2, sum:0}@60000 )"
                                                         R"({count:4, sum:0}@240000)"));
}

TEST(MixedSeries, LookbackIsOpenOnTheLeftForHistogramsToo) {
  EXPECT_THAT(Answer({Series("m {{count:2}}")}, "m", 3, 6),
              ElementsAre(R"(m {count:2, sum:0} {count:2, sum:0} _ _)"));
}

TEST(MixedSeries, StaleMarkerOfEitherKindHidesTheOther) {
  RawSeries series = Series("m 1 {{count:2}} stale 3 {{count:4}}");
  auto stale = std::make_shared<FloatHistogram>();
  stale->sum = StaleNaN();
  series.histograms.h[1] = stale;
  EXPECT_THAT(Answer({series}, "m", 1, 5), ElementsAre(R"(m {count:2, sum:0} _ 3 _ _)"));
}

TEST(MixedSeries, FloatFunctionsLeaveHistogramsOut) {
  const auto data = [] { return std::vector{Series("m -1 {{count:2}}")}; };
  EXPECT_THAT(Answer(data(), "abs(m)", 0, 1), ElementsAre("{} 1 _"));
  EXPECT_THAT(Answer(data(), "-m", 0, 1), ElementsAre("{} 1 {count:-2, sum:-0}"));
  EXPECT_THAT(Answer(data(), "absent(m)", 1, 1), ElementsAre());
  EXPECT_THAT(Answer(data(), "absent_over_time(m[1m])", 1, 2), ElementsAre("{} _ 1"));
  EXPECT_THAT(Answer(data(), "histogram_count(m)", 0, 1), ElementsAre("{} _ 2"));
}

TEST(MixedSeries, StepInvariantHistogramsAreRepeated) {
  EXPECT_THAT(Answer({Series("m 1 {{count:2}}")}, "m @ 60", 0, 1),
              ElementsAre(R"(m {count:2, sum:0} {count:2, sum:0})"));
}

TEST(MixedSeries, SubqueryForgetsResetHints) {
  const auto data = [] {
    return std::vector{
        Series("m {{count:9 counter_reset_hint:not_reset}} "
               "{{count:4 counter_reset_hint:not_reset}}")};
  };
  EXPECT_THAT(Answer(data(), "m[2m:1m]", 1, 1),
              ElementsAre(R"(m {count:9, sum:0}@0 {count:4, sum:0}@60000)"));
}

}  // namespace
}  // namespace synoptic::promql
