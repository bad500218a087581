// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Kahan's sums of a group's native histograms as rows, one a step, for as long as all members have
// the same buckets. Bit for bit what KahanAdd of the histograms gives.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "promql/model/dense_histograms.h"

namespace synoptic::promql::internal {

class DenseSums {
 public:
  // Of histograms of this shape. `mean`: that of the members is wanted in the end.
  DenseSums(const HistogramShape& shape, size_t steps, bool mean);

  // Whether Add can be called: the same buckets, and no mean that would have to be computed another
  // way.
  bool Takes(const DenseColumn& column) const;
  // Returns by how many samples the sums have grown, as SizeInSamples counts them.
  int64_t Add(const DenseColumn& column);

  bool Has(size_t step) const { return members_[step] > 0; }
  uint32_t members(size_t step) const { return members_[step]; }
  bool reset_seen(size_t step) const { return (seen_[step] & kReset) != 0; }
  bool not_reset_seen(size_t step) const { return (seen_[step] & kNotReset) != 0; }
  int64_t size_in_samples() const { return sums_.size_in_samples(); }
  int64_t HeldBytes() const;

  // REQUIRES: Has(step).
  void Result(size_t step, FloatHistogram& out) const;
  // For who goes on with histograms: the sum, and if there are several members what it lost.
  FloatHistogram Sum(size_t step) const;
  std::optional<FloatHistogram> Lost(size_t step) const;

 private:
  static constexpr uint8_t kReset = 1, kNotReset = 2;

  void AddHints(const DenseColumn& column);

  const bool mean_;
  DenseHistograms sums_, lost_;  // a row a step
  std::vector<uint32_t> members_;
  std::vector<uint8_t> seen_;  // hints
  bool all_gauges_ = false;    // all hints so far
  bool any_ = false;
};

}  // namespace synoptic::promql::internal
