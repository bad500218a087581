// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Functions of a range vector: one kernel call per series, windows slid over the whole range.
#include <algorithm>
#include <cmath>
#include <optional>

#include "base/go_format.h"
#include "base/status.h"
#include "promql/eval/column_ahead.h"
#include "promql/eval/extended_range.h"
#include "promql/eval/operators.h"
#include "promql/eval/range_notes.h"
#include "promql/eval/range_runner.h"
#include "promql/eval/range_source.h"
#include "promql/functions/range.h"

namespace synoptic::promql::internal {
namespace {

using Params = std::vector<std::vector<double>>;

bool LooksLikeCounter(std::string_view name) {
  return name.ends_with("_total") || name.ends_with("_sum") || name.ends_with("_count") ||
         name.ends_with("_bucket");
}

// Prometheus replaces a subquery by its samples before it annotates, and the position goes with it.
PosRange PositionOfFirst(const Call& call) {
  const Expr& first = *call.args.front();
  return first.kind == ExprKind::kSubquery ? PosRange{} : first.pos;
}

bool HasSample(std::span<const int64_t> t, int64_t after, int64_t until) {
  const auto it = std::upper_bound(t.begin(), t.end(), after);
  return it != t.end() && *it <= until;
}

// Prometheus fails the query at the first window with samples where a factor is out of bounds.
absl::Status CheckFactors(const Params& params, const Windows& windows,
                          const SeriesSamples& samples) {
  for (size_t s = 0; s < params[0].size(); ++s) {
    absl::Status status = CheckSmoothingFactors(params[0][s], params[1][s]);
    if (status.ok()) continue;
    const int64_t after = windows.Start(s), until = windows.End(s);
    if (HasSample(samples.floats.t, after, until) ||
        HasSample(samples.histograms.t, after, until)) {
      return status;
    }
  }
  return absl::OkStatus();
}

// Everything about a series' column but to count and to note.
class RangeWorker final : public ColumnWorker {
 public:
  RangeWorker(FunctionId id, RangeKernel kernel, const Params& params,
              std::optional<ExtendedKind> extended, const RangeSource& source,
              const EvalOptions& options)
      : id_(id),
        extended_(extended),
        windows_(source.windows()),
        lookback_ms_(options.lookback_ms),
        use_start_timestamps_(options.use_start_timestamps),
        params_(params),
        dense_((id == FunctionId::kRate || id == FunctionId::kIncrease) && !extended.has_value() &&
               !windows_.fixed && !options.use_start_timestamps),
        reader_(source.MakeReader()),
        runner_(id, kernel, params, options.use_start_timestamps) {}

  bool reads() const { return reader_ != nullptr; }

  // REQUIRES: reads().
  absl::Status Compute(size_t series, std::span<double> out, NativeColumn& native,
                       ColumnFindings& findings) override {
    if (dense_) {
      ASSIGN_OR_RETURN(DenseSamples* const dense, reader_->ReadDense(series));
      if (dense != nullptr) return RunDense(*dense, out, native, findings);
    }
    ASSIGN_OR_RETURN(const SeriesSamples samples, reader_->Read(series));
    return Run(samples, out, native.objects, findings);
  }

  absl::Status Run(const SeriesSamples& samples, std::span<double> out,
                   std::vector<HistogramPtr>& histograms, ColumnFindings& findings) {
    findings.had_samples = !samples.empty();
    if (id_ == FunctionId::kDoubleExponentialSmoothing) {
      RETURN_IF_ERROR(CheckFactors(params_, windows_, samples));
    }
    if (samples.empty()) {
      std::fill(out.begin(), out.end(), Absent());
    } else if (extended_.has_value()) {
      findings.samples_read = SamplesInWindows(windows_, samples, sizes_);
      SeriesSamples used = samples;
      if (!use_start_timestamps_) used.floats.st = used.histograms.st = {};
      RunExtended(id_, *extended_, windows_, lookback_ms_, used, out, histograms, findings.notes);
    } else {
      findings.samples_read = runner_.Run(windows_, samples, out, histograms, findings.notes);
    }
    return absl::OkStatus();
  }

 private:
  absl::Status RunDense(const DenseSamples& samples, std::span<double> out, NativeColumn& native,
                        ColumnFindings& findings) {
    if (samples.gauges || !samples.resets.empty()) {
      return Run(reader_->ReadAsObjects(), out, native.objects, findings);
    }
    findings.had_samples = true;
    findings.samples_read = runner_.RunDense(windows_, samples, native.dense);
    std::fill(out.begin(), out.end(), Absent());
    return absl::OkStatus();
  }

  const FunctionId id_;
  const std::optional<ExtendedKind> extended_;
  const Windows& windows_;
  const int64_t lookback_ms_;
  const bool use_start_timestamps_;
  const Params& params_;
  const bool dense_;  // histograms may come as rows
  std::unique_ptr<RangeReader> reader_;
  RangeRunner runner_;
  std::vector<int64_t> sizes_;
};

class RangeCallOp final : public Operator {
 public:
  RangeCallOp(const Call& call, std::unique_ptr<RangeSource> source, RangeKernel kernel,
              std::optional<ExtendedKind> extended, Params params, const Scope& scope)
      : Operator(scope),
        id_(call.function->id),
        first_pos_(PositionOfFirst(call)),
        params_pos_(call.args.back()->pos),
        source_(std::move(source)),
        params_(std::move(params)),
        kernel_(kernel),
        extended_(extended),
        order_(scope.eval.NextOrder()) {
    series_ = source_->TakeSeries();
    // They act like an offset, so the name stays.
    if (id_ != FunctionId::kLastOverTime && id_ != FunctionId::kFirstOverTime) {
      may_be_equal_ = DropNames(series_, eval());
    }
  }
  bool may_be_equal() const { return may_be_equal_; }

