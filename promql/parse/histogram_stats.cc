// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/parse/histogram_stats.h"

namespace synoptic::promql {
namespace {

// It looks at buckets itself, or (a subquery) resets have to be found anew in what it gives.
bool NeedsBuckets(const Expr& node) {
  if (node.kind == ExprKind::kSubquery) return true;
  if (node.kind == ExprKind::kBinary) {
    const BinaryOp op = As<Binary>(node).op;
    return op == BinaryOp::kTrimUpper || op == BinaryOp::kTrimLower;
  }
  if (node.kind != ExprKind::kCall) return false;
  switch (As<Call>(node).function->id) {
    case FunctionId::kHistogramQuantile:
    case FunctionId::kHistogramQuantiles:
    case FunctionId::kHistogramFraction:
    case FunctionId::kHistogramStddev:
    case FunctionId::kHistogramStdvar:
      return true;
    default:
      return false;
  }
}

bool TakesStats(const Expr& node) {
  if (node.kind != ExprKind::kCall) return false;
  const FunctionId id = As<Call>(node).function->id;
  return id == FunctionId::kHistogramCount || id == FunctionId::kHistogramSum ||
         id == FunctionId::kHistogramAvg;
}

// Nowhere above does anything need buckets; `taken`: somewhere above something takes stats.
void Mark(Expr& node, bool taken) {
  if (NeedsBuckets(node)) return;
  if (node.kind == ExprKind::kVectorSelector) As<VectorSelector>(node).stats_only = taken;
  taken = taken || TakesStats(node);
  for (Expr* child : Children(node)) Mark(*child, taken);
}

}  // namespace

void MarkStatsOnly(Expr& expr) { Mark(expr, false); }

}  // namespace synoptic::promql
