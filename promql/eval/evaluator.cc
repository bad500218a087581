// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/evaluator.h"

#include <algorithm>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "base/status.h"
#include "promql/eval/extended_range.h"
#include "promql/eval/label_key.h"
#include "promql/eval/operators.h"
#include "promql/eval/range_source.h"
#include "promql/functions/columns.h"
#include "promql/model/histogram_math.h"

namespace synoptic::promql {
namespace {

using internal::EvalContext;
using internal::OperatorPtr;
using internal::Scope;
using internal::SeriesInfo;

// Two floats or two histograms at one step are an error; a float and a histogram are both kept.
absl::Status MergeInto(StepSeries& to, StepSeries& from) {
  for (size_t s = 0; s < to.values.size(); ++s) {
    if (IsAbsent(from.values[s])) continue;
    if (!IsAbsent(to.values[s])) return internal::DuplicateLabelsError();
    to.values[s] = from.values[s];
  }
  if (!from.histograms.empty()) to.histograms.resize(to.values.size());
  for (size_t s = 0; s < from.histograms.size(); ++s) {
    if (from.histograms[s] == nullptr) continue;
    if (to.histograms[s] != nullptr) return internal::DuplicateLabelsError();
    to.histograms[s] = std::move(from.histograms[s]);
  }
  return absl::OkStatus();
}

// Of a float and a histogram at one time an instant query answers the histogram.
void HideFloats(std::vector<StepSeries>& series) {
  for (StepSeries& one : series) {
    for (size_t s = 0; s < one.histograms.size(); ++s) {
      if (one.histograms[s] != nullptr) one.values[s] = Absent();
    }
  }
}

// What histograms count as among samples: as many as they take the memory of.
int64_t SamplesOf(std::span<const HistogramPtr> histograms) {
  int64_t total = 0;
  for (const HistogramPtr& histogram : histograms) {
    if (histogram != nullptr) total += SizeInSamples(*histogram);
  }
  return total;
}

// Names that operators left for the end; series that become equal by it are merged.
absl::Status DropFlaggedNames(const std::vector<bool>& drop_name, std::vector<StepSeries>& series) {
  absl::flat_hash_map<Labels, size_t, LabelsHash> positions;
  std::vector<StepSeries> merged;
  for (size_t i = 0; i < series.size(); ++i) {
    if (drop_name[i]) series[i].labels = internal::WithoutMetadata(series[i].labels);
    const auto [it, inserted] = positions.emplace(series[i].labels, merged.size());
    if (inserted) {
      merged.push_back(std::move(series[i]));
      continue;
    }
    RETURN_IF_ERROR(MergeInto(merged[it->second], series[i]));
  }
  series = std::move(merged);
  return absl::OkStatus();
}

// Charges columns of an answer, several at a time: a budget is shared by all threads.
class ColumnCharge {
 public:
  ColumnCharge(int64_t column_bytes, Reservation& memory) : bytes_(column_bytes), memory_(memory) {}

  absl::Status Column() {
    if (ready_ == 0) {
      constexpr int64_t kAtOnce = 16 << 10;  // bytes
      ready_ = std::max<int64_t>(1, kAtOnce / bytes_);
      if (!memory_.Grow(ready_ * bytes_).ok()) {
        ready_ = 1;
        RETURN_IF_ERROR(memory_.Grow(bytes_));
      }
    }
    --ready_;
    return absl::OkStatus();
  }

