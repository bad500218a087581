// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/bounds/bounded_value.h"

#include <algorithm>
#include <cmath>

namespace synoptic::alerting {
namespace {

using domain::Verdict;
using promql::BinaryOp;
using promql::FunctionId;

double Plain(BinaryOp op, double a, double b) {
  switch (op) {
    case BinaryOp::kAdd:
      return a + b;
    case BinaryOp::kSub:
      return a - b;
    case BinaryOp::kMul:
      return a * b;
    case BinaryOp::kDiv:
      return a / b;
    case BinaryOp::kMod:
      return std::fmod(a, b);
    default:
      return std::numeric_limits<double>::quiet_NaN();
  }
}

bool Finite(const BoundedValue& v) { return !v.exact || std::isfinite(v.lo); }

BoundedValue Of(domain::Interval interval) {
  return BoundedValue::Between(interval.lo, interval.hi);
}
domain::Interval IntervalOf(const BoundedValue& v) { return {v.lo, v.hi}; }

// Rounding keeps the order of quotients: the corners bound them all.
BoundedValue Quotient(const BoundedValue& a, const BoundedValue& b) {
  if (b.lo <= 0 && b.hi >= 0) {
    // Also what is above zero for certain may come close to it.
    return BoundedValue::Anything();
  }
  double lo = std::numeric_limits<double>::infinity(), hi = -lo;
  for (const double x : {a.lo, a.hi}) {
    for (const double y : {b.lo, b.hi}) {
      double q = x / y;
      if (std::isinf(x) && std::isinf(y)) q = 0;  // between 0 and the other corners
      lo = std::min(lo, q);
      hi = std::max(hi, q);
    }
  }
  return BoundedValue::Between(lo, hi);
}

bool Holds(BinaryOp op, double a, double b) {
  switch (op) {
    case BinaryOp::kEqual:
      return a == b;
    case BinaryOp::kNotEqual:
      return a != b;
    case BinaryOp::kGreater:
      return a > b;
    case BinaryOp::kLess:
      return a < b;
    case BinaryOp::kGreaterEqual:
      return a >= b;
    default:
      return a <= b;
  }
}

Verdict Decide(bool all, bool some) {
  if (all) return Verdict::kTrue;
  return some ? Verdict::kUnknown : Verdict::kFalse;
}

Verdict CompareFinite(BinaryOp op, const BoundedValue& a, const BoundedValue& b) {
  switch (op) {
    case BinaryOp::kGreater:
      return Decide(a.lo > b.hi, a.hi > b.lo);
    case BinaryOp::kGreaterEqual:
      return Decide(a.lo >= b.hi, a.hi >= b.lo);
    case BinaryOp::kLess:
      return Decide(a.hi < b.lo, a.lo < b.hi);
    case BinaryOp::kLessEqual:
      return Decide(a.hi <= b.lo, a.lo <= b.hi);
    case BinaryOp::kEqual:
      return Decide(a.lo == a.hi && b.lo == b.hi && a.lo == b.lo, a.lo <= b.hi && b.lo <= a.hi);
    default:
      return domain::Not(CompareFinite(BinaryOp::kEqual, a, b));
  }
}

// A function that never falls.
template <class F>
BoundedValue Rising(const BoundedValue& v, F f) {
  if (v.exact) return BoundedValue::Exactly(f(v.lo));
  return {f(v.lo), f(v.hi), false, v.nan};
}

BoundedValue Abs(const BoundedValue& v) {
  if (v.exact) return BoundedValue::Exactly(std::fabs(v.lo));
  const double a = std::fabs(v.lo), b = std::fabs(v.hi);
  const bool over_zero = v.lo <= 0 && v.hi >= 0;
  return {over_zero ? 0 : std::min(a, b), std::max(a, b), false, v.nan};
}

}  // namespace

BoundedValue BoundedValue::Hull(const BoundedValue& other) const {
  if (exact && other.exact && lo == other.lo) return *this;
  if (!Finite(*this) || !Finite(other)) return Anything();
  return {std::min(lo, other.lo), std::max(hi, other.hi), false, nan || other.nan};
}

BoundedValue BoundedValue::Widened() const {
  constexpr double kShare = 1e-12;
  if (exact && !std::isfinite(lo)) return Anything();
  return {lo - std::fabs(lo) * kShare, hi + std::fabs(hi) * kShare, false, nan};
}

BoundedValue Arithmetic(BinaryOp op, const BoundedValue& a, const BoundedValue& b) {
  const bool plain =
      op == BinaryOp::kAdd || op == BinaryOp::kSub || op == BinaryOp::kMul || op == BinaryOp::kDiv;
  if (!plain && op != BinaryOp::kMod) return BoundedValue::Anything();
  if (a.exact && b.exact) return BoundedValue::Exactly(Plain(op, a.lo, b.lo));
  if (!plain || !Finite(a) || !Finite(b)) return BoundedValue::Anything();
  BoundedValue out;
  if (op == BinaryOp::kAdd) out = Of(domain::Add(IntervalOf(a), IntervalOf(b)));
  if (op == BinaryOp::kSub) out = Of(domain::Subtract(IntervalOf(a), IntervalOf(b)));
  if (op == BinaryOp::kMul) out = Of(domain::Multiply(IntervalOf(a), IntervalOf(b)));
  if (op == BinaryOp::kDiv) out = Quotient(a, b);
  // An infinity that is allowed for may become anything.
  if (a.nan || b.nan) return BoundedValue::Anything();
  return out;
}

Verdict CompareValues(BinaryOp op, const BoundedValue& a, const BoundedValue& b) {
  if (a.exact && b.exact) return domain::FromBool(Holds(op, a.lo, b.lo));
  // Nothing compares with NaN but !=.
  if ((a.exact && std::isnan(a.lo)) || (b.exact && std::isnan(b.lo))) {
    return domain::FromBool(op == BinaryOp::kNotEqual);
  }
  if (a.nan || b.nan) return Verdict::kUnknown;
  return CompareFinite(op, a, b);
}

BoundedValue ApplyFunction(FunctionId id, const BoundedValue& v,
                           const std::vector<BoundedValue>& parameters) {
  if (!Finite(v)) return BoundedValue::Anything();
  const bool constants = std::all_of(parameters.begin(), parameters.end(),
                                     [](const auto& p) { return p.exact && !std::isnan(p.lo); });
  if (!constants) return BoundedValue::Anything();
  switch (id) {
    case FunctionId::kAbs:
      return Abs(v);
    case FunctionId::kCeil:
      return Rising(v, [](double x) { return std::ceil(x); });
    case FunctionId::kFloor:
      return Rising(v, [](double x) { return std::floor(x); });
    case FunctionId::kSgn:
      return Rising(v, [](double x) { return x > 0 ? 1.0 : x < 0 ? -1.0 : x; });
    case FunctionId::kSqrt:
      if (v.lo < 0) return BoundedValue::Anything();
      return Rising(v, [](double x) { return std::sqrt(x); });
    case FunctionId::kClampMin:
      return Rising(v, [&](double x) { return std::max(x, parameters[0].lo); });
    case FunctionId::kClampMax:
      return Rising(v, [&](double x) { return std::min(x, parameters[0].lo); });
    case FunctionId::kClamp:
      if (parameters[0].lo > parameters[1].lo) return BoundedValue::Anything();
      return Rising(
          v, [&](double x) { return std::max(parameters[0].lo, std::min(parameters[1].lo, x)); });
    default:
      return BoundedValue::Anything();
  }
}

}  // namespace synoptic::alerting
