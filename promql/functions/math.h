// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Elementwise functions of one float.
#pragma once

#include <cstdint>
#include <span>

#include "promql/functions/table.h"
#include "promql/model/go_math.h"

namespace synoptic::promql {

using MathFunction = double (*)(double);

// abs, ceil, ... sgn, deg, rad, and the date functions of a timestamp in seconds (day_of_month,
// hour, ...); nullptr for others.
MathFunction FindMathFunction(FunctionId id);

// Go's math.Max and math.Min: NaN wins over all but +Inf (-Inf for Min), +0 over -0 (the reverse
// for Min).
double GoMax(double a, double b);
double GoMin(double a, double b);

// phi-quantile of `values` (reordered!), linear interpolation; NaN when empty; -Inf below 0, +Inf
// above 1.
double Quantile(double phi, std::span<double> values);

// A classic histogram's bucket at one step.
struct Bucket {
  double upper_bound;
  double count;
};

struct BucketQuantile {
  double value;
  bool forced_monotonic = false;  // counts had to be raised beyond rounding error
  // Details of the first and last repair for the info text.
  double min_bucket = 0, max_bucket = 0, max_difference = 0;
};
// histogram_quantile of classic buckets, reordered and merged in place: what lay behind the merged
// ones stays there, as in Prometheus, whose next quantile of the same buckets merges it once more.
BucketQuantile QuantileOfBuckets(double phi, std::span<Bucket> buckets);
// histogram_fraction of classic buckets, C6.9.
double FractionOfBuckets(double lower, double upper, std::span<Bucket> buckets);

}  // namespace synoptic::promql
