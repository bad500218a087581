// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/model/bit_reader.h"

#include <array>

namespace synoptic::promql::internal {
namespace {

constexpr int kIndexBits = 12;

// What the next kIndexBits hold: zeros, and the first small number behind them if it is all there.
struct Entry {
  uint8_t bits = 0;     // none: the first number is too large for the table
  uint8_t numbers = 0;  // all 0 but the last
  int16_t last = 0;
};

constexpr Entry MakeEntry(uint32_t index) {
  Entry entry;
  int at = kIndexBits;  // bits not looked at yet
  while (at > 0 && (index >> (at - 1) & 1) == 0) {
    ++entry.bits;
    ++entry.numbers;
    --at;
  }
  // 10 and three bits, or 110 and six.
  for (const auto& [prefix, prefix_bits, bits] :
       {std::array{0b10, 2, 3}, std::array{0b110, 3, 6}}) {
    const int size = prefix_bits + bits;
    if (at < size ||
        static_cast<int>(index >> (at - prefix_bits) & ((1U << prefix_bits) - 1)) != prefix) {
      continue;
    }
    const uint32_t raw = index >> (at - size) & ((1U << bits) - 1);
    entry.bits = static_cast<uint8_t>(entry.bits + size);
    ++entry.numbers;
    entry.last = static_cast<int16_t>(BitReader::SignedVarbit(raw, bits));
    break;
  }
  return entry;
}

constexpr std::array<Entry, 1 << kIndexBits> MakeTable() {
  std::array<Entry, 1 << kIndexBits> table;
  for (uint32_t i = 0; i < table.size(); ++i) table[i] = MakeEntry(i);
  return table;
}

constexpr std::array<Entry, 1 << kIndexBits> kTable = MakeTable();

}  // namespace

void BitReader::ReadVarbits(int64_t* out, size_t size) {
  size_t i = 0;
  while (i < size && !overrun()) {
    uint64_t w = Peek();
    int used = 0;
    while (used <= kPeekBits - kIndexBits) {
      const Entry entry = kTable[w >> (64 - kIndexBits)];
      if (entry.bits == 0) [[unlikely]]
        break;
      if (i + entry.numbers >= size) {
        // The last numbers may be zeros alone: what follows them is not ours.
        const bool all = i + entry.numbers == size;
        if (all) out[size - 1] = entry.last;
        Skip(used + (all ? entry.bits : static_cast<int>(size - i)));
        return;
      }
      i += entry.numbers;
      out[i - 1] = entry.last;
      w <<= entry.bits;
      used += entry.bits;
    }
    Skip(used);
    if (kTable[Peek() >> (64 - kIndexBits)].bits == 0) out[i++] = ReadVarbit();
  }
}

}  // namespace synoptic::promql::internal
