// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A value of which only bounds are known. What is seen is a point; what is unseen is an interval,
// at worst [0, +Inf] for what cannot be negative. Sums, maxima and minima of intervals are
// intervals, and comparing one with a threshold gives a Verdict: TRUE when every point of it
// satisfies, FALSE when none does, else UNKNOWN (vector D1).
#pragma once

#include <limits>
#include <span>

#include "absl/status/statusor.h"
#include "domain/verdict/logic.h"

namespace synoptic::domain {

// INVARIANT of intervals made by the functions here: lo <= hi, no NaN, lo < +Inf, hi > -Inf. So no
// sum of them is NaN.
struct Interval {
  double lo = 0;
  double hi = 0;

  bool exact() const { return lo == hi; }
  bool Contains(double v) const { return lo <= v && v <= hi; }
  friend bool operator==(const Interval&, const Interval&) = default;
};

inline constexpr Interval kUnseenNonNegative = {0, std::numeric_limits<double>::infinity()};
inline constexpr Interval kUnseen = {-std::numeric_limits<double>::infinity(),
                                     std::numeric_limits<double>::infinity()};

// Errors: NaN, lo > hi, an end at the wrong infinity.
absl::StatusOr<Interval> MakeInterval(double lo, double hi);
// A value seen. Errors: not finite.
absl::StatusOr<Interval> Exactly(double value);

// What holds for every choice of a point in each operand. Division by an interval that holds zero
// gives kUnseen.
Interval Add(Interval a, Interval b);
Interval Subtract(Interval a, Interval b);
Interval Multiply(Interval a, Interval b);
Interval Divide(Interval a, Interval b);
Interval Negate(Interval a);
Interval LowerOf(Interval a, Interval b);  // of min(x, y)
Interval UpperOf(Interval a, Interval b);  // of max(x, y)
// Both are known to hold: their common part. Errors: they exclude each other, so one is wrong.
absl::StatusOr<Interval> Meet(Interval a, Interval b);

enum class Aggregate { kSum, kMin, kMax };
// Over all inputs, the seen as points and the missing as bounds. Errors: no input, a seen value
// that is not finite, missing bounds that break the invariant.
absl::StatusOr<Interval> AggregateBounds(Aggregate aggregate, std::span<const double> known,
                                         std::span<const Interval> missing);

// How many of all inputs satisfy a condition, from one verdict an input: [TRUE, TRUE + UNKNOWN].
Interval CountTrue(std::span<const Verdict> verdicts);

enum class Comparison { kLess, kLessEqual, kGreater, kGreaterEqual, kEqual, kNotEqual };
// REQUIRES: threshold is not NaN.
Verdict Compare(Interval value, Comparison comparison, double threshold);

}  // namespace synoptic::domain
