// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Order statistics of windows that slide, from the few values near the rank that is asked for.
//
// Of a window only a band of values is kept in order: from a little below the rank to a little
// above it, as a sample of the window tells. What lies below the band is counted, what lies above
// it is forgotten. A window that moves by a sample changes a count, or moves a part of the band;
// only when the rank has drifted out of the band is a new one made. Not thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "promql/functions/order.h"

namespace synoptic::promql {

class SortedBand {
 public:
  // Begins anew, with values that must outlive their use. NaNs come before all numbers.
  void Reset(std::span<const double> values);

  // The values at rank.lower and rank.upper of [lo, hi), which is not empty and is never behind the
  // range before. Zeros of either sign are equal: which one comes first is not told.
  std::pair<double, double> At(size_t lo, size_t hi, const QuantileRank& rank);

 private:
  bool Holds(const QuantileRank& rank) const {
    return rank.lower >= below_ && rank.upper < below_ + band_.size();
  }
  void Move(size_t lo, size_t hi);
  void Rebuild(size_t lo, size_t hi, const QuantileRank& rank);
  // Takes the band from `low` to `high`, both included, out of a window.
  void Take(std::span<const double> window, double low, double high);
  void TakeAll(std::span<const double> window);
  void Remove(double value);
  void Insert(double value);

  std::span<const double> values_;
  bool has_nan_ = false;
  bool is_whole_ = true;  // the band is the window
  double low_ = 0, high_ = 0;
  size_t below_ = 0;
  std::vector<double> band_;
  std::vector<double> sample_;
  size_t lo_ = 0, hi_ = 0;
  size_t asked_ = 0, rebuilt_ = 0;
};

}  // namespace synoptic::promql
