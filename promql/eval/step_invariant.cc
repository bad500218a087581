// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Subtrees whose value does not depend on the step: evaluated at the first step, repeated at all.
#include <algorithm>

#include "base/status.h"
#include "promql/eval/operators.h"

namespace synoptic::promql::internal {
namespace {

class RepeatOp final : public Operator {
 public:
  RepeatOp(OperatorPtr child, const Scope& scope)
      : Operator(scope), child_(AddChild(std::move(child))) {
    series_ = child_.series();
    child_.KeepBoth();
  }

  absl::Status DoNext(std::span<double> out) override {
    double value = Absent();
    RETURN_IF_ERROR(child_.Next(std::span(&value, 1)));
    std::fill(out.begin(), out.end(), value);
    if (child_.histograms().empty() || child_.histograms()[0] == nullptr) return absl::OkStatus();
    if (!IsAbsent(value)) return absl::FailedPreconditionError("unexpected number of samples");
    histograms_.assign(out.size(), child_.histograms()[0]);
    return absl::OkStatus();
  }

 private:
  Operator& child_;
};

}  // namespace

absl::StatusOr<OperatorPtr> BuildStepInvariant(const StepInvariant& node, const Scope& scope) {
  const Scope once{scope.eval, Grid::Instant(scope.grid.start), scope.at_shift_ms};
  ASSIGN_OR_RETURN(OperatorPtr child, Build(*node.expr, once));
  return std::make_unique<RepeatOp>(std::move(child), scope);
}

}  // namespace synoptic::promql::internal
