// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Queries in tests: series and answers as text.
#pragma once

#include <string>
#include <vector>

#include "base/go_format.h"
#include "base/status.h"
#include "gtest/gtest.h"
#include "promql/eval/evaluator.h"
#include "promql/eval/memory_source.h"
#include "promql/parse/parser.h"
#include "promql/parse/preprocess.h"
#include "promql/parse/series_description.h"

namespace synoptic::promql::eval_test {

// One sample a minute from 0.
inline RawSeries Series(const std::string& text) {
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

// m{a="b"} 1 _ {count:2, sum:3}: one line a series, then the annotations.
inline std::vector<std::string> Text(const EvalResult& result) {
  std::vector<std::string> lines;
  for (const StepSeries& series : result.value.series) {
    std::string line = series.labels.ToString();
    for (size_t s = 0; s < series.values.size(); ++s) {
      const HistogramPtr h = series.histograms.empty() ? nullptr : series.histograms[s];
      line += " ";
      if (h != nullptr && !IsAbsent(series.values[s])) line += GoFloatG(series.values[s]) + "&";
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

// The query's settings over minutes [from, to], or at one when they are equal.
inline EvalOptions Minutes(int64_t from, int64_t to) {
  EvalOptions options;
  options.grid = {from * 60'000, to * 60'000, 60'000};
  options.range_query = from != to;
  return options;
}

inline absl::StatusOr<EvalResult> RunQuery(std::vector<RawSeries> data, const std::string& expr,
                                           EvalOptions options) {
  MemorySource source(std::move(data));
  options.query_text = expr;
  ParseOptions parse;
  parse.experimental_functions = true;
  parse.binop_fill_modifiers = true;
  ASSIGN_OR_RETURN(ExprPtr tree, ParseExpr(expr, parse));
  ASSIGN_OR_RETURN(tree, Preprocess(std::move(tree), options.grid));
  source.Bind(*tree);
  return Evaluate(*tree, options, source);
}

// The answer over minutes [from, to] as Text, or the error.
inline std::vector<std::string> Answer(std::vector<RawSeries> data, const std::string& expr,
                                       int64_t from, int64_t to) {
  const auto result = RunQuery(std::move(data), expr, Minutes(from, to));
  if (!result.ok()) return {std::string(MessageOf(result.status()))};
  return Text(*result);
}

}  // namespace synoptic::promql::eval_test
