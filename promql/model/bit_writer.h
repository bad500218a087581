// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Writes bits, highest first, and the numbers of chunks. Private to promql/model.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>
#include <utility>

namespace synoptic::promql::internal {

class BitWriter {
 public:
  // Appends the `bits` lowest bits of `value`, highest first.
  void Write(uint64_t value, int bits) {
    for (; bits > 0;) {
      if (free_ == 0) {
        out_.push_back('\0');
        free_ = 8;
      }
      const int take = std::min(bits, free_);
      const uint64_t part = (value >> (bits - take)) & ((uint64_t{1} << take) - 1);
      out_.back() = static_cast<char>(static_cast<uint8_t>(out_.back()) | part << (free_ - take));
      free_ -= take;
      bits -= take;
    }
  }
  // Go's base-128 varints.
  void WriteUvarint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) Write((value & 0x7F) | 0x80, 8);
    Write(value, 8);
  }
  void WriteVarint(int64_t value) {
    WriteUvarint((static_cast<uint64_t>(value) << 1) ^ (value < 0 ? ~uint64_t{0} : 0));
  }
  // A count of ones tells the width, a zero ends it: 0, 10, 110, ... 11111111.
  void WriteVarbit(int64_t value) {
    WriteVarbit(static_cast<uint64_t>(value), [value](int bits) {
      const int64_t half = int64_t{1} << (bits - 1);
      return value > -half && value <= half;
    });
  }
  void WriteVarbitUnsigned(uint64_t value) {
    WriteVarbit(value, [value](int bits) { return value >> bits == 0; });
  }

  std::string& bytes() { return out_; }
  std::string Take() { return std::move(out_); }

 private:
  template <class Fits>
  void WriteVarbit(uint64_t value, Fits fits) {
    constexpr int kBits[] = {3, 6, 9, 12, 18, 25, 56};
    if (value == 0) return Write(0, 1);
    int ones = 1;
    for (const int bits : kBits) {
      if (fits(bits)) {
        Write(((uint64_t{1} << ones) - 1) << 1, ones + 1);
        return Write(value, bits);
      }
      ++ones;
    }
    Write(0xFF, 8);
    Write(value, 64);
  }

  std::string out_;
  int free_ = 0;  // unused low bits of the last byte
};

// The bits of a value that may change: the writer's memory of the window it announced last.
struct WrittenWindow {
  int8_t leading = -1;  // none yet
  int8_t trailing = 0;
};

// How `changed`, not 0, is written: inside the window, or behind a new one.
inline bool FitsWindow(uint64_t changed, const WrittenWindow& window) {
  return window.leading >= 0 && std::countl_zero(changed) >= window.leading &&
         std::countr_zero(changed) >= window.trailing;
}
inline void WriteInWindow(uint64_t changed, const WrittenWindow& window, BitWriter& out) {
  out.Write(changed >> window.trailing, 64 - window.leading - window.trailing);
}
inline void WriteNewWindow(uint64_t changed, WrittenWindow& window, BitWriter& out) {
  // Five bits hold the leading zeros: a count over 31 is not worth a sixth.
  window = {static_cast<int8_t>(std::min(std::countl_zero(changed), 31)),
            static_cast<int8_t>(std::countr_zero(changed))};
  const int width = 64 - window.leading - window.trailing;
  out.Write(static_cast<uint64_t>(window.leading), 5);
  out.Write(static_cast<uint64_t>(width), 6);  // 64 becomes 0, which no change needs otherwise
  out.Write(changed >> window.trailing, width);
}

// A value of an XOR chunk, or a count or sum of a histogram chunk.
inline void WriteXor(uint64_t changed, WrittenWindow& window, BitWriter& out) {
  if (changed == 0) return out.Write(0, 1);
  if (FitsWindow(changed, window)) {
    out.Write(0b10, 2);
    return WriteInWindow(changed, window, out);
  }
  out.Write(0b11, 2);
  WriteNewWindow(changed, window, out);
}

}  // namespace synoptic::promql::internal
