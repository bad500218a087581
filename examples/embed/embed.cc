// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// PromQL over series in memory: parse, prepare for a time range, evaluate, print.
// usage: embed [EXPR]
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "promql/eval/evaluator.h"
#include "promql/eval/memory_source.h"
#include "promql/parse/parser.h"
#include "promql/parse/preprocess.h"
#include "promql/parse/printer.h"

namespace promql = synoptic::promql;

namespace {

constexpr int64_t kMinuteMs = 60'000;

// A counter that rises by `rate` a second, sampled every 15 seconds for ten minutes.
promql::RawSeries Requests(const std::string& region, double rate) {
  promql::SampleColumns samples;
  for (int64_t t = 0; t <= 10 * kMinuteMs; t += 15'000) {
    samples.push_back(t, rate * static_cast<double>(t) / 1000);
  }
  return {.labels = promql::Labels::From({{"__name__", "http_requests_total"}, {"region", region}}),
          .data = std::move(samples)};
}

absl::StatusOr<promql::EvalResult> Query(const std::string& text, const promql::Grid& grid,
                                         promql::MemorySource& source) {
  absl::StatusOr<promql::ExprPtr> tree = promql::ParseExpr(text);
  if (!tree.ok()) return tree.status();
  std::printf("%s\n", promql::Print(**tree).c_str());
  tree = promql::Preprocess(*std::move(tree), grid);
  if (!tree.ok()) return tree.status();
  source.Bind(**tree);
  promql::EvalOptions options;
  options.grid = grid;
  options.range_query = true;
  options.query_text = text;
  return promql::Evaluate(**tree, options, source);
}

}  // namespace

int main(int argc, char** argv) {
  promql::MemorySource source({Requests("eu", 3), Requests("us", 5)});
  const promql::Grid grid{5 * kMinuteMs, 10 * kMinuteMs, kMinuteMs};
  const std::string text = argc > 1 ? argv[1] : "sum by (region) (rate(http_requests_total[2m]))";
  const absl::StatusOr<promql::EvalResult> result = Query(text, grid, source);
  if (!result.ok()) {
    std::fprintf(stderr, "embed: %s\n", std::string(result.status().message()).c_str());
    return 1;
  }
  for (const promql::StepSeries& series : result->value.series) {
    std::printf("%s", series.labels.ToString().c_str());
    for (const double value : series.values) {
      if (!promql::IsAbsent(value)) std::printf(" %g", value);
    }
    std::printf("\n");
  }
  return 0;
}
