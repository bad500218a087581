// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Unary plus and minus.
#include <memory>

#include "base/status.h"
#include "promql/eval/elementwise.h"
#include "promql/model/histogram_math.h"
#include "promql/model/sample.h"

namespace synoptic::promql::internal {
namespace {

void Negate(std::span<double> column, std::vector<HistogramPtr>& histograms) {
  for (double& v : column) {
    if (!IsAbsent(v)) v = -v;
  }
  HistogramPtr last, last_negated;  // neighbouring steps often have the same one
  for (HistogramPtr& h : histograms) {
    if (h == nullptr) continue;
    if (h != last) {
      FloatHistogram negated = *h;
      Multiply(negated, -1);
      last_negated = std::make_shared<const FloatHistogram>(std::move(negated));
      last = h;
    }
    h = last_negated;
  }
}

}  // namespace

absl::StatusOr<OperatorPtr> BuildUnary(const Unary& node, const Scope& scope) {
  ASSIGN_OR_RETURN(OperatorPtr child, Build(*node.expr, scope));
  if (!node.negate) return child;
  RETURN_IF_ERROR(child->SettleOrder());
  return Elementwise(std::move(child), scope, Negate, EqualSeries::kMayMix);
}

}  // namespace synoptic::promql::internal
