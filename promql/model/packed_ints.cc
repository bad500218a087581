// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Packed: width (one byte), base, number of patches, patches (gap, distance from the base), then
// the distances, lowest bit first; a patched value's place among them is zero.
#include "promql/model/packed_ints.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

#include "base/varint.h"

namespace synoptic::promql {
namespace {

constexpr char kDirect = 0;
constexpr char kDifferences = 1;

// About what a patch takes.
constexpr size_t kPatchBits = 40;

uint64_t Distance(int64_t value, int64_t base) {
  return static_cast<uint64_t>(value) - static_cast<uint64_t>(base);
}

struct Frame {
  int64_t base = 0;
  unsigned width = 0;
};

// Of every width, the window that holds the most values.
Frame BestFrame(std::span<const int64_t> values) {
  std::vector<int64_t> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  Frame best{sorted.front(),
             static_cast<unsigned>(std::bit_width(Distance(sorted.back(), sorted.front())))};
  size_t least = best.width * values.size();
  for (unsigned width = best.width; width-- > 0;) {
    const uint64_t span = (uint64_t{1} << width) - 1;
    size_t most = 0;
    int64_t base = 0;
    for (size_t i = 0, end = 0; i < sorted.size() && end < sorted.size(); ++i) {
      while (end < sorted.size() && Distance(sorted[end], sorted[i]) <= span) ++end;
      if (end - i > most) {
        most = end - i;
        base = sorted[i];
      }
    }
    const size_t patches = sorted.size() - most;
    const size_t bits = width * sorted.size() + patches * kPatchBits;
    if (bits < least) {
      least = bits;
      best = {base, width};
    }
    if (patches * 4 > sorted.size()) break;
  }
  return best;
}

void PutBits(std::string& out, std::span<const uint64_t> values, unsigned width) {
  uint64_t held = 0;
  unsigned bits = 0;
  for (const uint64_t value : values) {
    held |= value << bits;
    if (bits + width >= 64) {
      for (unsigned i = 0; i < 8; ++i) out.push_back(static_cast<char>(held >> (8 * i)));
      const unsigned taken = 64 - bits;
      held = taken < 64 ? value >> taken : 0;
      bits = width - taken;
    } else {
      bits += width;
    }
  }
  for (; bits > 0; bits -= std::min(bits, 8U)) {
    out.push_back(static_cast<char>(held));
    held >>= 8;
  }
}

uint64_t Load(const char* at) {
  static_assert(std::endian::native == std::endian::little);
  uint64_t word = 0;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

// From `bit` on. REQUIRES: nine bytes can be read from where the last value begins.
void TakeBits(const char* in, size_t bit, std::span<int64_t> values, unsigned width, int64_t base) {
  const uint64_t mask = width == 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1;
  for (int64_t& value : values) {
    const unsigned shift = bit % 8;
    uint64_t word = Load(in + bit / 8) >> shift;
    if (shift + width > 64) {
      word |= static_cast<uint64_t>(static_cast<unsigned char>(in[bit / 8 + 8])) << (64 - shift);
    }
    value = static_cast<int64_t>((word & mask) + static_cast<uint64_t>(base));
    bit += width;
  }
}

}  // namespace

void PutPacked(std::string& out, std::span<const int64_t> values) {
  if (values.empty()) return;
  const Frame frame = BestFrame(values);
  const uint64_t span = frame.width == 64 ? ~uint64_t{0} : (uint64_t{1} << frame.width) - 1;
  std::vector<uint64_t> distances;
  distances.reserve(values.size());
  std::string patches;
  uint64_t count = 0;
  size_t after = 0;  // the last patch
  for (size_t i = 0; i < values.size(); ++i) {
    uint64_t distance = Distance(values[i], frame.base);
    if (distance > span) {
      PutVarint(patches, i - after);
      PutVarint(patches, ZigZag(static_cast<int64_t>(distance)));
      after = i;
      ++count;
      distance = 0;
    }
    distances.push_back(distance);
  }
  out.push_back(static_cast<char>(frame.width));
  PutVarint(out, ZigZag(frame.base));
  PutVarint(out, count);
  out += patches;
  PutBits(out, distances, frame.width);
}

bool TakePacked(std::string_view& in, std::span<int64_t> values) {
  if (values.empty()) return true;
  if (in.empty()) return false;
  const auto width = static_cast<unsigned char>(in.front());
  in.remove_prefix(1);
  uint64_t zigzag = 0;
  uint64_t count = 0;
  if (width > 64 || !TakeVarint(in, zigzag) || !TakeVarint(in, count)) return false;
  if (count > values.size()) return false;
  const int64_t base = UnZigZag(zigzag);
  std::string_view patches = in;
  for (uint64_t i = 0; i < 2 * count; ++i) {
    uint64_t ignored = 0;
    if (!TakeVarint(in, ignored)) return false;
  }
  const size_t bytes = (values.size() * width + 7) / 8;
  if (in.size() < bytes) return false;
  if (width == 0) {
    std::fill(values.begin(), values.end(), base);
  } else {
    const size_t plain =
        in.size() < 9 ? 0 : std::min(values.size(), (in.size() - 9) * 8 / width + 1);
    TakeBits(in.data(), 0, values.first(plain), width, base);
    // Those near the end are read from a copy with room behind it.
    const size_t bit = plain * width;
    if (plain < values.size()) {
      char rest[24] = {};
      std::memcpy(rest, in.data() + bit / 8, bytes - bit / 8);
      TakeBits(rest, bit % 8, values.subspan(plain), width, base);
    }
  }
  in.remove_prefix(bytes);
  size_t at = 0;
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t gap = 0;
    uint64_t distance = 0;
    TakeVarint(patches, gap);
    TakeVarint(patches, distance);
    if (gap >= values.size() - at) return false;
    at += gap;
    values[at] = static_cast<int64_t>(static_cast<uint64_t>(UnZigZag(distance)) +
                                      static_cast<uint64_t>(base));
  }
  return true;
}

void PutInts(std::string& out, std::span<const int64_t> values) {
  if (values.empty()) return;
  std::string direct(1, kDirect);
  PutPacked(direct, values);
  if (direct.size() < 8) {
    out += direct;  // all the same, or nearly
    return;
  }
  std::string differences(1, kDifferences);
  PutVarint(differences, ZigZag(values.front()));
  std::vector<int64_t> between;
  between.reserve(values.size());
  for (size_t i = 1; i < values.size(); ++i) {
    between.push_back(static_cast<int64_t>(Distance(values[i], values[i - 1])));
  }
  PutPacked(differences, between);
  out += differences.size() < direct.size() ? differences : direct;
}

bool TakeInts(std::string_view& in, std::span<int64_t> values) {
  if (values.empty()) return true;
  if (in.empty()) return false;
  const char form = in.front();
  in.remove_prefix(1);
  if (form == kDirect) return TakePacked(in, values);
  uint64_t first = 0;
  if (form != kDifferences || !TakeVarint(in, first)) return false;
  if (!TakePacked(in, values.subspan(1))) return false;
  uint64_t sum = static_cast<uint64_t>(UnZigZag(first));
  values[0] = static_cast<int64_t>(sum);
  for (size_t i = 1; i < values.size(); ++i) {
    sum += static_cast<uint64_t>(values[i]);
    values[i] = static_cast<int64_t>(sum);
  }
  return true;
}

}  // namespace synoptic::promql
