// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Reads bits, highest first, and the numbers of chunks; behind the end there are zeros. Whoever
// reads asks overrun() after each sample, and bounds what a sample may hold by left(). Private to
// promql/model.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace synoptic::promql::internal {

class BitReader {
 public:
  // Valid bits that Peek has at least, whatever bit it starts at.
  static constexpr int kPeekBits = 57;

  explicit BitReader(std::string_view bytes) : bytes_(bytes) {}

  // The next bits, left-aligned.
  uint64_t Peek() const {
    const size_t byte = bit_ >> 3;
    uint64_t word = 0;
    if (byte + sizeof word <= bytes_.size()) [[likely]] {
      std::memcpy(&word, bytes_.data() + byte, sizeof word);
    } else if (byte < bytes_.size()) {
      std::memcpy(&word, bytes_.data() + byte, bytes_.size() - byte);
    }
    return __builtin_bswap64(word) << (bit_ & 7);
  }
  void Skip(int bits) { bit_ += static_cast<size_t>(bits); }
  // REQUIRES: 1 <= bits <= 64.
  uint64_t Read(int bits) {
    if (bits > kPeekBits) {
      const uint64_t high = Read(32);
      return high << (bits - 32) | Read(bits - 32);
    }
    const uint64_t value = Peek() >> (64 - bits);
    Skip(bits);
    return value;
  }
  // False when Go's varint does not end within ten bytes or overflows 64 bits.
  bool ReadUvarint(uint64_t& value) {
    value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      const uint64_t byte = Read(8);
      if (shift == 63 && byte > 1) return false;
      value |= (byte & 0x7F) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }
  bool ReadVarint(int64_t& value) {
    uint64_t number;
    if (!ReadUvarint(number)) return false;
    value = static_cast<int64_t>((number >> 1) ^ (0 - (number & 1)));
    return true;
  }
  int64_t ReadVarbit() {
    if (static_cast<int64_t>(Peek()) >= 0) {  // most are 0, a single bit
      Skip(1);
      return 0;
    }
    int bits;
    const uint64_t raw = ReadVarbitBits(bits);
    return SignedVarbit(raw, bits);
  }
  uint64_t ReadVarbitUnsigned() {
    int bits;
    return ReadVarbitBits(bits);
  }
  // What `bits` bits of a number of ReadVarbit's kind stand for.
  static constexpr int64_t SignedVarbit(uint64_t raw, int bits) {
    // The positive extreme belongs to the range, the negative one does not.
    const bool negative = bits > 0 && bits < 64 && raw > uint64_t{1} << (bits - 1);
    return static_cast<int64_t>(negative ? raw - (uint64_t{1} << bits) : raw);
  }

  // Successive numbers of ReadVarbit's kind into out[0, size), which holds zeros. Most are 0 or
  // small, so one look into a table reads several.
  void ReadVarbits(int64_t* out, size_t size);

  // Skips so many zeros if these are the next bits. REQUIRES: 1 <= bits <= kPeekBits.
  bool SkipZeros(int bits) {
    if (Peek() >> (64 - bits) != 0) return false;
    Skip(bits);
    return true;
  }

  bool overrun() const { return bit_ > bytes_.size() * 8; }
  // Bits that are there still.
  size_t left() const { return bytes_.size() * 8 - std::min(bit_, bytes_.size() * 8); }

 private:
  uint64_t ReadVarbitBits(int& bits) {
    constexpr uint8_t kBits[] = {0, 3, 6, 9, 12, 18, 25, 56, 64};
    const uint64_t w = Peek();
    const int ones = std::min(std::countl_one(w), 8);
    const int prefix = std::min(ones + 1, 8);
    bits = kBits[ones];
    if (bits <= 25) [[likely]] {
      Skip(prefix + bits);
      return bits == 0 ? 0 : (w << prefix) >> (64 - bits);
    }
    Skip(prefix);
    return Read(bits);
  }

  std::string_view bytes_;
  size_t bit_ = 0;
};

// The window of bits of a value that may change: all of them until the first is read.
struct ReadWindow {
  uint8_t trailing = 0;
  uint8_t width = 64;
};

// Takes a window's announcement, 11 bits from the top of `w`; false when it does not fit into 64
// bits.
inline bool TakeWindow(uint64_t w, ReadWindow& window) {
  const int leading = static_cast<int>(w >> 59);
  const int announced = static_cast<int>(w >> 53 & 63);
  const int width = announced == 0 ? 64 : announced;
  if (leading + width > 64) return false;
  window = {static_cast<uint8_t>(64 - leading - width), static_cast<uint8_t>(width)};
  return true;
}

// A new window and the change in it; false as above.
inline bool ReadNewWindow(BitReader& in, ReadWindow& window, uint64_t& value) {
  if (!TakeWindow(in.Peek(), window)) return false;
  in.Skip(11);
  value ^= in.Read(window.width) << window.trailing;
  return true;
}

// What WriteXor wrote behind a first bit of 1; `w` is Peek().
inline bool ReadXorChange(BitReader& in, uint64_t w, ReadWindow& window, uint64_t& value) {
  int prefix = 2;
  if ((w >> 62 & 1) != 0) {
    if (!TakeWindow(w << 2, window)) return false;
    prefix = 13;
  }
  if (prefix + window.width <= BitReader::kPeekBits) [[likely]] {
    value ^= (w << prefix) >> (64 - window.width) << window.trailing;
    in.Skip(prefix + window.width);
  } else {
    in.Skip(prefix);
    value ^= in.Read(window.width) << window.trailing;
  }
  return true;
}

// What WriteXor wrote.
inline bool ReadXor(BitReader& in, ReadWindow& window, uint64_t& value) {
  const uint64_t w = in.Peek();
  if (w >> 63 != 0) return ReadXorChange(in, w, window, value);
  in.Skip(1);
  return true;
}

}  // namespace synoptic::promql::internal
