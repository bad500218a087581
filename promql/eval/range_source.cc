// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/range_source.h"

#include <algorithm>
#include <optional>

#include "base/status.h"
#include "promql/eval/column_ahead.h"
#include "promql/eval/operators.h"
#include "promql/plan/windows.h"

namespace synoptic::promql::internal {
namespace {

Windows MakeWindows(const TimeModifiers& time, int64_t range_ms, const Grid& grid,
                    int64_t at_shift_ms) {
  const bool at = time.at != TimeModifiers::AtKind::kNone;
  const int64_t at_ms = time.at_ms + at_shift_ms;
  const int64_t moved = time.moves ? grid.start - at_ms : 0;
  return {grid, range_ms, time.offset_ms() + moved, at && !time.moves, at_ms};
}

// The end of the window that samples were fetched for; nothing where windows say it all.
std::optional<int64_t> FetchedEnd(const VectorSelector& selector, int64_t at_shift_ms) {
  const TimeModifiers& time = selector.time;
  const bool at = time.at != TimeModifiers::AtKind::kNone;
  if (at && (time.moves || at_shift_ms != 0)) return time.at_ms - time.offset_ms();
  if (!selector.until_ms) return std::nullopt;
  return *selector.until_ms - time.offset_ms();
}

// Samples of stored series in a range of time.
class StoredReader final : public RangeReader {
 public:
  StoredReader(std::span<const RawSeries> data, int64_t min_t, int64_t max_t,
               const std::optional<ReadingPlan>& stats_only, EvalContext& eval)
      : data_(data), eval_(eval), reader_(eval), min_t_(min_t), max_t_(max_t) {
    if (stats_only.has_value()) reader_.GiveStatsOnly(*stats_only);
  }

  absl::StatusOr<SeriesSamples> Read(size_t series) override {
    RETURN_IF_ERROR(eval_.CheckCancelled());
    return reader_.ReadLive(data_[series], min_t_, max_t_);
  }
  absl::StatusOr<DenseSamples*> ReadDense(size_t series) override {
    return reader_.ReadDense(data_[series], min_t_, max_t_);
  }
  SeriesSamples ReadAsObjects() override { return reader_.ReadAsObjects(); }

 private:
  std::span<const RawSeries> data_;
  const EvalContext& eval_;
  RawReader reader_;
  int64_t min_t_, max_t_;
};

class SelectorSource final : public RangeSource {
 public:
  SelectorSource(const MatrixSelector& selector, std::span<const RawSeries> data,
                 const Scope& scope, const Margins& margins)
      : data_(data), eval_(scope.eval) {
    const VectorSelector& vector = *selector.selector;
    windows_ = MakeWindows(vector.time, selector.range_ms(), scope.grid, scope.at_shift_ms);
    min_t_ = windows_.Start(0) - margins.before_ms + 1;
    max_t_ = windows_.End(scope.steps() - 1) + margins.after_ms;
    if (const auto fetched = FetchedEnd(vector, scope.at_shift_ms)) {
      if (!vector.until_ms) {
        min_t_ = std::max(min_t_, *fetched - selector.range_ms() - margins.before_ms + 1);
      }
      max_t_ = std::max(std::min(max_t_, *fetched + margins.after_ms), min_t_ - 1);
    }
    if (selector.selector->stats_only) stats_only_ = PlanOf(margins);
    series_.reserve(data.size());
    for (const RawSeries& raw : data) {
      series_.push_back({raw.labels, false, HasFloatsOnly(raw, min_t_, max_t_)});
    }
  }

  absl::StatusOr<SeriesSamples> Next() override {
    if (reader_ == nullptr) reader_ = MakeReader();
    return reader_->Read(next_++);
  }
  std::unique_ptr<RangeReader> MakeReader() const override {
    return std::make_unique<StoredReader>(data_, min_t_, max_t_, stats_only_, eval_);
  }
  size_t EstimatedSamples() const override { return EstimateSamples(data_, min_t_, max_t_); }
  const Labels& LabelsOf(size_t series) const override { return data_[series].labels; }

 private:
  ReadingPlan PlanOf(const Margins& margins) const {
    const int64_t span = windows_.range_ms + margins.before_ms + margins.after_ms;
    const int64_t end = windows_.End(0) + margins.after_ms;
    if (windows_.fixed) return {Grid::Instant(end), span, span};
    const Grid& grid = windows_.grid;
    return {{end, end + (grid.end - grid.start), grid.step}, span, std::min(span, grid.step)};
  }

