// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Numbers about one native histogram: quantile, fraction, variance. Formulas and special cases are
// those of Prometheus' promql/quantile.go; results agree bit for bit.
#pragma once

#include "promql/model/histogram.h"

namespace synoptic::promql {

// What NaN among the observations does to an answer; they are counted, but in no bucket.
enum class NaNObservations {
  kNone,
  kResultIsNaN,  // the quantile falls behind all buckets
  kSkewed,       // the quantile comes out too high, or the fractions leave them out
};

struct HistogramAnswer {
  double value;
  NaNObservations nan = NaNObservations::kNone;
};

// -Inf for q < 0, +Inf for q > 1, NaN for an empty histogram. Linear interpolation between custom
// bounds and in the zero bucket, exponential elsewhere.
HistogramAnswer QuantileOfHistogram(double q, const FloatHistogram& h);
// The share of observations between two values.
HistogramAnswer FractionOfHistogram(double lower, double upper, const FloatHistogram& h);
// Population variance, all observations taken to lie in the middle of their bucket.
double VarianceOfHistogram(const FloatHistogram& h);

}  // namespace synoptic::promql
