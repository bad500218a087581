// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/lane_heaps.h"

#include <array>
#include <cmath>
#include <cstring>

#include "promql/functions/simd.h"
#include "promql/model/sample.h"

namespace synoptic::promql::internal {
namespace {

// Lanes of step `at` and the seven behind it, in columns that lie `stride` apart.
struct HeapColumns {
  double* values;
  int64_t* series;
  size_t stride;
  size_t k;
};

// Offers blocks of kLanes values to heaps that are full and hold no NaN: where `tops` has a number.
// Says whether there are others, which have yet to be offered.
SYNOPTIC_CLONES bool OfferBlocks(const double* column, size_t blocks, bool negate, int64_t from,
                                 const HeapColumns& heaps, double* tops) {
  const int64_t sign = negate ? INT64_MIN : 0;
  const LaneMask id = {from, from, from, from, from, from, from, from};
  const LaneMask none = {};
  LaneMask others = none;
  for (size_t at = 0; at < blocks * kLanes; at += kLanes) {
    Lanes v, top;
    std::memcpy(&v, column + at, sizeof v);
    std::memcpy(&top, tops + at, sizeof top);
    v = (Lanes)((LaneMask)v ^ sign);
    const LaneMask enters = v > top;
    others |= top != top;
    int64_t any = 0;
    for (size_t l = 0; l < kLanes; ++l) any |= enters[l];
    if (any == 0) continue;
    Lanes value[LaneHeaps::kMost];
    LaneMask series[LaneHeaps::kMost], here[LaneHeaps::kMost];  // here: where the new one is
    for (size_t i = 0; i < heaps.k; ++i) {
      std::memcpy(&value[i], heaps.values + i * heaps.stride + at, sizeof value[i]);
      std::memcpy(&series[i], heaps.series + i * heaps.stride + at, sizeof series[i]);
    }
    value[0] = enters ? v : value[0];
    series[0] = enters ? id : series[0];
    here[0] = enters;
    for (size_t i = 0; 2 * i + 1 < heaps.k; ++i) {
      const size_t left = 2 * i + 1;
      const bool both = left + 1 < heaps.k;
      const size_t right = both ? left + 1 : left;
      const LaneMask to_right = value[left] > value[right];  // never where there is but one
      const Lanes parent = value[i], child = to_right ? value[right] : value[left];
      const LaneMask parent_id = series[i], child_id = to_right ? series[right] : series[left];
      const LaneMask sinks = here[i] & (parent > child);
      const LaneMask to_left = sinks & ~to_right;
      value[i] = sinks ? child : parent;
      series[i] = sinks ? child_id : parent_id;
      value[left] = to_left ? parent : value[left];
      series[left] = to_left ? parent_id : series[left];
      here[left] = to_left;
      if (!both) continue;
      here[right] = sinks & to_right;
      value[right] = here[right] ? parent : value[right];
      series[right] = here[right] ? parent_id : series[right];
    }
    for (size_t i = 0; i < heaps.k; ++i) {
      std::memcpy(heaps.values + i * heaps.stride + at, &value[i], sizeof value[i]);
      std::memcpy(heaps.series + i * heaps.stride + at, &series[i], sizeof series[i]);
    }
    top = enters ? value[0] : top;
    std::memcpy(tops + at, &top, sizeof top);
  }
  int64_t any = 0;
  for (size_t l = 0; l < kLanes; ++l) any |= others[l];
  return any != 0;
}

}  // namespace

LaneHeaps::LaneHeaps(size_t groups, size_t steps, size_t k, bool descending)
    : groups_(groups),
      steps_(steps),
      k_(k),
      descending_(descending),
      values_(groups * k * steps),
      series_(groups * k * steps),
      sizes_(groups * steps),
      tops_(groups * steps, NormalNaN()) {}

int64_t LaneHeaps::bytes() const {
  return static_cast<int64_t>(values_.size() * (sizeof(double) + sizeof(int64_t)) +
                              tops_.size() * (sizeof(double) + sizeof(uint8_t)));
}

int64_t LaneHeaps::Offer(size_t group, uint32_t series, std::span<const double> column) {
  const size_t blocks = column.size() / kLanes;
  const HeapColumns heaps{values_.data() + group * k_ * steps_,
                          series_.data() + group * k_ * steps_, steps_, k_};
  double* const tops = tops_.data() + group * steps_;
  // Which heaps these lanes leave out is remembered by their tops: a NaN, before as after.
  const bool others = OfferBlocks(column.data(), blocks, descending_, series, heaps, tops);
  int64_t added = 0;
  if (others) {
    for (size_t s = 0; s < blocks * kLanes; ++s) {
      if (std::isnan(tops[s])) added += OfferOne(group, s, {column[s], series});
    }
  }
  for (size_t s = blocks * kLanes; s < column.size(); ++s) {
    added += OfferOne(group, s, {column[s], series});
  }
  return added;
}

int64_t LaneHeaps::OfferOne(size_t group, size_t step, const Entry& entry) {
  if (IsAbsent(entry.value)) return 0;
  const Entry flipped{Flip(entry.value), entry.series};
  uint8_t& size = sizes_[group * steps_ + step];
  const size_t at = group * k_ * steps_ + step;
  std::array<Entry, kMost> entries;
  for (size_t i = 0; i < size; ++i) {
    entries[i] = {values_[at + i * steps_], static_cast<uint32_t>(series_[at + i * steps_])};
  }
  const bool grows = size < k_;
  if (grows) {
    entries[size++] = flipped;
    heap_.SiftUp(std::span(entries).first(size));
  } else if (heap_.Beats(flipped.value, entries[0].value)) {
    heap_.ReplaceTop(std::span(entries).first(size), flipped);
  } else {
    return 0;
  }
  for (size_t i = 0; i < size; ++i) {
    values_[at + i * steps_] = entries[i].value;
    series_[at + i * steps_] = entries[i].series;
  }
  if (size == k_) tops_[group * steps_ + step] = entries[0].value;
  return grows ? 1 : 0;
}

}  // namespace synoptic::promql::internal
