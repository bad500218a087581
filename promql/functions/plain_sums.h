// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What adding up the samples of windows one by one gives, with its compensation, from prefix sums:
// both parts of a KahanSum, bit by bit, where values round when they are added (ExactSums is for
// those that do not, CertifiedSums for who wants the total alone).
//
// As long as a running sum of positive values stays between two powers of two, 2^k and 2^(k+1), it
// is a multiple of their unit u, and to add x to it is to add x rounded to a multiple of u: the
// same for every window, so a prefix sum of the rounded values tells where the sum is some thousand
// samples later. Only the steps across a power of two, and values just between two multiples of u
// (where the sum's last bit decides), are added themselves. A sum of n values of one size passes
// about log2(n) powers of two. What was lost on the way is exactly known, and so small beside 2^53
// of its own unit that its sum, the compensation, has no rounding: it is the exact sum of the
// window less the plain one. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "promql/model/kahan.h"

namespace synoptic::promql {

class PlainSums {
 public:
  // Then sums()[i] is KahanSum().Add(values[lo[i]]), ..., Add(values[hi[i] - 1]); lo and hi never
  // fall. False where this is not for these values: of both signs, not finite, of sizes too far
  // apart, or with too few bits.
  bool Compute(std::span<const double> values, std::span<const uint32_t> lo,
               std::span<const uint32_t> hi);
  std::span<const KahanSum> sums() const { return sums_; }

 private:
  using Uint128 = unsigned __int128;

  struct Running {
    double sum;  // of magnitudes, so far
    uint32_t next;
  };

  bool Scale(std::span<const double> values);
  void Start(std::span<const uint32_t> lo, std::span<const uint32_t> hi);
  // The running sums that are at least 2^(53 + drop) units move on until they reach twice that, or
  // their window's end. False: too many values lie between two multiples.
  bool Advance(int drop, std::span<const uint32_t> hi);
  void Follow(Running& sum, uint32_t hi, int drop, size_t& tie, uint32_t& ahead) const;
  // The first sample in [at, stop) that adds up to `room` with those from `at` on: there is one. It
  // is looked for around `guess`, where it was for the window before.
  uint32_t FirstThrough(uint32_t at, uint32_t stop, uint64_t room, uint32_t guess) const;
  int DropOf(double sum) const;  // bits of a value's mantissa that are below the sum's unit

  bool negative_ = false;
  int unit_ = 0;  // all values are multiples of 2^unit_
  std::vector<double> magnitudes_;
  std::vector<uint64_t> in_units_;  // the magnitudes
  std::vector<Uint128> prefix_;     // of those
  std::vector<uint64_t> rounded_;   // prefix sums, in multiples of 2^drop units; may wrap around
  std::vector<uint32_t> ties_;      // the values just between two multiples
  std::vector<Running> running_;
  std::vector<KahanSum> sums_;
};

}  // namespace synoptic::promql
