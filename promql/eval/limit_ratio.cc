// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/limit_ratio.h"

#include <utility>

#include "base/status.h"
#include "promql/model/sample.h"

namespace synoptic::promql::internal {
namespace {

class LimitRatioOp final : public Operator {
 public:
  LimitRatioOp(OperatorPtr child, std::vector<double> ratio, const Scope& scope)
      : Operator(scope), child_(AddChild(std::move(child))), ratio_(std::move(ratio)) {
    series_ = child_.series();
  }

 private:
  absl::Status DoNext(std::span<double> out) override {
    RETURN_IF_ERROR(child_.Next(out));
    const RatioFilter filter(series_[index()].labels);
    const std::vector<HistogramPtr>& histograms = child_.histograms();
    for (size_t s = 0; s < out.size(); ++s) {
      if (!filter.Takes(ratio_[s])) {
        out[s] = Absent();
      } else if (!histograms.empty() && histograms[s] != nullptr) {
        if (histograms_.empty()) histograms_.resize(out.size());
        histograms_[s] = histograms[s];
      }
    }
    return absl::OkStatus();
  }

  Operator& child_;
  std::vector<double> ratio_;
};

}  // namespace

OperatorPtr MaskByRatio(OperatorPtr child, std::vector<double> ratio, const Scope& scope) {
  return std::make_unique<LimitRatioOp>(std::move(child), std::move(ratio), scope);
}

}  // namespace synoptic::promql::internal