  absl::Status DoNext(std::span<double> out) override {
    ColumnFindings findings;
    if (index() == 0) Start();
    if (ahead_.has_value()) {
      RETURN_IF_ERROR(ahead_->Next(out, native_, findings));
    } else {
      ASSIGN_OR_RETURN(const SeriesSamples samples, source_->Next());
      RETURN_IF_ERROR(worker_->Run(samples, out, histograms_, findings));
    }
    if (!findings.had_samples) return absl::OkStatus();
    eval().CountRead(findings.samples_read);
    Annotate(out);
    if (!findings.notes.empty()) {
      AddRangeNotes(findings.notes, source_->LabelsOf(index()).Get(kMetricName), first_pos_, order_,
                    eval().notes);
    }
    return absl::OkStatus();
  }

  absl::Status Finish() override { return source_->Finish(); }

 private:
  void Start() {
    worker_.emplace(id_, kernel_, params_, extended_, *source_, eval().options);
    if (!worker_->reads()) return;
    ahead_.emplace(
        series_.size(), [this] { return source_->EstimatedSamples(); }, scope(), *worker_,
        [this] {
          return std::make_unique<RangeWorker>(id_, kernel_, params_, extended_, *source_,
                                               eval().options);
        });
  }

  void Annotate(std::span<const double> out) {
    switch (id_) {
      case FunctionId::kRate:
      case FunctionId::kIncrease:
        return NotePossibleNonCounter(out);
      case FunctionId::kQuantileOverTime:
        return NoteQuantiles(out);
      case FunctionId::kIntegral:
        return NoteStrategies(out);
      default:
        return;
    }
  }

  void NotePossibleNonCounter(std::span<const double> out) {
    const Labels& labels = source_->LabelsOf(index());
    const std::string_view name = labels.Get(kMetricName), type = labels.Get(kTypeLabel);
    const bool by_type = eval().options.type_and_unit_labels;
    if (name.empty() || (name == noted_name_ && type == noted_type_)) return;
    if (by_type ? type == "counter" || type == "histogram" : LooksLikeCounter(name)) return;
    if (std::all_of(out.begin(), out.end(), IsAbsent)) return;
    noted_name_ = name;
    noted_type_ = type;
    std::string text =
        "PromQL info: metric might not be a counter, name does not end in "
        "_total/_sum/_count/_bucket: ";
    if (by_type) {
      text =
          "PromQL info: metric might not be a counter, __type__ label is not set to \"counter\" or "
          "\"histogram\", got " +
          GoQuote(type) + ": ";
    }
    eval().notes.Info(order_, text + GoQuote(name), first_pos_);
  }

  void NoteQuantiles(std::span<const double> out) {
    double noted = 0;  // a valid quantile
    for (size_t s = 0; s < out.size(); ++s) {
      const double q = params_[0][s];
      if ((q >= 0 && q <= 1) || IsAbsent(out[s])) continue;
      if (q == noted || (std::isnan(q) && std::isnan(noted))) continue;
      noted = q;
      eval().notes.Warning(
          order_, "PromQL warning: quantile value should be between 0 and 1, got " + GoFloatG(q),
          first_pos_);
    }
  }

  void NoteStrategies(std::span<const double> out) {
    if (params_.empty()) return;
    for (size_t s = 0; s < out.size(); ++s) {
      const double strategy = params_[0][s];
      if (strategy == 0 || strategy == 1 || strategy == 2 || IsAbsent(out[s])) continue;
      eval().notes.Warning(
          order_,
          "PromQL warning: strategy should be 0, 1, or 2 (default), using 2, got " +
              GoFloatG(strategy),
          params_pos_);
      return;
    }
  }

  const FunctionId id_;
  const PosRange first_pos_, params_pos_;
  std::unique_ptr<RangeSource> source_;
  const Params params_;
  const RangeKernel kernel_;
  const std::optional<ExtendedKind> extended_;
  const int order_;
  bool may_be_equal_ = false;
  std::string_view noted_name_, noted_type_;  // of the last series that may be no counter
  std::optional<RangeWorker> worker_;
  std::optional<ColumnAhead>
      ahead_;  // if the source has readers; ends first: its threads use the rest
};

absl::StatusOr<Params> EvalParams(const Call& call, size_t range_arg, const Scope& scope) {
  Params params;
  for (size_t i = 0; i < call.args.size(); ++i) {
    if (i == range_arg) continue;
    ASSIGN_OR_RETURN(params.emplace_back(), EvalScalar(*call.args[i], scope));
  }
  return params;
}

}  // namespace

absl::StatusOr<OperatorPtr> BuildRangeCall(const Call& call, size_t range_arg, const Scope& scope) {
  const Expr& arg = *call.args[range_arg];
  const RangeKernel kernel = FindRangeKernel(call.function->id);
  if (kernel == nullptr) {
    return MakeStatus(absl::StatusCode::kUnimplemented, "{}() is not supported yet",
                      call.function->name);
  }
  ASSIGN_OR_RETURN(const std::optional<ExtendedKind> extended, ExtendedKindOf(arg, *call.function));
  // A subquery's warnings come before those of the other arguments.
  ASSIGN_OR_RETURN(
      std::unique_ptr<RangeSource> source,
      MakeRangeSource(arg, scope, ExtendedMargins(extended, scope.eval.options.lookback_ms)));
  ASSIGN_OR_RETURN(Params params, EvalParams(call, range_arg, scope));
  auto op = std::make_unique<RangeCallOp>(call, std::move(source), kernel, extended,
                                          std::move(params), scope);
  if (!op->may_be_equal()) return op;
  return MergeEqual(std::move(op), scope, EqualSeries::kRefused);
}

}  // namespace synoptic::promql::internal
