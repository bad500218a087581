// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What histogram_quantile(), histogram_quantiles() and histogram_fraction() ask of each histogram.
#pragma once

#include <string>
#include <vector>

#include "promql/eval/operator.h"
#include "promql/functions/table.h"
#include "promql/model/annotations.h"

namespace synoptic::promql::internal {

// One output per histogram: a quantile, or a fraction.
struct HistogramOutput {
  std::vector<double> first;   // quantile, or the fraction's lower bound
  std::vector<double> second;  // the fraction's upper bound
  // histogram_quantiles: the quantile in a label, and which parameter asks for it at each step
  // (empty: the only one does).
  std::string label_value;
  std::vector<size_t> asked_by;
  std::vector<bool> asked_twice;  // by two parameters: an error if there is an answer

  static constexpr size_t kNobody = static_cast<size_t>(-1);
  size_t AskedBy(size_t step) const { return asked_by.empty() ? 0 : asked_by[step]; }
  bool AskedAt(size_t step) const { return AskedBy(step) != kNobody; }
  bool AskedTwiceAt(size_t step) const { return !asked_twice.empty() && asked_twice[step]; }
};

struct HistogramQuestion {
  FunctionId id;
  std::string label;  // histogram_quantiles: the label that tells quantiles apart
  std::vector<HistogramOutput> outputs;
  std::vector<std::vector<double>> quantiles;  // by parameter
  PosRange vector_pos;
};

// Answers it for classic histograms, whose buckets are series told apart by `le`, and for native
// ones.
OperatorPtr MakeHistogramOperator(OperatorPtr child, HistogramQuestion question,
                                  const Scope& scope);

}  // namespace synoptic::promql::internal
