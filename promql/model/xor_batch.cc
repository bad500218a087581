// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/model/xor_batch.h"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#define SYNOPTIC_XOR_STRETCHES
#define SYNOPTIC_WIDE __attribute__((target("avx512f,avx512bw,avx512dq,avx512vbmi,bmi2")))
#define SYNOPTIC_IN_WIDE \
  __attribute__((always_inline, target("avx512f,avx512bw,avx512dq,avx512vbmi,bmi2")))
#endif

namespace synoptic::promql {

#ifdef SYNOPTIC_XOR_STRETCHES

namespace {

constexpr int kControlBits = 3;     // of the time step and of a value in the known window
constexpr int kPeekBits = 57;       // valid in eight bytes from the one that holds the first bit
constexpr int kNewWindowBits = 14;  // in front of the value

// Up to 64 bytes of those that are left; the others are zero and not touched.
SYNOPTIC_IN_WIDE inline __m512i LoadBytes(const char* data, size_t left) {
  const __mmask64 mask = left >= 64 ? ~uint64_t{0} : (uint64_t{1} << left) - 1;
  return _mm512_maskz_loadu_epi8(mask, data);
}

// Where a stretch is read, with its values in registers.
struct Reading {
  const char* data;
  size_t bit, end_bit, read, most;
  int width, trailing;
  __m512i v;  // the last value in all lanes
};

// Samples in the known window, eight at a time, until one is of another form or `most` are read.
// kPeekBits or fewer bits a sample: one look of eight bytes sees it wholly; 64: nine bytes; else
// control bits and value are looked at apart.
template <int kBits>
SYNOPTIC_IN_WIDE inline void ReadBatches(Reading& r, double* out) {
  const size_t length = static_cast<size_t>(kControlBits + r.width);
  const size_t end_byte = r.end_bit / 8;
  // Bit positions of the lanes' samples behind the first one's.
  const __m512i starts = _mm512_mul_epu32(_mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0),
                                          _mm512_set1_epi64(static_cast<int64_t>(length)));
  // Within each lane the eight bytes from an offset on, the first one highest.
  const __m512i backwards = _mm512_set1_epi64(0x0001020304050607);
  const __m512i low_byte_of_each = _mm512_set4_epi32(0x08080808, 0x08080808, 0, 0);
  const __m128i drop = _mm_cvtsi64_si128(64 - r.width);
  const __m128i raise = _mm_cvtsi64_si128(r.trailing);
  const __m512i seven = _mm512_set1_epi64(7), zero = _mm512_setzero_si512();
  const size_t most = std::min(r.most, r.read + (r.end_bit - r.bit) / length);
  while (r.read < most) {
    const size_t first_byte = r.bit / 8;
    const char* const from = r.data + first_byte;
    const size_t left = end_byte - first_byte;
    const __m512i low = LoadBytes(from, left);
    const __m512i high = left > 64 ? LoadBytes(from + 64, left - 64) : zero;
    // The bits from the bit `at` behind first_byte on, in each lane: all 64 or kPeekBits.
    const auto bits = [&](__m512i at) SYNOPTIC_IN_WIDE {
      const __m512i offset = _mm512_shuffle_epi8(_mm512_srli_epi64(at, 3), low_byte_of_each);
      const __m512i word = _mm512_permutex2var_epi8(low, _mm512_add_epi8(offset, backwards), high);
      const __m512i shift = _mm512_and_si512(at, seven);
      const __m512i front = _mm512_sllv_epi64(word, shift);
      if constexpr (kBits <= kPeekBits) return front;
      const __m512i ninth = _mm512_and_si512(
          _mm512_permutex2var_epi8(low, _mm512_add_epi8(offset, _mm512_set1_epi8(8)), high),
          _mm512_set1_epi64(0xFF));
      return _mm512_or_si512(
          front, _mm512_srlv_epi64(ninth, _mm512_sub_epi64(_mm512_set1_epi64(8), shift)));
    };
    const __m512i at = _mm512_add_epi64(starts, _mm512_set1_epi64(static_cast<int64_t>(r.bit % 8)));
    const __m512i control = bits(at);
    const __mmask8 fits =
        _mm512_cmpeq_epi64_mask(_mm512_srli_epi64(control, 61), _mm512_set1_epi64(2));
    __m512i value = kBits <= 64 ? _mm512_slli_epi64(control, kControlBits)
                                : bits(_mm512_add_epi64(at, _mm512_set1_epi64(kControlBits)));
    value = _mm512_sll_epi64(_mm512_srl_epi64(value, drop), raise);
    // Each value is the one before changed: a running exclusive or over the lanes.
    value = _mm512_xor_si512(value, _mm512_alignr_epi64(value, zero, 7));
    value = _mm512_xor_si512(value, _mm512_alignr_epi64(value, zero, 6));
    value = _mm512_xor_si512(value, _mm512_alignr_epi64(value, zero, 4));
    value = _mm512_xor_si512(value, r.v);
    _mm512_storeu_si512(out + r.read, value);
    // The usual case is a branch that is guessed: the next batch begins without waiting for it.
    if (fits != 0xFF || most - r.read < 8) {
      const size_t count =
          std::min<size_t>(most - r.read, static_cast<size_t>(std::countr_one(fits)));
      if (count == 0) return;
      r.v = _mm512_permutexvar_epi64(_mm512_set1_epi64(static_cast<int64_t>(count) - 1), value);
      r.read += count;
      r.bit += count * length;
      return;
    }
    r.v = _mm512_permutexvar_epi64(seven, value);
    r.read += 8;
    r.bit += 8 * length;
  }
}

SYNOPTIC_IN_WIDE inline uint64_t BitsAt(const char* data, size_t bit) {
  uint64_t word;
  std::memcpy(&word, data + bit / 8, sizeof word);
  return __builtin_bswap64(word) << (bit % 8);
}

// A sample with a new window; `w` are the bits from its first one on. False when it is broken.
SYNOPTIC_IN_WIDE inline bool ReadNewWindow(uint64_t w, Reading& r, double* out) {
  const int leading = static_cast<int>(w >> 56 & 31);
  const int announced = static_cast<int>(w >> 50 & 63);
  const int width = announced == 0 ? 64 : announced;
  const size_t at = r.bit + kNewWindowBits;
  if (leading + width > 64 || at + static_cast<size_t>(width) > r.end_bit) return false;
  r.width = width;
  r.trailing = 64 - leading - width;
  uint64_t value = w << kNewWindowBits >> (64 - width);
  if (width > kPeekBits - kNewWindowBits) {
    const uint64_t ninth = static_cast<uint8_t>(r.data[at / 8 + 8]);
    value = (BitsAt(r.data, at) | ninth >> (8 - at % 8)) >> (64 - width);
  }
  r.v = _mm512_xor_si512(r.v, _mm512_set1_epi64(static_cast<int64_t>(value << r.trailing)));
  _mm512_storeu_si512(out + r.read, r.v);
  ++r.read;
  r.bit = at + static_cast<size_t>(width);
  return true;
}

// Samples whose value is unchanged, as many as `w` shows.
SYNOPTIC_IN_WIDE inline void ReadUnchanged(uint64_t w, Reading& r, double* out) {
  const size_t shown = static_cast<size_t>(std::min(std::countl_zero(w), kPeekBits)) / 2;
  const size_t count = std::min({shown, r.most - r.read, (r.end_bit - r.bit) / 2});
  for (size_t i = 0; i < count; i += 8) _mm512_storeu_si512(out + r.read + i, r.v);
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
  Reading r{stretch.data,     stretch.bit,
            stretch.end_bit,  0,
            stretch.most,     stretch.width,
            stretch.trailing, _mm512_set1_epi64(static_cast<int64_t>(stretch.v))};
  while (r.read < r.most && r.bit < stretch.safe_bit) {
    const uint64_t w = BitsAt(r.data, r.bit);
    if (w >> 63 != 0) break;  // another step of time
    if (w >> 62 == 0) {
      const size_t before = r.read;
      ReadUnchanged(w, r, out);
      if (r.read == before) break;  // half a sample is left
      continue;
    }
    const size_t before = r.read;
    if (w >> 61 == 3 && !ReadNewWindow(w, r, out)) break;
    if (r.width <= kPeekBits - kControlBits) {
      ReadBatches<kPeekBits>(r, out);
    } else if (r.width <= 64 - kControlBits) {
      ReadBatches<64>(r, out);
    } else {
      ReadBatches<64 + kControlBits>(r, out);
    }
    if (r.read == before) break;  // a part of a sample is left
  }
  stretch.v = static_cast<uint64_t>(_mm_cvtsi128_si64(_mm512_castsi512_si128(r.v)));
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
