// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// How often something was asked for lately, in a few bits each: what TinyLFU (Einziger, Friedman,
// Manes, "TinyLFU: A Highly Efficient Cache Admission Policy", 2017) decides admission by. A scan
// that is asked for once does not push out what is asked for again and again.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace synoptic::aggregator {

// A count-min sketch of four rows whose counters halve once enough was counted. Not thread-safe.
class FrequencySketch {
 public:
  // Exact enough while about `width` different things are counted. A power of two.
  explicit FrequencySketch(size_t width = size_t{1} << 14)
      : mask_(width - 1), counters_(width * kRows), sample_(width * 8) {}

  void Add(uint64_t hash) {
    for (size_t row = 0; row < kRows; ++row) {
      uint8_t& counter = counters_[Slot(hash, row)];
      if (counter < kMost) ++counter;
    }
    if (++counted_ >= sample_) Age();
  }

  int Estimate(uint64_t hash) const {
    uint8_t least = kMost;
    for (size_t row = 0; row < kRows; ++row) least = std::min(least, counters_[Slot(hash, row)]);
    return least;
  }

 private:
  static constexpr size_t kRows = 4;
  static constexpr uint8_t kMost = 15;

  size_t Slot(uint64_t hash, size_t row) const {
    constexpr std::array<uint64_t, kRows> kSeeds = {0x9e3779b97f4a7c15, 0xc2b2ae3d27d4eb4f,
                                                    0x165667b19e3779f9, 0xd6e8feb86659fd93};
    uint64_t mixed = (hash ^ (hash >> 32)) * kSeeds[row];
    mixed ^= mixed >> 29;
    return row * (mask_ + 1) + (mixed & mask_);
  }
  void Age() {
    for (uint8_t& counter : counters_) counter /= 2;
    counted_ /= 2;
  }

  const size_t mask_;
  std::vector<uint8_t> counters_;
  const uint64_t sample_;
  uint64_t counted_ = 0;
};

}  // namespace synoptic::aggregator
