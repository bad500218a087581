// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Histogram chunks of one series straight into rows, where all of them have the same buckets.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "promql/model/chunk.h"
#include "promql/model/dense_histograms.h"

namespace synoptic::promql {

namespace internal {
struct HistogramScratch;
}

struct DenseSamples {
  std::vector<int64_t> t;
  DenseHistograms rows;
  // Rows whose hint is unknown and which DetectReset finds to be resets behind the row before.
  std::vector<size_t> resets;
  bool gauges = false;  // some hint says so
};

// Memory is kept from one series to the next. Not thread-safe.
class DenseReader {
 public:
  DenseReader();
  ~DenseReader();
  DenseReader(const DenseReader&) = delete;
  DenseReader& operator=(const DenseReader&) = delete;

  // The samples with min_t <= t <= max_t of chunks that overlap that time; hints as
  // DecodeHistograms gives them. `stats_only`: rows have count and sum only, of any buckets of one
  // schema.
  //
  // False, with `out` undefined: other kinds of chunks, several layouts, an irregular one, stale
  // markers, chunks that overlap, damaged ones. DecodeHistograms can read or refuse those.
  bool Read(std::span<const Chunk> chunks, int64_t min_t, int64_t max_t, bool stats_only,
            DenseSamples& out);

 private:
  template <class Coding>
  bool ReadChunk(const Chunk& chunk, int64_t min_t, int64_t max_t, bool stats_only,
                 DenseSamples& out);

  std::unique_ptr<internal::HistogramScratch> scratch_;
  // Of stats only: the first histogram of a chunk and the last of the chunk before.
  FloatHistogram first_, last_;
};

}  // namespace synoptic::promql
