// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/functions/sorted_band.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace synoptic::promql {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
// Fewer values than these are kept whole.
constexpr size_t kFew = 512;
// The sample, and how many of it lie in the band on either side of the rank: three to five standard
// deviations of a rank in such a sample.
constexpr size_t kSample = 512, kMargin = 32;

}  // namespace

void SortedBand::Reset(std::span<const double> values) {
  values_ = values;
  has_nan_ = std::any_of(values.begin(), values.end(), [](double v) { return std::isnan(v); });
  lo_ = hi_ = asked_ = rebuilt_ = 0;
}

std::pair<double, double> SortedBand::At(size_t lo, size_t hi, const QuantileRank& rank) {
  ++asked_;
  const size_t moved = (lo - lo_) + (hi - hi_);
  if (lo < hi_ && moved <= (hi - lo) / 8 + 1) {
    Move(lo, hi);
    if (!Holds(rank)) Rebuild(lo, hi, rank);
  } else {
    Rebuild(lo, hi, rank);
  }
  lo_ = lo;
  hi_ = hi;
  return {band_[rank.lower - below_], band_[rank.upper - below_]};
}

void SortedBand::Move(size_t lo, size_t hi) {
  for (size_t i = lo_; i < lo; ++i) Remove(values_[i]);
  for (size_t i = hi_; i < hi; ++i) Insert(values_[i]);
}

void SortedBand::Rebuild(size_t lo, size_t hi, const QuantileRank& rank) {
  const std::span<const double> window = values_.subspan(lo, hi - lo);
  // Ranks that jump about are looked up in a window that is sorted once.
  const bool jumps = ++rebuilt_ > 8 + asked_ / 32;
  if (has_nan_ || window.size() <= kFew || jumps) return TakeAll(window);
  sample_.clear();
  for (size_t i = 0; i < kSample; ++i) sample_.push_back(window[i * window.size() / kSample]);
  std::sort(sample_.begin(), sample_.end());
  const size_t at = rank.lower * kSample / window.size();
  for (size_t margin = kMargin; margin < kSample; margin *= 4) {
    Take(window, at < margin ? -kInf : sample_[at - margin],
         at + margin >= kSample ? kInf : sample_[at + margin]);
    if (Holds(rank)) return;
  }
  TakeAll(window);
}

void SortedBand::Take(std::span<const double> window, double low, double high) {
  is_whole_ = false;
  low_ = low;
  high_ = high;
  below_ = 0;
  band_.resize(window.size());
  size_t taken = 0;
  for (const double v : window) {  // without branches: which way they go is anybody's guess
    band_[taken] = v;
    below_ += v < low ? 1 : 0;
    taken += v >= low && v <= high ? 1 : 0;
  }
  band_.resize(taken);
  std::sort(band_.begin(), band_.end());
}

void SortedBand::TakeAll(std::span<const double> window) {
  is_whole_ = true;
  below_ = 0;
  band_.assign(window.begin(), window.end());
  std::sort(band_.begin(), band_.end(), NaNFirst);
}

void SortedBand::Remove(double value) {
  if (!is_whole_ && !(value >= low_ && value <= high_)) {
    below_ -= value < low_ ? 1 : 0;
    return;
  }
  // Equal values differ at most in the sign of zero or the payload of NaN.
  auto it = std::lower_bound(band_.begin(), band_.end(), value, NaNFirst);
  while (value == 0 && std::signbit(*it) != std::signbit(value)) ++it;
  band_.erase(it);
}

void SortedBand::Insert(double value) {
  if (!is_whole_ && !(value >= low_ && value <= high_)) {
    below_ += value < low_ ? 1 : 0;
    return;
  }
  band_.insert(std::lower_bound(band_.begin(), band_.end(), value, NaNFirst), value);
}

}  // namespace synoptic::promql
