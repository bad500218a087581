// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Eight samples of an XOR chunk at a time, where they have one form: the step of time unchanged,
// the value changed within the window of bits known from before. Their places in the stream are
// then known before any of them is read. Private to promql/model.
#pragma once

#include <cstddef>
#include <cstdint>

namespace synoptic::promql {

// Whether this processor can (AVX-512 with VBMI).
bool CanReadXorBatches();

// A stretch of samples, each the bits 0 10 and then `width` bits of the value.
struct XorBatch {
  const char* data;
  size_t bit;      // where the next sample begins
  size_t end_bit;  // where the data end: nothing behind is read
  size_t most;     // samples to read at most
  uint64_t v;      // the last value's bits
  int width;       // 1 to 64
  int trailing;    // bits right of the window: width + trailing <= 64
};

// Reads samples for as long as they have that form, and moves `batch` behind them. Returns how
// many; their values are in `out`, which has room for `most` values and seven more. REQUIRES:
// CanReadXorBatches().
size_t ReadXorBatch(XorBatch& batch, double* out);

}  // namespace synoptic::promql
