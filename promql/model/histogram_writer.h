// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Writes the histograms of one series into chunks, with the bytes that Prometheus' appender writes.
// One chunk has one layout of buckets: where new buckets appear it is written anew; where a counter
// was reset, schema, zero threshold or bounds changed, or a stale marker ended it, a new chunk
// begins, whose header says what is known of the reset.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "promql/model/chunk.h"
#include "promql/model/integer_histogram.h"

namespace synoptic::promql {

struct EncodedChunk {
  ChunkEncoding encoding;
  int64_t min_t = 0;
  int64_t max_t = 0;
  size_t samples = 0;
  std::string bytes;
};

// H: IntegerHistogram or FloatHistogram. One thread.
template <class H>
class HistogramWriter {
 public:
  // Start times need encodings of their own.
  explicit HistogramWriter(bool with_start);
  ~HistogramWriter();
  HistogramWriter(HistogramWriter&&) noexcept;
  HistogramWriter& operator=(HistogramWriter&&) noexcept;

  // REQUIRES: `t` is later than all before; `h` is valid. Stale markers need no layout.
  void Append(int64_t t, const H& h, int64_t start = 0);
  // The next sample begins a new chunk, as when a chunk is full.
  void Cut();
  // Number of samples in the chunk that is written to.
  size_t samples() const;
  // All chunks so far; begins anew.
  std::vector<EncodedChunk> Take();

 private:
  class Open;
  std::vector<EncodedChunk> done_;
  std::unique_ptr<Open> open_;      // null: none yet
  std::unique_ptr<Open> previous_;  // after Cut
  bool with_start_;
};

extern template class HistogramWriter<IntegerHistogram>;
extern template class HistogramWriter<FloatHistogram>;

}  // namespace synoptic::promql
