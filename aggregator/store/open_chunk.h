// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The end of a series: the chunk that still grows, and its form on disk.
//
// Float samples lie encoded, but for the last few, which are encoded together: an open chunk costs
// a few hundred bytes and an append a few nanoseconds. Histograms wait as they are.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "promql/model/chunk.h"
#include "promql/model/mixed_samples.h"

namespace synoptic::aggregator {

inline constexpr int64_t kDayMs = 86'400'000;
// The day (since 1970) of a time; also before 1970.
inline int64_t DayOf(int64_t t) { return t >= 0 ? t / kDayMs : -((-t + kDayMs - 1) / kDayMs); }

// Chunks of rising times that are of one kind, at most 120 samples each, none over a day's end.
inline constexpr size_t kChunkSamples = 120;

// A chunk that owns its bytes. One of histograms may come as several: where layouts change.
std::vector<promql::Chunk> EncodeChunks(const promql::MixedSamples& samples);

class OpenChunk {
 public:
  // Whether `sample` begins a new chunk: this one is full, of another kind or day.
  bool MustCutBefore(const promql::MixedSample& sample) const;
  // REQUIRES: later than all before, and not MustCutBefore.
  void Append(const promql::MixedSample& sample);
  bool empty() const { return count_ == 0; }
  size_t count() const { return count_; }
  int64_t min_t() const { return min_t_; }
  int64_t max_t() const { return max_t_; }
  int64_t memory_bytes() const;
  // What is in it; begins anew. Empty when nothing is.
  std::vector<promql::Chunk> Take();
  std::vector<promql::Chunk> Chunks() const;

 private:
  void Fold();

  // Few series have any: they are not worth their room in each.
  struct Histograms {
    promql::HistogramColumns columns;
    int64_t bytes = 0;
  };

  size_t count_ = 0;
  int64_t min_t_ = 0;
  int64_t max_t_ = 0;
  std::string encoded_;                           // floats
  std::vector<std::pair<int64_t, double>> tail_;  // floats behind them
  std::vector<Histograms> histograms_;            // one, or none
};

// A chunk as a value of the database; its bytes point into `owner` when read back.
std::string PackChunk(const promql::Chunk& chunk);
absl::StatusOr<promql::Chunk> UnpackChunk(std::string_view bytes,
                                          const std::shared_ptr<const std::string>& owner);

}  // namespace synoptic::aggregator
