// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Operators that change each column in place and keep series one to one.
#pragma once

#include <functional>
#include <span>
#include <utility>

#include "base/status.h"
#include "promql/eval/operators.h"
#include "promql/model/sample.h"

namespace synoptic::promql::internal {

// `F(std::span<double> column, std::vector<HistogramPtr>& histograms)` once per series; what `F`
// leaves in `histograms` is the column's.
template <class F>
class ElementwiseOp final : public Operator {
 public:
  ElementwiseOp(OperatorPtr child, F f, const Scope& scope)
      : Operator(scope), child_(AddChild(std::move(child))), f_(std::move(f)) {
    series_ = child_.series();
    may_be_equal_ = DropNames(series_, eval());
  }
  bool may_be_equal() const { return may_be_equal_; }
  void KeepBoth() override { child_.KeepBoth(); }

 private:
  absl::Status DoNext(std::span<double> out) override {
    RETURN_IF_ERROR(child_.Next(out));
    histograms_.swap(child_.histograms());
    f_(out, histograms_);
    return absl::OkStatus();
  }

  Operator& child_;
  F f_;
  bool may_be_equal_ = false;
};

// With names dropped, and series that became equal merged.
template <class F>
OperatorPtr Elementwise(OperatorPtr child, const Scope& scope, F f,
                        EqualSeries rule = EqualSeries::kNeverMeet) {
  auto op = std::make_unique<ElementwiseOp<F>>(std::move(child), std::move(f), scope);
  scope.eval.NextOrder();
  if (!op->may_be_equal()) return op;
  return MergeEqual(std::move(op), scope, rule);
}

// v -> f(v, step) where there is a float; histograms go.
template <class F>
OperatorPtr MapValues(OperatorPtr child, const Scope& scope, F f) {
  return Elementwise(
      std::move(child), scope,
      [f = std::move(f)](std::span<double> column, std::vector<HistogramPtr>& histograms) {
        histograms.clear();
        for (size_t s = 0; s < column.size(); ++s) {
          if (!IsAbsent(column[s])) column[s] = f(column[s], s);
        }
      });
}

}  // namespace synoptic::promql::internal
