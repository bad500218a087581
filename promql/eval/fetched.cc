// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Subtrees that upstreams evaluated: their values are step-exact, so no lookback is applied to them
// and gaps stay gaps.
#include <algorithm>

#include "base/status.h"
#include "promql/eval/operators.h"

namespace synoptic::promql::internal {
namespace {

class FetchedOp final : public Operator {
 public:
  FetchedOp(std::span<const StepSeries> data, const Scope& scope) : Operator(scope), data_(data) {
    series_.reserve(data.size());
    for (const StepSeries& one : data) {
      series_.push_back({one.labels, false, one.histograms.empty()});
    }
  }

  absl::Status DoNext(std::span<double> out) override {
    RETURN_IF_ERROR(eval().CheckCancelled());
    const std::vector<double>& values = data_[index()].values;
    if (values.size() != out.size()) {
      return MakeStatus(absl::StatusCode::kInternal, "fetched series {} has {} values, expected {}",
                        data_[index()].labels.ToString(), values.size(), out.size());
    }
    std::copy(values.begin(), values.end(), out.begin());
    histograms_ = data_[index()].histograms;
    eval().CountRead(static_cast<int64_t>(
        std::count_if(out.begin(), out.end(), [](double v) { return !IsAbsent(v); })));
    return absl::OkStatus();
  }

 private:
  std::span<const StepSeries> data_;
};

}  // namespace

absl::StatusOr<OperatorPtr> BuildFetched(const Fetched& fetched, const Scope& scope) {
  RETURN_IF_ERROR(scope.eval.CheckCancelled());
  auto data = scope.eval.source.Steps(fetched.fetch_id, scope.grid);
  if (!data.ok()) return ExpandError(data.status());
  scope.eval.NextOrder();
  return std::make_unique<FetchedOp>(*data, scope);
}

}  // namespace synoptic::promql::internal
