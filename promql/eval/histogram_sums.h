// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// sum() and avg() of native histograms, group by group and step by step: Kahan's sums of all
// buckets, and for avg the change to an incremental mean where the sum would overflow.
//
// Exists only for aggregations that met a histogram. What was computed is charged to the query.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "promql/eval/context.h"
#include "promql/eval/dense_sums.h"
#include "promql/model/histogram.h"
#include "promql/parse/ast.h"

namespace synoptic::promql::internal {

class HistogramSums {
 public:
  // `node` is the sum() or avg() and outlives this; notes are reported under `order`.
  HistogramSums(const Aggregate& node, int order, size_t groups, const Scope& scope);
  ~HistogramSums() { eval_.ReleaseSamples(samples_); }
  HistogramSums(const HistogramSums&) = delete;
  HistogramSums& operator=(const HistogramSums&) = delete;

  // A member's histograms. `floats` is what the group has of floats so far: where a float came
  // first, nothing is summed any more. `metric_name` is the member's.
  absl::Status Add(size_t group, std::span<const HistogramPtr> column,
                   std::span<const double> floats, std::string_view metric_name);

  // The same for rows. False, with nothing changed: they have to be added as histograms.
  absl::StatusOr<bool> AddDense(size_t group, const DenseColumn& column,
                                std::span<const double> floats);

  // The group has met a histogram.
  bool Has(size_t group) const { return !cells_[group].empty() || dense_[group] != nullptr; }
  // Exponential and custom buckets met at this step: the group has no result there, and what comes
  // after is not looked at. REQUIRES: Has(group).
  bool Incompatible(size_t group, size_t step) const {
    return dense_[group] == nullptr && cells_[group][step].incompatible;
  }

  // Adds the group's histograms to its float results: neither at steps that have both kinds.
  absl::Status Result(size_t group, std::span<double> floats, std::vector<HistogramPtr>& out);
  // As if the group had met nothing. What it held stays charged.
  void Reset(size_t group) {
    cells_[group].clear();
    dense_[group].reset();
  }

 private:
  struct Running {
    FloatHistogram value;             // the sum, or the mean once `incremental`
    std::optional<FloatHistogram> c;  // what rounding lost
    double count = 1;
    bool incremental = false;
    int64_t size = 0;  // charged, in samples
  };
  struct Cell {
    HistogramPtr first;  // the only member so far; null once `running`
    std::shared_ptr<Running> running;
    bool seen = false;
    bool incompatible = false;
    bool reset_seen = false, not_reset_seen = false;  // counter reset hints
  };

  // Objects that are allocated a few at a time; the memory of those goes with the last of them.
  template <class T>
  class Blocks {
   public:
    std::shared_ptr<T> Next() {
      if (next_ == size_) {
        size_ = std::min<size_t>(2 * size_ + 1, 15);
        block_ = std::make_shared<T[]>(size_);
        next_ = 0;
      }
      return {block_, &block_[next_++]};
    }

   private:
    std::shared_ptr<T[]> block_;
    size_t next_ = 0, size_ = 0;
  };

  absl::Status MakeCells(size_t group);
  // The dense sums become cells.
  absl::Status LeaveDense(size_t group);
  void DenseResult(const DenseSums& sums, std::span<double> floats, std::vector<HistogramPtr>& out);
  absl::Status AddTo(Cell& cell, const FloatHistogram& h, std::string_view metric_name);
  // False: the buckets do not mix.
  bool AddToSum(Running& running, const FloatHistogram& h);
  bool AddToMean(Running& running, const FloatHistogram& h);
  bool Accumulate(FloatHistogram& to, const FloatHistogram& h, std::optional<FloatHistogram>& c);
  FloatHistogram Total(Cell& cell) const;
  absl::Status Charge(int64_t samples);
  void Warn(std::string_view text);

  const Aggregate& node_;
  const int order_;
  const size_t steps_;
  EvalContext& eval_;
  Reservation memory_;
  int64_t samples_ = 0;
  Blocks<Running> running_;
  Blocks<FloatHistogram> results_;
  std::vector<std::vector<Cell>> cells_;           // of each group: one a step, or none at all
  std::vector<std::unique_ptr<DenseSums>> dense_;  // of each group: instead of cells
};

}  // namespace synoptic::promql::internal
