// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Eight doubles side by side, and functions compiled once for each width of vector registers.
//
// Lanes never meet: each sees the very operations, in the very order, that a loop over one of them
// would do, so results have the same bits on every processor (-ffp-contract=off keeps additions and
// multiplications apart in all versions). Private to promql.
#pragma once

#include <cstddef>
#include <cstdint>

// Before a function with loops that pay off on wide registers: the version for the processor at
// hand is chosen when the program starts. Sanitizers start later than that choice.
#if defined(__x86_64__) && defined(__clang__) && !__has_feature(address_sanitizer) && \
    !__has_feature(thread_sanitizer) && !__has_feature(memory_sanitizer)
#define SYNOPTIC_CLONES \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define SYNOPTIC_CLONES
#endif
// Helpers of such functions must become part of them. They take vectors by reference: by value
// would be a calling convention that depends on the version.
#define SYNOPTIC_INLINE [[gnu::always_inline]] inline

namespace synoptic::promql {

inline constexpr size_t kLanes = 8;
typedef double Lanes __attribute__((vector_size(kLanes * sizeof(double))));
typedef int64_t LaneMask __attribute__((vector_size(kLanes * sizeof(int64_t))));

// The same number in all lanes. (An addition to zero would do, but for -0.)
SYNOPTIC_INLINE void Splat(double v, Lanes& out) { out = Lanes{v, v, v, v, v, v, v, v}; }

}  // namespace synoptic::promql
