// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Compensated sums over windows by prefix sums, for values whose plain sums do round.
//
// A compensated sum is the exact sum of its window with an error that is tiny beside the last bit
// of the result, rounded once. So where the exact sum lies further from the middle between two
// doubles than that error, the result is known without adding one by one. The exact sum is the
// difference of two prefix sums in 128 bits; its distance to the middle is looked at for each
// window, and the few that are too near (about one in a million of random values) are left to the
// caller.
//
// The error (Neumaier, 1974; u = 2^-53): no partial sum exceeds A, the span from the smallest
// prefix sum to the largest, so what each of n additions loses is at most uA, exactly known, and
// adding up n such losses errs by n*u * n*uA. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace synoptic::promql {

class CertifiedSums {
 public:
  // False for values that this cannot be done for: not finite, all zero, of extreme size. `values`
  // must outlive this.
  bool Init(std::span<const double> values);
  // KahanSum().Add(values[lo]), ..., Add(values[hi - 1]), Total(). Costs as much as adding some
  // thirty values of windows side by side.
  double Sum(size_t lo, size_t hi) const;
  // The same; nullopt where the prefix sums alone cannot tell.
  std::optional<double> CertainSum(size_t lo, size_t hi) const;

 private:
  using Int128 = __int128;

  // `span`: of the prefix sums of fewer than 2^count_bits values, in units.
  static unsigned __int128 ErrorOf(unsigned __int128 span, int count_bits);

  std::span<const double> values_;
  std::vector<Int128> prefix_;  // in units of 2^unit_
  int unit_ = 0;
  unsigned __int128 error_ = 0;  // twice the most that a compensated sum errs by, in units
};

}  // namespace synoptic::promql
