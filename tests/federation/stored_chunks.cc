// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/federation/stored_chunks.h"

namespace synoptic::federation {
namespace {

constexpr size_t kSamplesPerChunk = 120;

}  // namespace

std::vector<promql::EncodedChunk> ChunksOf(const promql::RawSeries& series) {
  std::vector<promql::EncodedChunk> out;
  if (const auto* chunks = std::get_if<std::vector<promql::Chunk>>(&series.data)) {
    for (const promql::Chunk& chunk : *chunks) {
      out.push_back({chunk.encoding, chunk.min_t, chunk.max_t, 0, std::string(chunk.bytes)});
    }
    return out;
  }
  promql::HistogramWriter<promql::FloatHistogram> writer(/*with_start=*/false);
  for (size_t i = 0; i < series.histograms.size(); ++i) {
    if (i % kSamplesPerChunk == 0) writer.Cut();
    writer.Append(series.histograms.t[i], *series.histograms.h[i]);
  }
  out = writer.Take();
  const auto& floats = std::get<promql::SampleColumns>(series.data);
  for (size_t i = 0; i < floats.size(); i += kSamplesPerChunk) {
    const size_t n = std::min(kSamplesPerChunk, floats.size() - i);
    out.push_back({promql::ChunkEncoding::kXor, floats.t[i], floats.t[i + n - 1], n,
                   promql::EncodeXor(&floats.t[i], &floats.v[i], n)});
  }
  return out;
}

}  // namespace synoptic::federation
