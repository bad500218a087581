// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What all operators of one evaluation share: options, data, notes, limits.
//
// Lives for one call of Evaluate, on one thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "promql/eval/evaluator.h"
#include "promql/eval/notes.h"
#include "promql/eval/shared_subtree.h"
#include "promql/model/grid.h"
#include "promql/model/histogram.h"

namespace synoptic::promql::internal {

class EvalContext {
 public:
  EvalContext(const EvalOptions& eval_options, DataSource& data)
      : options(eval_options), source(data) {}
  ~EvalContext() {
    if (options.budget != nullptr) options.budget->Release(scalar_bytes_);
  }
  EvalContext(const EvalContext&) = delete;
  EvalContext& operator=(const EvalContext&) = delete;

  // Places in Prometheus' order of evaluation: children before their parent, left before right.
  int NextOrder() { return next_order_++; }
  // As many places are taken; gives the first one.
  int SkipOrders(int count) { return std::exchange(next_order_, next_order_ + count); }
  // Cancelled or DeadlineExceeded with Prometheus' texts.
  absl::Status CheckCancelled() const;
  // Samples held until released; ResourceExhausted over the query's limit.
  absl::Status HoldSamples(int64_t count);
  // ResourceExhausted when one series over `grid` would be over that limit: x[10y:1ms].
  absl::Status CheckSteps(const Grid& grid) const;
  void ReleaseSamples(int64_t count) { held_samples_ -= count; }
  // Bytes of a column of a scalar expression. Charged before it is made; what is not released by
  // then is at the end of the evaluation, when its holders are gone.
  absl::Status HoldScalar(size_t steps);
  void ReleaseScalar(size_t steps);
  void CountRead(int64_t count) { stats.samples_read += count; }

  const EvalOptions& options;
  DataSource& source;
  Notes notes;
  EvalStats stats;

 private:
  int next_order_ = 0;
  int64_t held_samples_ = 0;
  int64_t scalar_bytes_ = 0;

 public:
  SharedSubtrees shared;  // holds columns, which are given back to the members above
};

// The part of the query that a subtree is evaluated for. Cheap to copy.
struct Scope {
  EvalContext& eval;
  Grid grid;
  // By how much times fixed with `@` are off. Prometheus turns them into offsets from the start of
  // the evaluation, and does not do so anew for a subquery that happens to start there, too: then
  // the subquery's own offset stays in them.
  int64_t at_shift_ms = 0;
  size_t steps() const { return grid.size(); }
  // One evaluation time: result order is the evaluation's and not by labels. (A longer range whose
  // step is longer still has but one time, too, and is none to Prometheus.)
  bool instant() const { return grid.start == grid.end; }
};

// Columns that an operator has to hold at the same time, charged to the query while they live:
// bytes to its budget, and to its sample limit what Prometheus counts (a histogram by its size).
class HeldColumns {
 public:
  explicit HeldColumns(const Scope& scope)
      : eval_(&scope.eval), steps_(scope.steps()), memory_(scope.eval.options.budget) {}
  ~HeldColumns() { Free(); }
  HeldColumns(const HeldColumns&) = delete;
  HeldColumns& operator=(const HeldColumns&) = delete;
  HeldColumns(HeldColumns&& other) noexcept;
  HeldColumns& operator=(HeldColumns&&) = delete;

  // `columns` new columns filled with `value`, after what is held already.
  absl::Status Add(size_t columns, double value);
  size_t size() const { return data_.size() / std::max<size_t>(steps_, 1); }
  std::span<double> operator[](size_t i) { return {data_.data() + i * steps_, steps_}; }

  // The native histograms of a column: none, or one entry a step, as Operator::histograms().
  std::span<const HistogramPtr> histograms(size_t i) const {
    return i < histograms_.size() ? std::span<const HistogramPtr>(histograms_[i])
                                  : std::span<const HistogramPtr>();
  }
  // Puts the histograms of `column` (as above) beside those of column `i`, over them where both
  // have one.
  absl::Status PutHistograms(size_t i, std::vector<HistogramPtr>& column);
  // Gives a column's away; they stay charged until Free.
  std::vector<HistogramPtr> TakeHistograms(size_t i);
  void Free();

 private:
  EvalContext* eval_;
  size_t steps_;
  Reservation memory_;
  int64_t samples_ = 0;  // charged to the sample limit
  std::vector<double> data_;
  std::vector<std::vector<HistogramPtr>> histograms_;  // shorter than the columns, mostly empty
};

}  // namespace synoptic::promql::internal
