// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/model/xor_batch.h"

#include <algorithm>
#include <bit>

#if defined(__x86_64__)
#include <immintrin.h>
#define SYNOPTIC_XOR_BATCHES
#define SYNOPTIC_IN_BATCH \
  __attribute__((always_inline, target("avx512f,avx512bw,avx512dq,avx512vbmi")))
#endif

namespace synoptic::promql {

#ifdef SYNOPTIC_XOR_BATCHES

namespace {

constexpr int kControlBits = 3;

// Up to 64 bytes of those that are left; the others are zero and not touched.
__attribute__((target("avx512f,avx512bw,avx512dq"))) inline __m512i LoadBytes(const char* data,
                                                                              size_t left) {
  const __mmask64 mask = left >= 64 ? ~uint64_t{0} : (uint64_t{1} << left) - 1;
  return _mm512_maskz_loadu_epi8(mask, data);
}

}  // namespace

bool CanReadXorBatches() {
  static const bool can = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512dq") &&
                          __builtin_cpu_supports("avx512vbmi");
  return can;
}

__attribute__((target("avx512f,avx512bw,avx512dq,avx512vbmi"))) size_t ReadXorBatch(XorBatch& batch,
                                                                                    double* out) {
  const size_t length = static_cast<size_t>(kControlBits + batch.width);
  const size_t end_byte = batch.end_bit / 8;
  const __m512i lane = _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0);
  // Bit positions of the lanes' samples behind the first one's, and of their values.
  const __m512i starts = _mm512_mullox_epi64(lane, _mm512_set1_epi64(static_cast<int64_t>(length)));
  // Within each lane the eight bytes from an offset on, the first one highest.
  const __m512i backwards = _mm512_set1_epi64(0x0001020304050607);
  const __m512i low_byte_of_each = _mm512_set4_epi32(0x08080808, 0x08080808, 0, 0);
  const __m128i drop = _mm_cvtsi64_si128(64 - batch.width);
  const __m128i raise = _mm_cvtsi64_si128(batch.trailing);
  const __m512i seven = _mm512_set1_epi64(7), low_byte = _mm512_set1_epi64(0xFF);
  const __m512i zero = _mm512_setzero_si512();
  const size_t most = std::min(batch.most, (batch.end_bit - batch.bit) / length);
  const __m512i last_lane = _mm512_set1_epi64(7);
  __m512i v = _mm512_set1_epi64(static_cast<int64_t>(batch.v));
  size_t read = 0, bit = batch.bit;
  while (read < most) {
    const size_t first_byte = bit / 8;
    const char* const from = batch.data + first_byte;
    const size_t left = end_byte - first_byte;
    const __m512i low = LoadBytes(from, left);
    const __m512i high = left > 64 ? LoadBytes(from + 64, left - 64) : zero;
    // The 64 bits from the bit `at` behind first_byte on, in each lane.
    const auto bits = [&](__m512i at) SYNOPTIC_IN_BATCH {
      const __m512i byte = _mm512_srli_epi64(at, 3);
      const __m512i offset = _mm512_shuffle_epi8(byte, low_byte_of_each);  // in all its bytes
      const __m512i word = _mm512_permutex2var_epi8(low, _mm512_add_epi8(offset, backwards), high);
      const __m512i ninth = _mm512_and_si512(
          _mm512_permutex2var_epi8(low, _mm512_add_epi8(offset, _mm512_set1_epi8(8)), high),
          low_byte);
      const __m512i shift = _mm512_and_si512(at, seven);
      return _mm512_or_si512(
          _mm512_sllv_epi64(word, shift),
          _mm512_srlv_epi64(ninth, _mm512_sub_epi64(_mm512_set1_epi64(8), shift)));
    };
    const __m512i at = _mm512_add_epi64(starts, _mm512_set1_epi64(static_cast<int64_t>(bit % 8)));
    const __m512i control = bits(at);
    const __mmask8 fits =
        _mm512_cmpeq_epi64_mask(_mm512_srli_epi64(control, 61), _mm512_set1_epi64(2));
    __m512i value = length <= 64 ? _mm512_slli_epi64(control, kControlBits)
                                 : bits(_mm512_add_epi64(at, _mm512_set1_epi64(kControlBits)));
    value = _mm512_sll_epi64(_mm512_srl_epi64(value, drop), raise);
    // Each value is the one before changed: a running exclusive or over the lanes.
    value = _mm512_xor_si512(value, _mm512_alignr_epi64(value, zero, 7));
    value = _mm512_xor_si512(value, _mm512_alignr_epi64(value, zero, 6));
    value = _mm512_xor_si512(value, _mm512_alignr_epi64(value, zero, 4));
    value = _mm512_xor_si512(value, v);
    _mm512_storeu_si512(out + read, value);
    // The usual case is a branch that is guessed: the next batch begins without waiting for it.
    if (fits != 0xFF || most - read < 8) {
      const size_t count =
          std::min<size_t>(most - read, static_cast<size_t>(std::countr_one(fits)));
      read += count;
      bit += count * length;
      break;
    }
    v = _mm512_permutexvar_epi64(last_lane, value);
    read += 8;
    bit += 8 * length;
  }
  if (read > 0) batch.v = std::bit_cast<uint64_t>(out[read - 1]);
  batch.bit = bit;
  return read;
}

#else

bool CanReadXorBatches() { return false; }
size_t ReadXorBatch(XorBatch&, double*) { return 0; }

#endif

}  // namespace synoptic::promql
