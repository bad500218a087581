// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/verdict/interval.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>

#include "base/go_format.h"
#include "base/status.h"
#include "domain/stats/check.h"

namespace synoptic::domain {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Bounds multiply like bounds: nothing of something unbounded is nothing.
double Product(double a, double b) { return a == 0 || b == 0 ? 0 : a * b; }

// Finite operands may overflow to the wrong infinity; then the largest finite number is the bound.
Interval Bounded(double lo, double hi) {
  constexpr double kLargest = std::numeric_limits<double>::max();
  return {std::min(lo, kLargest), std::max(hi, -kLargest)};
}

}  // namespace

absl::StatusOr<Interval> MakeInterval(double lo, double hi) {
  if (lo <= hi && lo < kInfinity && hi > -kInfinity) return Interval{lo, hi};
  return InvalidArgument("bounds [{}, {}]: expected a lower one that is not above the upper one",
                         GoFloatG(lo), GoFloatG(hi));
}

absl::StatusOr<Interval> Exactly(double value) {
  RETURN_IF_ERROR(CheckFinite({{"value", value}}));
  return Interval{value, value};
}

Interval Add(Interval a, Interval b) { return Bounded(a.lo + b.lo, a.hi + b.hi); }
Interval Negate(Interval a) { return {-a.hi, -a.lo}; }
Interval Subtract(Interval a, Interval b) { return Add(a, Negate(b)); }

Interval Multiply(Interval a, Interval b) {
  const std::initializer_list<double> corners = {Product(a.lo, b.lo), Product(a.lo, b.hi),
                                                 Product(a.hi, b.lo), Product(a.hi, b.hi)};
  return Bounded(std::min(corners), std::max(corners));
}

Interval Divide(Interval a, Interval b) {
  if (b.Contains(0)) return kUnseen;
  return Multiply(a, {1 / b.hi, 1 / b.lo});
}

Interval LowerOf(Interval a, Interval b) { return {std::min(a.lo, b.lo), std::min(a.hi, b.hi)}; }
Interval UpperOf(Interval a, Interval b) { return {std::max(a.lo, b.lo), std::max(a.hi, b.hi)}; }

absl::StatusOr<Interval> Meet(Interval a, Interval b) {
  return MakeInterval(std::max(a.lo, b.lo), std::min(a.hi, b.hi));
}

absl::StatusOr<Interval> AggregateBounds(Aggregate aggregate, std::span<const double> known,
                                         std::span<const Interval> missing) {
  if (known.empty() && missing.empty()) {
    return InvalidArgument("inputs: none: expected at least one");
  }
  const auto combine = [aggregate](Interval a, Interval b) {
    switch (aggregate) {
      case Aggregate::kSum:
        return Add(a, b);
      case Aggregate::kMin:
        return LowerOf(a, b);
      case Aggregate::kMax:
        return UpperOf(a, b);
    }
    return kUnseen;
  };
  Interval all;
  bool first = true;
  for (const double value : known) {
    ASSIGN_OR_RETURN(const Interval point, Exactly(value));
    all = first ? point : combine(all, point);
    first = false;
  }
  for (const Interval& bounds : missing) {
    ASSIGN_OR_RETURN(const Interval checked, MakeInterval(bounds.lo, bounds.hi));
    all = first ? checked : combine(all, checked);
    first = false;
  }
  return all;
}

Interval CountTrue(std::span<const Verdict> verdicts) {
  const auto surely = std::count(verdicts.begin(), verdicts.end(), Verdict::kTrue);
  const auto maybe = std::count(verdicts.begin(), verdicts.end(), Verdict::kUnknown);
  return {static_cast<double>(surely), static_cast<double>(surely + maybe)};
}

Verdict Compare(Interval value, Comparison comparison, double threshold) {
  const auto decide = [](bool all, bool some) {
    if (all) return Verdict::kTrue;
    return some ? Verdict::kUnknown : Verdict::kFalse;
  };
  switch (comparison) {
    case Comparison::kLess:
      return decide(value.hi < threshold, value.lo < threshold);
    case Comparison::kLessEqual:
      return decide(value.hi <= threshold, value.lo <= threshold);
    case Comparison::kGreater:
      return decide(value.lo > threshold, value.hi > threshold);
    case Comparison::kGreaterEqual:
      return decide(value.lo >= threshold, value.hi >= threshold);
    case Comparison::kEqual:
      return decide(value.exact() && value.lo == threshold, value.Contains(threshold));
    case Comparison::kNotEqual:
      return Not(Compare(value, Comparison::kEqual, threshold));
  }
  return Verdict::kUnknown;
}

}  // namespace synoptic::domain
