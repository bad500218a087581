// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/histogram_sums.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "base/go_format.h"
#include "base/status.h"
#include "promql/model/histogram_math.h"
#include "promql/model/sample.h"

namespace synoptic::promql::internal {
namespace {

constexpr int64_t kHistogramSampleBytes = 16;  // of a sample that SizeInSamples counts in

// So small that no sum of a few of them, bucket by bucket or over all buckets, is infinite.
bool CannotOverflow(const FloatHistogram& h) {
  const auto small = [](double v) { return std::fabs(v) < 1e290; };
  return small(h.count) && small(h.sum) && small(h.zero_count) &&
         std::all_of(h.positive_buckets.begin(), h.positive_buckets.end(), small) &&
         std::all_of(h.negative_buckets.begin(), h.negative_buckets.end(), small);
}

int64_t SizeOf(const FloatHistogram& value, const std::optional<FloatHistogram>& c) {
  return SizeInSamples(value) + (c.has_value() ? SizeInSamples(*c) : 0);
}

}  // namespace

HistogramSums::HistogramSums(const Aggregate& node, int order, size_t groups, const Scope& scope)
    : node_(node),
      order_(order),
      steps_(scope.steps()),
      eval_(scope.eval),
      memory_(scope.eval.options.budget),
      cells_(groups),
      dense_(groups) {}

absl::Status HistogramSums::MakeCells(size_t group) {
  RETURN_IF_ERROR(memory_.Grow(static_cast<int64_t>(steps_ * sizeof(Cell))));
  cells_[group].resize(steps_);
  return absl::OkStatus();
}

absl::StatusOr<bool> HistogramSums::AddDense(size_t group, const DenseColumn& column,
                                             std::span<const double> floats) {
  if (!cells_[group].empty()) return false;
  std::unique_ptr<DenseSums>& sums = dense_[group];
  if (sums == nullptr) {
    if (!std::ranges::all_of(floats, IsAbsent)) return false;
    auto made =
        std::make_unique<DenseSums>(column.rows.shape(), steps_, node_.op == AggregateOp::kAvg);
    if (!made->Takes(column)) return false;
    RETURN_IF_ERROR(memory_.Grow(made->HeldBytes()));
    sums = std::move(made);
  } else if (!sums->Takes(column)) {
    return false;
  }
  const int64_t grown = sums->Add(column);
  samples_ += grown;
  RETURN_IF_ERROR(eval_.HoldSamples(grown));
  return true;
}

absl::Status HistogramSums::LeaveDense(size_t group) {
  const std::unique_ptr<DenseSums> sums = std::move(dense_[group]);
  RETURN_IF_ERROR(MakeCells(group));
  for (size_t s = 0; s < steps_; ++s) {
    if (!sums->Has(s)) continue;
    Cell& cell = cells_[group][s];
    cell.seen = true;
    cell.reset_seen = sums->reset_seen(s);
    cell.not_reset_seen = sums->not_reset_seen(s);
    int64_t size = sums->size_in_samples();
    if (sums->members(s) == 1) {
      cell.first = std::make_shared<FloatHistogram>(sums->Sum(s));
    } else {
      cell.running = running_.Next();
      *cell.running = {sums->Sum(s), sums->Lost(s), static_cast<double>(sums->members(s)), false,
                       2 * size};
      size *= 2;
    }
    RETURN_IF_ERROR(memory_.Grow(size * kHistogramSampleBytes));
  }
  return absl::OkStatus();
}

absl::Status HistogramSums::Add(size_t group, std::span<const HistogramPtr> column,
                                std::span<const double> floats, std::string_view metric_name) {
  if (dense_[group] != nullptr) {
    RETURN_IF_ERROR(LeaveDense(group));
  } else if (cells_[group].empty()) {
    RETURN_IF_ERROR(MakeCells(group));
  }
  std::vector<Cell>& cells = cells_[group];
  for (size_t s = 0; s < column.size(); ++s) {
    if (column[s] == nullptr) continue;
    Cell& cell = cells[s];
    if (!cell.seen) {
      cell.seen = true;
      if (!IsAbsent(floats[s])) continue;
      cell.first = column[s];
      RETURN_IF_ERROR(Charge(SizeInSamples(*cell.first)));
    } else if (cell.incompatible || (cell.first == nullptr && cell.running == nullptr)) {
      continue;
    } else {
      RETURN_IF_ERROR(AddTo(cell, *column[s], metric_name));
    }
    cell.reset_seen = cell.reset_seen || column[s]->hint == CounterResetHint::kReset;
    cell.not_reset_seen = cell.not_reset_seen || column[s]->hint == CounterResetHint::kNotReset;
  }
  return absl::OkStatus();
}

absl::Status HistogramSums::AddTo(Cell& cell, const FloatHistogram& h,
                                  std::string_view metric_name) {
  if (cell.running == nullptr) {
    cell.running = running_.Next();
    cell.running->value = *cell.first;
    cell.running->size = SizeInSamples(*cell.first);
    cell.first = nullptr;
  }
  Running& running = *cell.running;
  const bool mixes = node_.op == AggregateOp::kAvg ? AddToMean(running, h) : AddToSum(running, h);
  if (!mixes) {
    cell.incompatible = true;
    Warn(
        "PromQL warning: vector contains a mix of histograms with exponential and custom buckets "
        "schemas for metric name " +
        GoQuote(metric_name));
    return absl::OkStatus();
  }
  const int64_t size = SizeOf(running.value, running.c);
  const int64_t grown = size - std::exchange(running.size, size);
  return grown > 0 ? Charge(grown) : absl::OkStatus();
}

bool HistogramSums::AddToSum(Running& running, const FloatHistogram& h) {
  return Accumulate(running.value, h, running.c);
}

bool HistogramSums::AddToMean(Running& running, const FloatHistogram& h) {
  ++running.count;
  if (!running.incremental) {
    const bool safe = CannotOverflow(running.value) && CannotOverflow(h) &&
                      (!running.c.has_value() || CannotOverflow(*running.c));
    if (safe) return Accumulate(running.value, h, running.c);
    FloatHistogram value = running.value;
    std::optional<FloatHistogram> c = running.c;
    if (!Accumulate(value, h, c)) return false;
    if (!HasOverflow(value)) {
      running.value = std::move(value);
      running.c = std::move(c);
      return true;
    }
    running.incremental = true;
    Divide(running.value, running.count - 1);
    if (running.c.has_value()) Divide(*running.c, running.count - 1);
  }
  const double q = (running.count - 1) / running.count;
  if (running.c.has_value()) Multiply(*running.c, q);
  Multiply(running.value, q);
  FloatHistogram share = h;
  Divide(share, running.count);
  return Accumulate(running.value, share, running.c);
}

bool HistogramSums::Accumulate(FloatHistogram& to, const FloatHistogram& h,
                               std::optional<FloatHistogram>& c) {
  const absl::StatusOr<HistogramOutcome> outcome = KahanAdd(to, h, c);
  if (!outcome.ok()) return false;
  if (outcome->bounds_reconciled) {
    eval_.notes.Info(order_,
                     "PromQL info: mismatched custom buckets were reconciled during aggregation",
                     node_.expr->pos);
  }
  return true;
}

absl::Status HistogramSums::Result(size_t group, std::span<double> floats,
                                   std::vector<HistogramPtr>& out) {
  if (!Has(group)) return absl::OkStatus();
  if (dense_[group] != nullptr) {
    DenseResult(*dense_[group], floats, out);
    return absl::OkStatus();
  }
  std::vector<Cell>& cells = cells_[group];
  for (size_t s = 0; s < steps_; ++s) {
    Cell& cell = cells[s];
    if (!cell.seen) continue;
    if (!IsAbsent(floats[s])) {
      floats[s] = Absent();
      Warn("PromQL warning: encountered a mix of histograms and floats for aggregation");
    } else if (!cell.incompatible) {
      if (cell.reset_seen && cell.not_reset_seen) {
        Warn("PromQL warning: conflicting counter resets during histogram aggregation");
      }
      if (out.empty()) out.resize(steps_);
      const std::shared_ptr<FloatHistogram> total = results_.Next();
      *total = Total(cell);
      out[s] = total;
    }
  }
  return absl::OkStatus();
}

void HistogramSums::DenseResult(const DenseSums& sums, std::span<double> floats,
                                std::vector<HistogramPtr>& out) {
  for (size_t s = 0; s < steps_; ++s) {
    if (!sums.Has(s)) continue;
    if (!IsAbsent(floats[s])) {
      floats[s] = Absent();
      Warn("PromQL warning: encountered a mix of histograms and floats for aggregation");
      continue;
    }
    if (sums.reset_seen(s) && sums.not_reset_seen(s)) {
      Warn("PromQL warning: conflicting counter resets during histogram aggregation");
    }
    if (out.empty()) out.resize(steps_);
    const std::shared_ptr<FloatHistogram> total = results_.Next();
    sums.Result(s, *total);
    out[s] = total;
  }
}

FloatHistogram HistogramSums::Total(Cell& cell) const {
  if (cell.running == nullptr) {
    FloatHistogram alone = *cell.first;
    Compact(alone, 0);
    return alone;
  }
  Running& running = *cell.running;
  if (node_.op == AggregateOp::kAvg && !running.incremental) {
    Divide(running.value, running.count);
    if (running.c.has_value()) Divide(*running.c, running.count);
  }
  // The compensation has the value's layout: they always mix.
  if (running.c.has_value()) promql::Add(running.value, *running.c).IgnoreError();
  Compact(running.value, 0);
  return std::move(running.value);
}

absl::Status HistogramSums::Charge(int64_t samples) {
  RETURN_IF_ERROR(memory_.Grow(samples * kHistogramSampleBytes));
  samples_ += samples;
  return eval_.HoldSamples(samples);
}

void HistogramSums::Warn(std::string_view text) {
  eval_.notes.Warning(order_, text, node_.expr->pos);
}

}  // namespace synoptic::promql::internal
