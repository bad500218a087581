// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Samples of one series, floats and native histograms in one list by time: for those who merge
// series and do not care which is which. The evaluator reads columns (series.h).
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "promql/model/series.h"

namespace synoptic::promql {

struct MixedSample {
  int64_t t = 0;
  double v = 0;
  HistogramPtr h;  // null: a float
  int64_t st = 0;  // start timestamp, 0: unknown

  bool IsStale() const { return IsStaleNaN(h == nullptr ? v : h->sum); }
};
using MixedSamples = std::vector<MixedSample>;

// All samples of `series`, times strictly rising. Errors: those of decoding.
absl::StatusOr<MixedSamples> ReadMixed(const RawSeries& series);

// Makes them the data of `series`. REQUIRES: times strictly rising.
void SetMixed(MixedSamples samples, RawSeries& series);

// For a sample that follows another one than it did where it was stored: what it says of a
// counter's reset since then is forgotten, as Prometheus does where it merges series.
void ForgetResetHint(MixedSample& sample);

// Orders samples of equal times, so that which one stays does not depend on the order of arrival.
bool BitsLess(const MixedSample& a, const MixedSample& b);

// Bytes that a histogram holds, itself included; what it shares with others counts for each.
int64_t HeldBytes(const FloatHistogram& h);
int64_t HeldBytes(const HistogramColumns& columns);

}  // namespace synoptic::promql
