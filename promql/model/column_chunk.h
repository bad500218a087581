// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// An encoding of float samples of our own, for what is kept for long: times as multiples of one
// step, values as integers where they are short decimals or multiples of one number (rates of
// counters), else as their bits; all packed (packed_ints.h). Every bit comes back: what the model
// of a column does not give exactly is written beside it. Decimals after ALP (Afroozeh, Kuffo,
// Boncz, "ALP: Adaptive Lossless floating-Point Compression", 2023).
//
// Never leaves the process as a Prometheus chunk: Prometheus knows none such.
#pragma once

#include <string>
#include <string_view>

#include "promql/model/chunk.h"

namespace synoptic::promql {

// Fewer samples than this are not worth it: the models take more than they save.
inline constexpr size_t kLeastColumnSamples = 16;

inline constexpr auto kColumnChunk = static_cast<ChunkEncoding>(64);

// Of floats without start times.
struct EncodedFloats {
  ChunkEncoding encoding = ChunkEncoding::kXor;
  std::string bytes;
};
// From kLeastColumnSamples on a column chunk (which may hold XOR bytes, where these are shorter),
// below it XOR. Times rise; at most 65,535 samples.
EncodedFloats EncodeFloats(const int64_t* t, const double* v, size_t count);

// As DecodeXor.
absl::Status DecodeColumns(std::string_view bytes, int64_t min_t, int64_t max_t,
                           SampleColumns& out);

// Whether the chunk holds floats only.
inline bool HoldsFloats(ChunkEncoding encoding) {
  return encoding == ChunkEncoding::kXor || encoding == ChunkEncoding::kXor2 ||
         encoding == kColumnChunk;
}

}  // namespace synoptic::promql
