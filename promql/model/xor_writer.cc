// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>

#include "promql/model/bit_writer.h"
#include "promql/model/chunk.h"

namespace synoptic::promql {
namespace {

using internal::BitWriter;

// Whether `x` fits the signed range of `bits`, whose positive extreme belongs to it.
bool Fits(int64_t x, int bits) {
  const int64_t half = int64_t{1} << (bits - 1);
  return x > -half && x <= half;
}

void WriteDeltaOfDelta(int64_t dod, BitWriter& out) {
  if (dod == 0) {
    out.Write(0, 1);
  } else if (Fits(dod, 14)) {
    out.Write(0b10, 2);
    out.Write(static_cast<uint64_t>(dod), 14);
  } else if (Fits(dod, 17)) {
    out.Write(0b110, 3);
    out.Write(static_cast<uint64_t>(dod), 17);
  } else if (Fits(dod, 20)) {
    out.Write(0b1110, 4);
    out.Write(static_cast<uint64_t>(dod), 20);
  } else {
    out.Write(0b1111, 4);
    out.Write(static_cast<uint64_t>(dod), 64);
  }
}

}  // namespace

std::string EncodeXor(const int64_t* t, const double* v, size_t count) {
  count = std::min<size_t>(count, UINT16_MAX);
  BitWriter out;
  out.Write(count, 16);
  internal::WrittenWindow window;
  uint64_t delta = 0;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t bits = std::bit_cast<uint64_t>(v[i]);
    if (i == 0) {
      out.WriteVarint(t[0]);
      out.Write(bits, 64);
      continue;
    }
    const uint64_t next = static_cast<uint64_t>(t[i]) - static_cast<uint64_t>(t[i - 1]);
    if (i == 1) {
      out.WriteUvarint(next);
    } else {
      WriteDeltaOfDelta(static_cast<int64_t>(next - delta), out);
    }
    delta = next;
    internal::WriteXor(bits ^ std::bit_cast<uint64_t>(v[i - 1]), window, out);
  }
  return out.Take();
}

}  // namespace synoptic::promql
