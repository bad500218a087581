// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Functions of a range vector: one kernel call per series, windows slid over the whole range.
#include <algorithm>
#include <cmath>
#include <optional>

#include "base/go_format.h"
#include "base/status.h"
#include "promql/eval/extended_range.h"
#include "promql/eval/operators.h"
#include "promql/eval/range_source.h"
#include "promql/functions/range.h"
#include "promql/functions/window_set.h"

namespace synoptic::promql::internal {
namespace {

using Params = std::vector<std::vector<double>>;

// Returns how many samples all windows together looked at.
int64_t RunKernel(RangeKernel kernel, const Windows& windows, const SampleSpan& samples,
                  const Params& params, WindowSet& window_set, std::span<double> out) {
  RangeInput input{
      samples.t,
      samples.v,
      windows.grid,
      windows.range_ms,
      windows.offset_ms,
      params.size() > 0 ? std::span<const double>(params[0]) : std::span<const double>(),
      params.size() > 1 ? std::span<const double>(params[1]) : std::span<const double>(),
      &window_set};
  if (!windows.fixed) {
    kernel(input, out);
    return window_set.samples();
  }
  // The window stands still while the evaluation time and the parameters move on.
  const std::span<const double> param0 = input.param0, param1 = input.param1;
  int64_t total = 0;
  for (size_t s = 0; s < out.size(); ++s) {
    const int64_t t = windows.grid.at(s);
    input.grid = Grid::Instant(t);
    input.offset_ms = t - windows.End(s);
    if (!param0.empty()) input.param0 = param0.subspan(s, 1);
    if (!param1.empty()) input.param1 = param1.subspan(s, 1);
    kernel(input, out.subspan(s, 1));
    total += window_set.samples();
  }
  return total;
}

int64_t SamplesInWindows(const Windows& windows, const SampleSpan& samples) {
  int64_t total = 0;
  size_t low = 0, high = 0;
  const size_t steps = windows.grid.size();
  for (size_t s = 0; s < steps; ++s) {
    const int64_t end = windows.End(s);
    const int64_t start = end - windows.range_ms;
    while (high < samples.size() && samples.t[high] <= end) ++high;
    while (low < high && samples.t[low] <= start) ++low;
    total += static_cast<int64_t>(high - low);
  }
  return total;
}

bool LooksLikeCounter(std::string_view name) {
  return name.ends_with("_total") || name.ends_with("_sum") || name.ends_with("_count") ||
         name.ends_with("_bucket");
}

// Prometheus replaces a subquery by its samples before it annotates, and the position goes with it.
PosRange PositionOfFirst(const Call& call) {
  const Expr& first = *call.args.front();
  return first.kind == ExprKind::kSubquery ? PosRange{} : first.pos;
}

class RangeCallOp final : public Operator {
 public:
  RangeCallOp(const Call& call, std::unique_ptr<RangeSource> source, RangeKernel kernel,
              Params params, const Scope& scope)
      : Operator(scope),
        id_(call.function->id),
        first_pos_(PositionOfFirst(call)),
        params_pos_(call.args.back()->pos),
        source_(std::move(source)),
        kernel_(kernel),
        params_(std::move(params)),
        order_(scope.eval.NextOrder()) {
    series_ = source_->series();
    // They act like an offset, so the name stays.
    if (id_ != FunctionId::kLastOverTime && id_ != FunctionId::kFirstOverTime) {
      may_be_equal_ = DropNames(series_, eval());
    }
  }
  bool may_be_equal() const { return may_be_equal_; }

  // For anchored and smoothed selectors.
  void UseExtended(ExtendedKind kind) { extended_ = kind; }

  absl::Status DoNext(std::span<double> out) override {
    ASSIGN_OR_RETURN(const SeriesSamples both, source_->Next());
    const SampleSpan& samples = both.floats;
    if (samples.empty()) {
      std::fill(out.begin(), out.end(), Absent());
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(CheckParams());
    if (extended_.has_value()) {
      eval().CountRead(SamplesInWindows(source_->windows(), samples));
      RunExtended(id_, *extended_, source_->windows(), eval().options.lookback_ms, samples, out);
    } else {
      eval().CountRead(RunKernel(kernel_, source_->windows(), samples, params_, window_set_, out));
    }
    Annotate(out);
    return absl::OkStatus();
  }

  absl::Status Finish() override { return source_->Finish(); }

 private:
  // Prometheus fails the query at the first window with a factor out of bounds.
  absl::Status CheckParams() const {
    if (id_ != FunctionId::kDoubleExponentialSmoothing) return absl::OkStatus();
    for (size_t s = 0; s < params_[0].size(); ++s) {
      RETURN_IF_ERROR(CheckSmoothingFactors(params_[0][s], params_[1][s]));
    }
    return absl::OkStatus();
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
    const std::string_view name = source_->series()[index()].labels.Get(kMetricName);
    if (name.empty() || name == noted_name_ || LooksLikeCounter(name)) return;
    if (std::all_of(out.begin(), out.end(), IsAbsent)) return;
    noted_name_ = name;
    eval().notes.Info(order_,
                      "PromQL info: metric might not be a counter, name does not end in "
                      "_total/_sum/_count/_bucket: " +
                          GoQuote(name),
                      first_pos_);
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
  RangeKernel kernel_;
  std::optional<ExtendedKind> extended_;
  Params params_;
  WindowSet window_set_;
  int order_;
  bool may_be_equal_ = false;
  std::string_view noted_name_;
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
  auto op =
      std::make_unique<RangeCallOp>(call, std::move(source), kernel, std::move(params), scope);
  if (extended.has_value()) op->UseExtended(*extended);
  if (!op->may_be_equal()) return op;
  return MergeEqual(std::move(op), scope);
}

}  // namespace synoptic::promql::internal
