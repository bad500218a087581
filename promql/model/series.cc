// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/model/series.h"

#include <algorithm>

#include "base/status.h"

namespace synoptic::promql {
namespace {

void ReadColumns(const SampleColumns& from, int64_t min_t, int64_t max_t, SampleColumns& out) {
  const auto first = std::lower_bound(from.t.begin(), from.t.end(), min_t);
  const auto last = std::upper_bound(first, from.t.end(), max_t);
  const auto values = from.v.begin();
  out.t.insert(out.t.end(), first, last);
  out.v.insert(out.v.end(), values + (first - from.t.begin()), values + (last - from.t.begin()));
}

absl::Status ReadChunks(const RawSeries& series, const std::vector<Chunk>& chunks, int64_t min_t,
                        int64_t max_t, SampleColumns& out) {
  for (const Chunk& chunk : chunks) {
    if (chunk.max_t < min_t || chunk.min_t > max_t) continue;
    if (chunk.encoding != ChunkEncoding::kXor) {
      return MakeStatus(absl::StatusCode::kUnimplemented,
                        "series {}: native histogram chunks (encoding {}) are not supported",
                        series.labels.ToString(), static_cast<int>(chunk.encoding));
    }
    // Columns stay rising whatever an upstream sent: an overlap yields to what is there already.
    const int64_t from = out.empty() ? min_t : std::max(min_t, out.t.back() + 1);
    const absl::Status status = DecodeXor(chunk.bytes, from, max_t, out);
    if (!status.ok()) return Annotate(status, "series " + series.labels.ToString());
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadSamples(const RawSeries& series, int64_t min_t, int64_t max_t,
                         SampleColumns& out) {
  if (max_t < min_t) return absl::OkStatus();
  if (const auto* columns = std::get_if<SampleColumns>(&series.data)) {
    ReadColumns(*columns, min_t, max_t, out);
    return absl::OkStatus();
  }
  return ReadChunks(series, std::get<std::vector<Chunk>>(series.data), min_t, max_t, out);
}

const char* ApiName(ValueType type) {
  switch (type) {
    case ValueType::kScalar:
      return "scalar";
    case ValueType::kString:
      return "string";
    case ValueType::kVector:
      return "vector";
    case ValueType::kMatrix:
      return "matrix";
    case ValueType::kNone:
      return "none";
  }
  return "none";
}

const char* DocumentedName(ValueType type) {
  switch (type) {
    case ValueType::kVector:
      return "instant vector";
    case ValueType::kMatrix:
      return "range vector";
    default:
      return ApiName(type);
  }
}

}  // namespace synoptic::promql