 private:
  const int64_t bytes_;
  Reservation& memory_;
  int64_t ready_ = 0;
};

// All series with at least one sample, in the order of evaluation.
absl::StatusOr<std::vector<StepSeries>> Collect(const Expr& expr, const Scope& scope,
                                                Reservation& memory) {
  ASSIGN_OR_RETURN(const OperatorPtr root, internal::Build(expr, scope));
  root->KeepBoth();
  const size_t steps = scope.steps();
  std::vector<StepSeries> out;
  absl::InlinedVector<size_t, 8> kept;
  std::vector<double> column(steps);
  const size_t count = root->series().size();
  constexpr size_t kMostReserved = 1024;  // many may turn out to be empty
  out.reserve(std::min(count, kMostReserved));
  ColumnCharge charge(static_cast<int64_t>(steps * sizeof(double)), memory);
  for (size_t i = 0; i < count; ++i) {
    RETURN_IF_ERROR(root->Next(column));
    const size_t absent = CountAbsent(column);
    std::vector<HistogramPtr>& histograms = root->histograms();
    const int64_t histogram_samples = SamplesOf(histograms);
    if (absent == steps && histogram_samples == 0) continue;
    RETURN_IF_ERROR(charge.Column());
    RETURN_IF_ERROR(
        scope.eval.HoldSamples(static_cast<int64_t>(steps - absent) + histogram_samples));
    const bool last = i + 1 == count;
    out.push_back({Labels(), last ? std::move(column) : column, std::move(histograms)});
    kept.push_back(i);
  }
  RETURN_IF_ERROR(root->Finish());
  std::vector<bool> drop_name;
  for (size_t i = 0; i < kept.size(); ++i) {
    if (scope.eval.options.delayed_name_removal) {
      drop_name.push_back(root->series()[kept[i]].drop_name);
    }
    out[i].labels = root->TakeLabels(kept[i]);
  }
  if (!drop_name.empty()) RETURN_IF_ERROR(DropFlaggedNames(drop_name, out));
  if (!scope.eval.options.range_query) HideFloats(out);
  return out;
}

// A range selector or subquery as a whole query: its samples as they are.
absl::StatusOr<std::vector<QueryValue::PointSeries>> CollectPoints(const Expr& expr,
                                                                   const Scope& scope,
                                                                   Reservation& memory) {
  std::optional<internal::ExtendedKind> extended;
  if (expr.kind == ExprKind::kMatrixSelector) {
    const VectorSelector& selector = *As<MatrixSelector>(expr).selector;
    if (selector.anchored) extended = internal::ExtendedKind::kAnchored;
    if (selector.smoothed) extended = internal::ExtendedKind::kSmoothed;
  }
  ASSIGN_OR_RETURN(
      const std::unique_ptr<internal::RangeSource> source,
      internal::MakeRangeSource(
          expr, scope, internal::ExtendedMargins(extended, scope.eval.options.lookback_ms)));
  const internal::Windows& windows = source->windows();
  std::vector<QueryValue::PointSeries> out;
  for (const SeriesInfo& info : source->series()) {
    ASSIGN_OR_RETURN(const internal::SeriesSamples samples, source->Next());
    QueryValue::PointSeries points{
        info.drop_name ? internal::WithoutMetadata(info.labels) : info.labels, {}};
    if (extended.has_value()) {
      if (!samples.histograms.empty()) return internal::NoExtendedHistograms(*extended);
      internal::ExtendSamples(*extended, windows.Start(0), windows.End(0), samples.floats,
                              points.samples);
    } else {
      const auto& [floats, histograms] = samples;
      points.samples.t.assign(floats.t.begin(), floats.t.end());
      points.samples.v.assign(floats.v.begin(), floats.v.end());
      points.histograms.t.assign(histograms.t.begin(), histograms.t.end());
      points.histograms.h.assign(histograms.h.begin(), histograms.h.end());
    }
    const int64_t count =
        static_cast<int64_t>(points.samples.size()) + SamplesOf(points.histograms.h);
    if (count == 0) continue;
    RETURN_IF_ERROR(memory.Grow(count * static_cast<int64_t>(sizeof(Sample))));
    RETURN_IF_ERROR(scope.eval.HoldSamples(count));
    scope.eval.CountRead(count);
    out.push_back(std::move(points));
  }
  RETURN_IF_ERROR(source->Finish());
  return out;
}

template <class Series>
void SortByLabels(std::vector<Series>& series) {
  const auto less = [](const Series& a, const Series& b) { return a.labels < b.labels; };
  if (std::is_sorted(series.begin(), series.end(), less)) return;  // as most are
  std::sort(series.begin(), series.end(), less);
}

const Expr& SkipParens(const Expr& expr) {
  const Expr* inner = &expr;
  while (inner->kind == ExprKind::kParen) inner = As<Paren>(*inner).expr.get();
  return *inner;
}

absl::StatusOr<QueryValue> EvaluateValue(const Expr& expr, const Scope& scope,
                                         Reservation& memory) {
  const EvalOptions& options = scope.eval.options;
  QueryValue value;
  value.grid = options.grid;
  value.type = TypeOf(expr);
  if (options.range_query) {
    if (value.type != ValueType::kScalar && value.type != ValueType::kVector) {
      return InvalidArgument(
          "invalid expression type \"{}\" for range query, must be Scalar or instant Vector",
          DocumentedName(value.type));
    }
    value.type = ValueType::kMatrix;
  } else if (value.type == ValueType::kString) {
    value.string = As<StringLiteral>(Unwrap(expr)).value;
    return value;
  } else if (value.type == ValueType::kMatrix) {
    if (scope.steps() == 0) return value;
    ASSIGN_OR_RETURN(value.points, CollectPoints(SkipParens(expr), scope, memory));
    SortByLabels(value.points);
    return value;
  }
  if (scope.steps() == 0) return value;
  ASSIGN_OR_RETURN(value.series, Collect(expr, scope, memory));
  if (options.range_query) SortByLabels(value.series);
  return value;
}

}  // namespace

absl::StatusOr<EvalResult> Evaluate(const Expr& expr, const EvalOptions& options,
                                    DataSource& source) {
  if (options.grid.step <= 0) {
    return InvalidArgument("evaluation step is {} ms, expected more than zero", options.grid.step);
  }
  EvalContext eval(options, source);
  RETURN_IF_ERROR(eval.CheckCancelled());
  eval.shared.Find(expr);
  // The answer's memory is charged while it is built; whoever takes it charges it anew.
  Reservation memory(options.budget);
  ASSIGN_OR_RETURN(QueryValue value, EvaluateValue(expr, Scope{eval, options.grid}, memory));
  return EvalResult{std::move(value), eval.notes.Render(options.query_text), eval.stats};
}

}  // namespace synoptic::promql
