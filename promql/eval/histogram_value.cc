// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// histogram_count(), histogram_sum(), histogram_avg(), histogram_stddev(), histogram_stdvar():
// one number about each native histogram; floats go.
#include <algorithm>
#include <cmath>

#include "base/status.h"
#include "promql/eval/operators.h"
#include "promql/functions/histogram_statistics.h"

namespace synoptic::promql::internal {
namespace {

using HistogramFunction = double (*)(const FloatHistogram&);

HistogramFunction FindHistogramFunction(FunctionId id) {
  switch (id) {
    case FunctionId::kHistogramCount:
      return [](const FloatHistogram& h) { return h.count; };
    case FunctionId::kHistogramSum:
      return [](const FloatHistogram& h) { return h.sum; };
    case FunctionId::kHistogramAvg:
      return [](const FloatHistogram& h) { return h.sum / h.count; };
    case FunctionId::kHistogramStddev:
      return [](const FloatHistogram& h) { return std::sqrt(VarianceOfHistogram(h)); };
    default:
      return VarianceOfHistogram;
  }
}

class HistogramValueOp final : public Operator {
 public:
  HistogramValueOp(OperatorPtr child, HistogramFunction function, const Scope& scope)
      : Operator(scope), child_(AddChild(std::move(child))), function_(function) {
    series_ = child_.series();
    for (SeriesInfo& info : series_) {
      if (eval().options.delayed_name_removal) {
        info.drop_name = true;
      } else {  // type and unit stay, unlike everywhere else
        LabelsBuilder builder(info.labels);
        info.labels = builder.Delete(kMetricName).Build();
      }
    }
  }

 private:
  absl::Status DoNext(std::span<double> out) override {
    RETURN_IF_ERROR(child_.Next(out));
    std::fill(out.begin(), out.end(), Absent());
    const std::vector<HistogramPtr>& histograms = child_.histograms();
    for (size_t s = 0; s < histograms.size(); ++s) {
      if (histograms[s] != nullptr) out[s] = function_(*histograms[s]);
    }
    return absl::OkStatus();
  }

  Operator& child_;
  HistogramFunction function_;
};

}  // namespace

absl::StatusOr<OperatorPtr> BuildHistogramValue(const Call& call, const Scope& scope) {
  ASSIGN_OR_RETURN(OperatorPtr child, Build(*call.args[0], scope));
  auto op = std::make_unique<HistogramValueOp>(std::move(child),
                                               FindHistogramFunction(call.function->id), scope);
  scope.eval.NextOrder();
  return MergeEqual(std::move(op), scope);
}

}  // namespace synoptic::promql::internal
