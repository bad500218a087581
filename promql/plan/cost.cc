// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/plan/cost.h"

namespace synoptic::promql {
namespace {

constexpr int64_t kAssumedScrapeIntervalMs = 15'000;
constexpr int64_t kSamplesPerPoint = 6;  // what a step value costs, in samples
constexpr size_t kFewPoints = 8;         // below this, a round trip costs more than the data

bool BinaryReduces(const Binary& binary) {
  if (TypeOf(*binary.lhs) != ValueType::kVector) return Reduces(*binary.rhs);
  if (TypeOf(*binary.rhs) != ValueType::kVector) return Reduces(*binary.lhs);
  if (binary.op == BinaryOp::kOr) return Reduces(*binary.lhs) && Reduces(*binary.rhs);
  if (IsSetOperator(binary.op)) return Reduces(*binary.lhs);
  const MatchCardinality cardinality =
      binary.matching ? binary.matching->cardinality : MatchCardinality::kOneToOne;
  if (cardinality == MatchCardinality::kManyToOne) return Reduces(*binary.lhs);
  if (cardinality == MatchCardinality::kOneToMany) return Reduces(*binary.rhs);
  return Reduces(*binary.lhs) || Reduces(*binary.rhs);
}

}  // namespace

bool Reduces(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kAggregate:
      return true;
    case ExprKind::kBinary:
      return BinaryReduces(As<Binary>(expr));
    case ExprKind::kCall:
    case ExprKind::kUnary:
    case ExprKind::kParen:
    case ExprKind::kStepInvariant:
    case ExprKind::kSubquery:
      for (const Expr* child : Children(expr)) {
        const ValueType type = TypeOf(*child);
        if ((type == ValueType::kVector || type == ValueType::kMatrix) && Reduces(*child)) {
          return true;
        }
      }
      return false;
    default:
      return false;
  }
}

bool StepsAreCheaper(Expr& expr, const Scope& scope, const PlanOptions& options) {
  const size_t points = scope.grid.size();
  // A plain selector's steps repeat its samples: raw also keeps staleness with us.
  if (Unwrap(expr).kind == ExprKind::kVectorSelector) return points == 1;
  if (points <= kFewPoints) return true;
  int64_t samples = 0;
  ForEachSelector(expr, scope, options,
                  [&](VectorSelector& selector, int64_t range_ms, const Scope& at) {
                    const SampleWindow window = WindowOf(selector, range_ms, at, options);
                    samples += (window.max_t - window.min_t) / kAssumedScrapeIntervalMs + 1;
                  });
  return static_cast<int64_t>(points) * kSamplesPerPoint <= samples;
}

}  // namespace synoptic::promql
