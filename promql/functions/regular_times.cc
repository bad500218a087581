// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/functions/regular_times.h"

#include "promql/functions/simd.h"

namespace synoptic::promql {

SYNOPTIC_CLONES int64_t IntervalOf(std::span<const int64_t> t) {
  if (t.size() < 2) return 0;
  const auto between = [t](size_t i, size_t j) {
    return static_cast<uint64_t>(t[j]) - static_cast<uint64_t>(t[i]);
  };
  const uint64_t interval = between(0, 1);
  if (interval == 0 || interval > INT64_MAX) return 0;
  if (between(0, t.size() - 1) / interval != t.size() - 1) return 0;
  uint64_t differ = 0;
  for (size_t i = 1; i < t.size(); ++i) differ |= between(i - 1, i) ^ interval;
  return differ == 0 ? static_cast<int64_t>(interval) : 0;
}

}  // namespace synoptic::promql