  std::span<const RawSeries> data_;
  EvalContext& eval_;
  int64_t min_t_, max_t_;
  std::optional<ReadingPlan> stats_only_;
  std::unique_ptr<RangeReader> reader_;
  size_t next_ = 0;
};

class SubquerySource final : public RangeSource {
 public:
  SubquerySource(const Subquery& subquery, OperatorPtr inner, const Grid& inner_grid,
                 const Scope& scope)
      : inner_(std::move(inner)), grid_(inner_grid), memory_(scope.eval.options.budget) {
    windows_ = MakeWindows(subquery.time, subquery.range_ms(), scope.grid, 0);
    series_ = inner_->series();
  }

  absl::StatusOr<SeriesSamples> Next() override {
    RETURN_IF_ERROR(AllocateColumn());
    RETURN_IF_ERROR(inner_->Next(column_));
    samples_.clear();
    for (size_t i = 0; i < column_.size(); ++i) {
      if (!IsAbsent(column_[i])) samples_.push_back(grid_.at(i), column_[i]);
    }
    SeriesSamples samples{{samples_.t, samples_.v}, {}};
    if (!inner_->histograms().empty()) samples.histograms = Gather(inner_->histograms());
    return samples;
  }

  const Labels& LabelsOf(size_t series) const override { return inner_->series()[series].labels; }

  absl::Status Finish() override {
    RETURN_IF_ERROR(AllocateColumn());
    while (!inner_->done()) RETURN_IF_ERROR(inner_->Next(column_));
    return inner_->Finish();
  }

 private:
  HistogramSamples Gather(std::vector<HistogramPtr>& column) {
    histograms_.clear();
    for (size_t i = 0; i < column.size(); ++i) {
      if (column[i] == nullptr) continue;
      histograms_.push_back(grid_.at(i), WithoutResetHint(std::move(column[i])));
    }
    return {histograms_.t, histograms_.h};
  }

  // A subquery may skip samples or give one twice: what its samples say about resets is void.
  static HistogramPtr WithoutResetHint(HistogramPtr histogram) {
    if (histogram->hint != CounterResetHint::kReset &&
        histogram->hint != CounterResetHint::kNotReset) {
      return histogram;
    }
    auto copy = std::make_shared<FloatHistogram>(*histogram);
    copy->hint = CounterResetHint::kUnknown;
    return copy;
  }

  // A subquery's grid may be far longer than the query's: what one series needs is charged.
  absl::Status AllocateColumn() {
    if (column_.size() == grid_.size()) return absl::OkStatus();
    RETURN_IF_ERROR(
        memory_.Grow(static_cast<int64_t>(grid_.size() * (sizeof(double) + sizeof(Sample)))));
    column_.resize(grid_.size());
    return absl::OkStatus();
  }

  OperatorPtr inner_;
  Grid grid_;
  Reservation memory_;
  std::vector<double> column_;
  SampleColumns samples_;
  HistogramColumns histograms_;
};

absl::StatusOr<std::unique_ptr<RangeSource>> MakeSubquerySource(const Subquery& subquery,
                                                                const Scope& scope) {
  const Grid grid = SubqueryGrid(subquery, scope.grid, scope.eval.options.default_subquery_step_ms);
  Scope below{scope.eval, grid};
  if (grid.start == scope.grid.start) {
    const TimeModifiers& time = subquery.time;
    const bool at = time.at != TimeModifiers::AtKind::kNone;
    below.at_shift_ms = time.offset_ms() + (at ? scope.grid.start - time.at_ms : scope.at_shift_ms);
  }
  ASSIGN_OR_RETURN(OperatorPtr inner, Build(*subquery.expr, below));
  RETURN_IF_ERROR(inner->SettleOrder());
  return std::make_unique<SubquerySource>(subquery, std::move(inner), grid, scope);
}

}  // namespace

bool IsRangeExpr(const Expr& arg) {
  return arg.kind == ExprKind::kMatrixSelector || arg.kind == ExprKind::kSubquery;
}

absl::StatusOr<std::unique_ptr<RangeSource>> MakeRangeSource(const Expr& arg, const Scope& scope,
                                                             const Margins& margins) {
  if (arg.kind == ExprKind::kSubquery) return MakeSubquerySource(As<Subquery>(arg), scope);
  const auto& selector = As<MatrixSelector>(arg);
  RETURN_IF_ERROR(scope.eval.CheckCancelled());
  auto data = scope.eval.source.Raw(selector.selector->fetch_id);
  if (!data.ok()) return ExpandError(data.status());
  scope.eval.NextOrder();
  return std::make_unique<SelectorSource>(selector, *data, scope, margins);
}

}  // namespace synoptic::promql::internal
