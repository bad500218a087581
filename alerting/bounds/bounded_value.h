// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A sample value of which all or only bounds are known, and PromQL's arithmetic on it. What is
// computed holds for every value within the bounds; where nothing can be said it is Anything().
#pragma once

#include <limits>

#include "domain/verdict/interval.h"
#include "domain/verdict/logic.h"
#include "promql/parse/ast.h"

namespace synoptic::alerting {

// Exact: the value itself, which may be NaN or infinite. Otherwise any finite value within [lo,
// hi], an infinite end being no bound; and, where `nan` says so, NaN or an infinity.
struct BoundedValue {
  double lo = 0;
  double hi = 0;
  bool exact = true;
  bool nan = false;

  static BoundedValue Exactly(double v) { return {v, v, true, false}; }
  static BoundedValue Between(double lo, double hi) { return {lo, hi, false, false}; }
  static BoundedValue NonNegative() { return Between(0, std::numeric_limits<double>::infinity()); }
  static BoundedValue Anything() {
    constexpr double kInf = std::numeric_limits<double>::infinity();
    return {-kInf, kInf, false, true};
  }
  bool nonnegative() const { return lo >= 0 && !nan; }
  // Holds for both this and `other`.
  BoundedValue Hull(const BoundedValue& other) const;
  // Room for sums that are added up in another order.
  BoundedValue Widened() const;
};

// +, -, *, /, %, ^, atan2.
BoundedValue Arithmetic(promql::BinaryOp op, const BoundedValue& a, const BoundedValue& b);
domain::Verdict CompareValues(promql::BinaryOp op, const BoundedValue& a, const BoundedValue& b);
// Functions of one value and constants: abs, ceil, clamp and the like.
BoundedValue ApplyFunction(promql::FunctionId id, const BoundedValue& v,
                           const std::vector<BoundedValue>& parameters);

}  // namespace synoptic::alerting
