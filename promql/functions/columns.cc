// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/functions/columns.h"

#include <cmath>
#include <cstdint>
#include <limits>

#include "promql/functions/broadcast.h"
#include "promql/functions/simd.h"
#include "promql/model/sample.h"

namespace synoptic::promql {
namespace {

constexpr int64_t kAbsentBits = static_cast<int64_t>(kStaleNaNBits);

SYNOPTIC_INLINE void Load(const double* from, Lanes& to) { __builtin_memcpy(&to, from, sizeof to); }
SYNOPTIC_INLINE void Store(const Lanes& from, double* to) {
  __builtin_memcpy(to, &from, sizeof from);
}

// Eight steps of a sum, and at which of them there was nothing to add.
SYNOPTIC_INLINE void AddLanes(const Lanes& v, Lanes& sum, Lanes& c, LaneMask& absent) {
  absent = (LaneMask)v == kAbsentBits;
  const LaneMask first = (LaneMask)sum == kAbsentBits;
  Lanes next_sum = sum, next_c = c;
  KahanAdd(v, next_sum, next_c);
  next_sum = first ? v : next_sum;
  next_c = first ? c : next_c;
  sum = absent ? sum : next_sum;
  c = absent ? c : next_c;
}

SYNOPTIC_INLINE bool Any(const LaneMask& mask) {
  int64_t any = 0;
  for (size_t i = 0; i < kLanes; ++i) any |= mask[i];
  return any != 0;
}

}  // namespace

SYNOPTIC_CLONES void AddToSums(std::span<const double> column, std::span<double> sums,
                               std::span<double> compensations) {
  const size_t size = column.size();
  size_t i = 0;
  for (; i + kLanes <= size; i += kLanes) {
    Lanes v, sum, c;
    LaneMask absent;
    Load(column.data() + i, v);
    Load(sums.data() + i, sum);
    Load(compensations.data() + i, c);
    AddLanes(v, sum, c, absent);
    Store(sum, sums.data() + i);
    Store(c, compensations.data() + i);
  }
  for (; i < size; ++i) {
    if (IsAbsent(column[i])) continue;
    if (IsAbsent(sums[i])) {
      sums[i] = column[i];
    } else {
      KahanAdd(column[i], sums[i], compensations[i]);
    }
  }
}

SYNOPTIC_CLONES size_t AddToMeans(std::span<const double> column, std::span<double> sums,
                                  std::span<double> compensations, std::span<double> counts) {
  const size_t size = column.size();
  size_t i = 0;
  for (; i + kLanes <= size; i += kLanes) {
    Lanes v, sum, c, count;
    LaneMask absent;
    Load(column.data() + i, v);
    Load(sums.data() + i, sum);
    Load(compensations.data() + i, c);
    Load(counts.data() + i, count);
    const LaneMask first = (LaneMask)sum == kAbsentBits;
    AddLanes(v, sum, c, absent);
    Lanes size_of_sum;
    Abs(sum, size_of_sum);
    const LaneMask overflows =
        (size_of_sum == std::numeric_limits<double>::infinity()) & ~first & ~absent;
    if (Any(overflows)) break;
    count = absent ? count : count + 1.0;
    Store(sum, sums.data() + i);
    Store(c, compensations.data() + i);
    Store(count, counts.data() + i);
  }
  for (; i < size; ++i) {
    if (IsAbsent(column[i])) continue;
    if (IsAbsent(sums[i])) {
      sums[i] = column[i];
    } else {
      double sum = sums[i], c = compensations[i];
      KahanAdd(column[i], sum, c);
      if (std::isinf(sum)) return i;
      sums[i] = sum;
      compensations[i] = c;
    }
    counts[i] += 1;
  }
  return size;
}

SYNOPTIC_CLONES void TotalSums(std::span<const double> sums, std::span<const double> compensations,
                               std::span<double> out) {
  for (size_t i = 0; i < out.size(); ++i) {
    const double total = sums[i] + compensations[i];
    out[i] = IsAbsent(sums[i]) ? Absent() : total;
  }
}

SYNOPTIC_CLONES size_t CountAbsent(std::span<const double> column) {
  size_t count = 0;
  for (const double v : column) count += IsAbsent(v) ? size_t{1} : size_t{0};
  return count;
}

}  // namespace synoptic::promql
