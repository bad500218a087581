// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Samples of an XOR chunk whose step of time is unchanged, many at a time. Where the value changes
// within the window of bits known from before, too, the places of the next eight samples in the
// stream are known before any of them is read. Private to promql/model.
#pragma once

#include <cstddef>
#include <cstdint>

namespace synoptic::promql {

// Whether this processor can (AVX-512 with VBMI).
bool CanReadXorStretches();

// A stretch of samples, each the bit 0 and then 0, 10 with `width` bits of the value, or 11 with a
// new window and a value in it.
struct XorStretch {
  const char* data;
  size_t bit;       // where the next sample begins
  size_t end_bit;   // where the data end: nothing behind is part of a sample
  size_t safe_bit;  // from here on no eight bytes and the next are readable
  size_t most;      // samples to read at most
  uint64_t v;       // the last value's bits
  int width;        // 1 to 64
  int trailing;     // bits right of the window: width + trailing <= 64
};

// What ReadXorStretch may write behind the values that it returns.
inline constexpr size_t kStretchRoom = 32;

// Reads samples for as long as they have that form and begin before safe_bit, and moves `stretch`
// behind them. Returns how many; their values are in `out`, which has room for `most` and
// kStretchRoom more. REQUIRES: CanReadXorStretches().
size_t ReadXorStretch(XorStretch& stretch, double* out);

// out[i] = first + i * step, in the stream's wrapping arithmetic. REQUIRES: the same.
void FillTimes(uint64_t first, uint64_t step, size_t count, int64_t* out);

}  // namespace synoptic::promql
