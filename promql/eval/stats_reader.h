// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Native histograms without their buckets, for selectors below histogram_count() and its kin.
//
// Where Prometheus reads such a histogram it compares it with the one it read before and sets the
// reset hint, which later tells. Which one that was depends on how its iterator went: it jumps over
// samples that no step can see and then knows of none. So the way is gone here once more.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "promql/model/grid.h"
#include "promql/model/sample.h"

namespace synoptic::promql::internal {

// Where the iterator is sent, and how far behind that place it reads.
struct ReadingPlan {
  Grid ends;                // the newest sample that each step may see
  int64_t first_delta = 0;  // at the first step
  int64_t delta = 0;        // at later ones
};

// Goes the plan's way over the samples of a series; memory is kept for the next series.
class StatsReader {
 public:
  // The hint of each histogram as read. The samples of both kinds, stale markers included, are all
  // that the plan's steps can see. Valid until the next call.
  std::span<const CounterResetHint> Hints(std::span<const int64_t> float_t,
                                          std::span<const int64_t> t,
                                          std::span<const HistogramPtr> h, const ReadingPlan& plan);

  // How a sample is come to: never, by a jump, or from the sample right before it, which was read.
  enum class Step : uint8_t { kNever, kJump, kBehind };
  // For histograms alone, none of them stale. Found once for series with the same times. Valid
  // until the next call. REQUIRES: one plan in all calls.
  std::span<const Step> Steps(std::span<const int64_t> t, const ReadingPlan& plan);

 private:
  void Go(const ReadingPlan& plan);
  void Seek(int64_t end, int64_t delta);
  void Read(size_t sample);

  std::span<const int64_t> t_;  // of both kinds
  std::span<const HistogramPtr> h_;
  std::vector<CounterResetHint> hints_;
  std::vector<int64_t> merged_t_;  // when there are floats, too
  std::vector<size_t> histogram_;  // then: which one a sample is, or kFloat
  size_t at_ = 0;
  size_t read_ = 0;  // samples before this one were read, or never will be
  int64_t reached_ = INT64_MIN;
  const FloatHistogram* last_ = nullptr;
  // Of Steps.
  std::vector<Step> steps_;
  std::vector<int64_t> steps_t_;
  bool behind_ = false;  // the sample read last is the one before
};

// Leaves count, sum, schema and `hint`.
void KeepStats(CounterResetHint hint, FloatHistogram& h);

}  // namespace synoptic::promql::internal
