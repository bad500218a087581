// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Prometheus' chunk encodings: readers and writers. Chunks are kept compressed until evaluated and
// decoded straight into columns.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "promql/model/sample.h"

namespace synoptic::promql {

// Numbers as in Prometheus' tsdb/chunkenc. Remote read sends the first three only.
enum class ChunkEncoding : uint8_t {
  kXor = 1,
  kHistogram = 2,
  kFloatHistogram = 3,
  kXor2 = 4,
  kHistogramSt = 5,
  kFloatHistogramSt = 6,
};

// One chunk's bytes and the time range it covers. `owner` keeps `bytes` alive (a network frame
// holds many chunks).
struct Chunk {
  int64_t min_t = 0;
  int64_t max_t = 0;
  ChunkEncoding encoding = ChunkEncoding::kXor;
  std::string_view bytes;
  std::shared_ptr<const std::string> owner;
};

// Appends the samples of an XOR chunk with min_t <= t <= max_t to `out`. DataLoss when the bytes
// end early or times do not rise; what was appended before stays.
absl::Status DecodeXor(std::string_view bytes, int64_t min_t, int64_t max_t, SampleColumns& out);

// The same for XOR2, which has start times too; they go to `out.st` (see SampleColumns).
absl::Status DecodeXor2(std::string_view bytes, int64_t min_t, int64_t max_t, SampleColumns& out);

// The same for the four encodings of histograms. Hints are what the chunk alone can tell: gauge, or
// not reset for all samples but the first, whose hint is unknown. Samples share spans and bounds.
absl::Status DecodeHistograms(ChunkEncoding encoding, std::string_view bytes, int64_t min_t,
                              int64_t max_t, HistogramColumns& out);

// Appends the samples of a chunk of any encoding with min_t <= t <= max_t. Float samples and
// histograms go to columns of their own; integer histograms become float ones. `histograms` may be
// null: then histogram chunks are skipped unread. Errors as DecodeXor; Unimplemented for encodings
// that are none of ChunkEncoding.
absl::Status DecodeChunk(const Chunk& chunk, int64_t min_t, int64_t max_t, SampleColumns& floats,
                         HistogramColumns* histograms);

// Number of samples the header of an XOR or XOR2 chunk claims (0 when shorter than a header).
size_t XorSampleCount(std::string_view bytes);

// Encodes samples (times rising) into one XOR chunk; at most 65,535 of them.
std::string EncodeXor(const int64_t* t, const double* v, size_t count);
// The same as XOR2; `start` may be null. Histograms: histogram_writer.h.
std::string EncodeXor2(const int64_t* t, const double* v, const int64_t* start, size_t count);

}  // namespace synoptic::promql
