// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/plain_xor.h"

#include <bit>
#include <cstddef>
#include <cstdint>

namespace synoptic::bench {
namespace {

class PlainReader {
 public:
  explicit PlainReader(std::string_view bytes) : bytes_(bytes) {}

  uint64_t Bits(int count) {
    uint64_t value = 0;
    while (count > 0) {
      if (valid_ == 0 && !Load()) return 0;
      const int take = count < valid_ ? count : valid_;
      const uint64_t part = (buffer_ >> (valid_ - take)) & (~uint64_t{0} >> (64 - take));
      value = take == 64 ? part : (value << take) | part;
      valid_ -= take;
      count -= take;
    }
    return value;
  }
  bool Bit() { return Bits(1) != 0; }
  uint64_t Uvarint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const uint64_t byte = Bits(8);
      value |= (byte & 0x7F) << shift;
      if (byte < 0x80) break;
    }
    return value;
  }
  bool ok() const { return ok_; }

 private:
  bool Load() {
    if (at_ >= bytes_.size()) {
      ok_ = false;
      return false;
    }
    buffer_ = 0;
    valid_ = 0;
    for (; at_ < bytes_.size() && valid_ < 64; valid_ += 8) {
      buffer_ = (buffer_ << 8) | static_cast<uint8_t>(bytes_[at_++]);
    }
    return true;
  }

  std::string_view bytes_;
  size_t at_ = 0;
  uint64_t buffer_ = 0;
  int valid_ = 0;
  bool ok_ = true;
};

uint64_t DeltaOfDelta(PlainReader& in) {
  constexpr int kBits[] = {0, 14, 17, 20, 64};
  int ones = 0;
  while (ones < 4 && in.Bit()) ++ones;
  const int bits = kBits[ones];
  if (bits == 0) return 0;
  const uint64_t raw = in.Bits(bits);
  if (bits == 64 || raw <= uint64_t{1} << (bits - 1)) return raw;
  return raw - (uint64_t{1} << bits);
}

}  // namespace

bool PlainDecodeXor(std::string_view bytes, promql::SampleColumns& out) {
  PlainReader in(bytes);
  const uint64_t total = in.Bits(16);
  uint64_t t = 0, delta = 0, v = 0;
  int leading = 0, trailing = 0;
  for (uint64_t i = 0; i < total && in.ok(); ++i) {
    if (i == 0) {
      const uint64_t zigzag = in.Uvarint();
      t = (zigzag >> 1) ^ (0 - (zigzag & 1));
      v = in.Bits(64);
      out.push_back(static_cast<int64_t>(t), std::bit_cast<double>(v));
      continue;
    }
    delta = i == 1 ? in.Uvarint() : delta + DeltaOfDelta(in);
    t += delta;
    if (in.Bit()) {
      if (in.Bit()) {
        leading = static_cast<int>(in.Bits(5));
        const int width = static_cast<int>(in.Bits(6));
        trailing = 64 - leading - (width == 0 ? 64 : width);
      }
      v ^= in.Bits(64 - leading - trailing) << trailing;
    }
    out.push_back(static_cast<int64_t>(t), std::bit_cast<double>(v));
  }
  return in.ok();
}

}  // namespace synoptic::bench
