// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Stored samples of one series as spans: in place when they are columns, decoded into a reused
// buffer when they are chunks.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "absl/status/statusor.h"
#include "promql/eval/context.h"
#include "promql/eval/stats_reader.h"
#include "promql/model/dense_reader.h"
#include "promql/model/histogram_pool.h"
#include "promql/model/series.h"

namespace synoptic::promql::internal {

struct SampleSpan {
  std::span<const int64_t> t;
  std::span<const double> v;
  std::span<const int64_t> st = {};  // start timestamps; empty when none is known
  size_t size() const { return t.size(); }
  bool empty() const { return t.empty(); }
};

// The native histograms beside them: no time is in both.
struct HistogramSamples {
  std::span<const int64_t> t;
  std::span<const HistogramPtr> h;
  std::span<const int64_t> st = {};
  size_t size() const { return t.size(); }
  bool empty() const { return t.empty(); }
};

struct SeriesSamples {
  SampleSpan floats;
  HistogramSamples histograms;  // empty for nearly every series
  bool empty() const { return floats.empty() && histograms.empty(); }
};

// Whether a series has no native histograms among its samples from min_t to max_t, as far as can be
// seen without reading them.
bool HasFloatsOnly(const RawSeries& series, int64_t min_t, int64_t max_t);

class RawReader {
 public:
  explicit RawReader(EvalContext& eval) : memory_(eval.options.budget) {
    histogram_buffer_.pool = &pool_;
  }
  RawReader(const RawReader&) = delete;
  RawReader& operator=(const RawReader&) = delete;

  // Histograms are given without their buckets from now on. `plan`: how they are gone through.
  void GiveStatsOnly(const ReadingPlan& plan) {
    stats_plan_ = plan;
    pool_.set_stats_only(true);
  }

  // Samples with min_t <= t <= max_t; valid until the next call. Stale markers included.
  absl::StatusOr<SeriesSamples> Read(const RawSeries& series, int64_t min_t, int64_t max_t);
  // The same without stale markers.
  absl::StatusOr<SeriesSamples> ReadLive(const RawSeries& series, int64_t min_t, int64_t max_t);

  // A series of histograms alone, all with the same buckets and none stale; null: it is none, or is
  // not worth looking whether it is. May be changed; valid until the next call.
  absl::StatusOr<DenseSamples*> ReadDense(const RawSeries& series, int64_t min_t, int64_t max_t);
  // What the last ReadDense has read. REQUIRES: it was not null.
  SeriesSamples ReadAsObjects();

 private:
  // What only queries of histograms need.
  struct Dense {
    DenseReader reader;
    DenseSamples samples;
    size_t read = 0, refused = 0;
  };
  void SettleHints(DenseSamples& samples);
  absl::StatusOr<SeriesSamples> ReadWhole(const RawSeries& series, int64_t min_t, int64_t max_t);
  absl::Status DropStaleFloats(SampleSpan& samples);
  absl::Status DropStaleHistograms(HistogramSamples& samples);
  absl::Status ChargeBuffers();
  absl::Status StripBuckets(const RawSeries& series, SeriesSamples& samples);
  SampleColumns buffer_;
  HistogramColumns histogram_buffer_;
  HistogramPool pool_;
  std::optional<ReadingPlan> stats_plan_;
  StatsReader stats_reader_;
  std::unique_ptr<Dense> dense_;
  Reservation memory_;
};

}  // namespace synoptic::promql::internal
