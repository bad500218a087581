// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/model/chunk.h"

#include "base/status.h"
#include "promql/model/column_chunk.h"

namespace synoptic::promql {

absl::Status DecodeChunk(const Chunk& chunk, int64_t min_t, int64_t max_t, SampleColumns& floats,
                         HistogramColumns* histograms) {
  if (chunk.encoding == kColumnChunk) return DecodeColumns(chunk.bytes, min_t, max_t, floats);
  switch (chunk.encoding) {
    case ChunkEncoding::kXor:
      return DecodeXor(chunk.bytes, min_t, max_t, floats);
    case ChunkEncoding::kHistogram:
    case ChunkEncoding::kFloatHistogram:
    case ChunkEncoding::kHistogramSt:
    case ChunkEncoding::kFloatHistogramSt:
      if (histograms == nullptr) return absl::OkStatus();
      return DecodeHistograms(chunk.encoding, chunk.bytes, min_t, max_t, *histograms);
    case ChunkEncoding::kXor2:
      return DecodeXor2(chunk.bytes, min_t, max_t, floats);
  }
  return MakeStatus(absl::StatusCode::kUnimplemented, "chunk encoding {} is not supported",
                    static_cast<int>(chunk.encoding));
}

}  // namespace synoptic::promql
