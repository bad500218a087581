// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/model/xor_batch.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "promql/model/xor_wide.h"

namespace synoptic::promql {

#ifdef SYNOPTIC_WIDE

namespace {

using internal::FirstLane;
using internal::LaneEverywhere;
using internal::Multiples;
using internal::RunningXor;
using internal::WideBits;

constexpr int kControlBits = 3;     // of the time step and of a value in the known window
constexpr int kPeekBits = 57;       // valid in eight bytes from the one that holds the first bit
constexpr int kNewWindowBits = 14;  // in front of the value

// Where a stretch is read.
struct Reading {
  const char* data;
  size_t bit, end_bit, read, most;
  int width, trailing;
  uint64_t v;  // the last value
};

// Samples in the known window, eight at a time, until one is of another form or `most` are read.
// kPeekBits or fewer bits a sample: one look of eight bytes sees it wholly; 64: nine bytes; else
// control bits and value are looked at apart.
template <int kBits>
SYNOPTIC_IN_WIDE inline void ReadBatches(Reading& r, double* out) {
  const size_t length = static_cast<size_t>(kControlBits + r.width);
  const size_t end_byte = r.end_bit / 8;
  // Bit positions of the lanes' samples behind the first one's.
  const __m512i starts = Multiples(length);
  const __m128i drop = _mm_cvtsi64_si128(64 - r.width);
  const __m128i raise = _mm_cvtsi64_si128(r.trailing);
  const size_t most = std::min(r.most, r.read + (r.end_bit - r.bit) / length);
  __m512i v = _mm512_set1_epi64(static_cast<int64_t>(r.v));
  while (r.read < most) {
    const size_t first_byte = r.bit / 8;
    const WideBits bits(r.data + first_byte, end_byte - first_byte);
    const __m512i at = _mm512_add_epi64(starts, _mm512_set1_epi64(static_cast<int64_t>(r.bit % 8)));
    const __m512i control = bits.At<(kBits > kPeekBits)>(at);
    const __mmask8 fits =
        _mm512_cmpeq_epi64_mask(_mm512_srli_epi64(control, 61), _mm512_set1_epi64(2));
    __m512i value = kBits <= 64
                        ? _mm512_slli_epi64(control, kControlBits)
                        : bits.At<true>(_mm512_add_epi64(at, _mm512_set1_epi64(kControlBits)));
    // Each value is the one before changed.
    value = RunningXor(_mm512_sll_epi64(_mm512_srl_epi64(value, drop), raise));
    value = _mm512_xor_si512(value, v);
    _mm512_storeu_si512(out + r.read, value);
    // The usual case is a branch that is guessed: the next batch begins without waiting for it.
    if (fits != 0xFF || most - r.read < 8) {
      const size_t count =
          std::min<size_t>(most - r.read, static_cast<size_t>(std::countr_one(fits)));
      if (count == 0) break;
      r.v = std::bit_cast<uint64_t>(out[r.read + count - 1]);
      r.read += count;
      r.bit += count * length;
      return;
    }
    v = LaneEverywhere(value, 7);
    r.read += 8;
    r.bit += 8 * length;
  }
  r.v = FirstLane(v);
}

inline uint64_t BitsAt(const char* data, size_t bit) {
  uint64_t word;
  std::memcpy(&word, data + bit / 8, sizeof word);
  return __builtin_bswap64(word) << (bit % 8);
}

// The value that a sample has behind so many bits in front of it.
inline void TakeChange(uint64_t w, int in_front, Reading& r, double* out) {
  const size_t at = r.bit + static_cast<size_t>(in_front);
  uint64_t change = w << in_front >> (64 - r.width);
  if (r.width > kPeekBits - in_front) {
    const uint64_t ninth = static_cast<uint8_t>(r.data[at / 8 + 8]);
    change = (BitsAt(r.data, at) | ninth >> (8 - at % 8)) >> (64 - r.width);
  }
  r.v ^= change << r.trailing;
  out[r.read++] = std::bit_cast<double>(r.v);
  r.bit = at + static_cast<size_t>(r.width);
}

// A sample with a new window; `w` are the bits from its first one on. False when it is broken.
inline bool ReadNewWindow(uint64_t w, Reading& r, double* out) {
  const int leading = static_cast<int>(w >> 56 & 31);
  const int announced = static_cast<int>(w >> 50 & 63);
  const int width = announced == 0 ? 64 : announced;
  const size_t end = r.bit + static_cast<size_t>(kNewWindowBits + width);
  if (leading + width > 64 || end > r.end_bit) return false;
  r.width = width;
  r.trailing = 64 - leading - width;
  TakeChange(w, kNewWindowBits, r, out);
  return true;
}

// A sample in the known window. False when it is broken.
inline bool ReadInWindow(uint64_t w, Reading& r, double* out) {
  if (r.bit + static_cast<size_t>(kControlBits + r.width) > r.end_bit) return false;
  TakeChange(w, kControlBits, r, out);
  return true;
}

// Samples whose value is unchanged, as many as `w` shows.
SYNOPTIC_IN_WIDE inline void ReadUnchanged(uint64_t w, Reading& r, double* out) {
  const size_t shown = static_cast<size_t>(std::min(std::countl_zero(w), kPeekBits)) / 2;
  const size_t count = std::min({shown, r.most - r.read, (r.end_bit - r.bit) / 2});
  const __m512i v = _mm512_set1_epi64(static_cast<int64_t>(r.v));
  for (size_t i = 0; i < count; i += 8) _mm512_storeu_si512(out + r.read + i, v);
  r.read += count;
  r.bit += 2 * count;
}

}  // namespace

bool CanReadXorStretches() {
  static const bool can = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512dq") &&
                          __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("bmi2");
  return can;
}

SYNOPTIC_WIDE size_t ReadXorStretch(XorStretch& stretch, double* out) {
  Reading r{stretch.data, stretch.bit,   stretch.end_bit,  0,
            stretch.most, stretch.width, stretch.trailing, stretch.v};
  constexpr int kBeforeBatches = 2;  // samples in a window before it seems to last
  int in_turn = kBeforeBatches;
  while (r.read < r.most && r.bit < stretch.safe_bit) {
    const uint64_t w = BitsAt(r.data, r.bit);
    if (w >> 63 != 0) break;  // another step of time
    if (w >> 62 == 0) {
      const size_t before = r.read;
      ReadUnchanged(w, r, out);
      if (r.read == before) break;  // half a sample is left
      continue;
    }
    if (w >> 61 == 3) {  // often several in turn
      if (!ReadNewWindow(w, r, out)) break;
      in_turn = 0;
      continue;
    }
    if (++in_turn <= kBeforeBatches) {
      if (!ReadInWindow(w, r, out)) break;
      continue;
    }
    const size_t before = r.read;
    if (r.width <= kPeekBits - kControlBits) {
      ReadBatches<kPeekBits>(r, out);
    } else if (r.width <= 64 - kControlBits) {
      ReadBatches<64>(r, out);
    } else {
      ReadBatches<64 + kControlBits>(r, out);
    }
    if (r.read == before) break;  // a part of a sample is left
  }
  stretch.v = r.v;
  stretch.bit = r.bit;
  stretch.width = r.width;
  stretch.trailing = r.trailing;
  return r.read;
}

SYNOPTIC_WIDE void FillTimes(uint64_t first, uint64_t step, size_t count, int64_t* out) {
  for (size_t i = 0; i < count; ++i) out[i] = static_cast<int64_t>(first + i * step);
}

#else

bool CanReadXorStretches() { return false; }
size_t ReadXorStretch(XorStretch&, double*) { return 0; }
void FillTimes(uint64_t, uint64_t, size_t, int64_t*) {}

#endif

}  // namespace synoptic::promql
