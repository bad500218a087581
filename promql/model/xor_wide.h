// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Bits of eight places of a stream at once. For functions that are compiled for AVX-512 and called
// only where the processor has it. Private to promql/model.
#pragma once

#if defined(__x86_64__)
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#define SYNOPTIC_WIDE __attribute__((target("avx512f,avx512bw,avx512dq,avx512vbmi,bmi2")))
#define SYNOPTIC_IN_WIDE \
  __attribute__((always_inline, target("avx512f,avx512bw,avx512dq,avx512vbmi,bmi2")))

namespace synoptic::promql::internal {

// Up to 128 bytes of a stream from one byte on; those behind its end are zero and not touched.
struct WideBits {
  __m512i low, high;

  SYNOPTIC_IN_WIDE WideBits(const char* from, size_t left)
      : low(Load(from, left)), high(left > 64 ? Load(from + 64, left - 64) : Zero()) {}

  // In each lane the bits from the bit `at` behind the first byte on: all 64, or, without the ninth
  // byte, 57.
  template <bool kNinth>
  SYNOPTIC_IN_WIDE __m512i At(__m512i at) const {
    // Within each lane the eight bytes from an offset on, the first one highest.
    const __m512i backwards = _mm512_set1_epi64(0x0001020304050607);
    const __m512i low_byte_of_each = _mm512_set4_epi32(0x08080808, 0x08080808, 0, 0);
    const __m512i offset = _mm512_shuffle_epi8(_mm512_srli_epi64(at, 3), low_byte_of_each);
    const __m512i word = _mm512_permutex2var_epi8(low, _mm512_add_epi8(offset, backwards), high);
    const __m512i shift = _mm512_and_si512(at, _mm512_set1_epi64(7));
    const __m512i front = _mm512_sllv_epi64(word, shift);
    if constexpr (!kNinth) return front;
    const __m512i ninth = _mm512_and_si512(
        _mm512_permutex2var_epi8(low, _mm512_add_epi8(offset, _mm512_set1_epi8(8)), high),
        _mm512_set1_epi64(0xFF));
    return _mm512_or_si512(front,
                           _mm512_srlv_epi64(ninth, _mm512_sub_epi64(_mm512_set1_epi64(8), shift)));
  }

 private:
  SYNOPTIC_IN_WIDE static __m512i Load(const char* data, size_t left) {
    const __mmask64 mask = left >= 64 ? ~uint64_t{0} : (uint64_t{1} << left) - 1;
    return _mm512_maskz_loadu_epi8(mask, data);
  }
  SYNOPTIC_IN_WIDE static __m512i Zero() { return _mm512_setzero_si512(); }
};

// Multiples of `n` by lane: 0, n, 2 n...
SYNOPTIC_IN_WIDE inline __m512i Multiples(size_t n) {
  return _mm512_mul_epu32(_mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0),
                          _mm512_set1_epi64(static_cast<int64_t>(n)));
}

// Each lane with all before it: a running exclusive or.
SYNOPTIC_IN_WIDE inline __m512i RunningXor(__m512i v) {
  const __m512i zero = _mm512_setzero_si512();
  v = _mm512_xor_si512(v, _mm512_alignr_epi64(v, zero, 7));
  v = _mm512_xor_si512(v, _mm512_alignr_epi64(v, zero, 6));
  return _mm512_xor_si512(v, _mm512_alignr_epi64(v, zero, 4));
}

SYNOPTIC_IN_WIDE inline __m512i LaneEverywhere(__m512i v, size_t lane) {
  return _mm512_permutexvar_epi64(_mm512_set1_epi64(static_cast<int64_t>(lane)), v);
}

SYNOPTIC_IN_WIDE inline uint64_t FirstLane(__m512i v) {
  return static_cast<uint64_t>(_mm_cvtsi128_si64(_mm512_castsi512_si128(v)));
}

}  // namespace synoptic::promql::internal
#endif
