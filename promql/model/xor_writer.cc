// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>

#include "promql/model/chunk.h"

namespace synoptic::promql {
namespace {

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
  void WriteUvarint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) Write((value & 0x7F) | 0x80, 8);
    Write(value, 8);
  }
  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
  int free_ = 0;  // unused low bits of the last byte
};

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

struct Window {
  int leading = -1;  // none yet
  int trailing = 0;
};

void WriteValue(uint64_t changed, Window& window, BitWriter& out) {
  if (changed == 0) return out.Write(0, 1);
  // Five bits hold the leading zeros: a count over 31 is not worth a sixth.
  const int leading = std::min(std::countl_zero(changed), 31);
  const int trailing = std::countr_zero(changed);
  if (window.leading >= 0 && leading >= window.leading && trailing >= window.trailing) {
    out.Write(0b10, 2);
    return out.Write(changed >> window.trailing, 64 - window.leading - window.trailing);
  }
  window = {leading, trailing};
  const int width = 64 - leading - trailing;
  out.Write(0b11, 2);
  out.Write(static_cast<uint64_t>(leading), 5);
  out.Write(static_cast<uint64_t>(width), 6);  // 64 becomes 0, which no change needs otherwise
  out.Write(changed >> trailing, width);
}

}  // namespace

std::string EncodeXor(const int64_t* t, const double* v, size_t count) {
  count = std::min<size_t>(count, UINT16_MAX);
  BitWriter out;
  out.Write(count, 16);
  Window window;
  uint64_t delta = 0;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t bits = std::bit_cast<uint64_t>(v[i]);
    if (i == 0) {
      const uint64_t first = static_cast<uint64_t>(t[0]);
      out.WriteUvarint((first << 1) ^ (t[0] < 0 ? ~uint64_t{0} : 0));
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
    WriteValue(bits ^ std::bit_cast<uint64_t>(v[i - 1]), window, out);
  }
  return out.Take();
}

}  // namespace synoptic::promql
