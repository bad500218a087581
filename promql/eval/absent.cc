// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// absent() and absent_over_time(): one series where nothing is.
#include <algorithm>
#include <set>

#include "base/status.h"
#include "promql/eval/extended_range.h"
#include "promql/eval/operators.h"
#include "promql/eval/range_source.h"

namespace synoptic::promql::internal {
namespace {

// The labels that the argument's matchers pin (with Prometheus' quirk: a label that is
// matched twice is dropped, unless the first `=` came last).
Labels LabelsOfAbsence(const Expr& arg) {
  const VectorSelector* selector = nullptr;
  if (arg.kind == ExprKind::kVectorSelector) selector = &As<VectorSelector>(arg);
  if (arg.kind == ExprKind::kMatrixSelector) selector = As<MatrixSelector>(arg).selector.get();
  if (selector == nullptr) return {};
  LabelsBuilder builder;
  std::set<std::string_view> pinned;
  for (const Matcher& matcher : selector->matchers) {
    if (matcher.name() == kMetricName) continue;
    if (matcher.op() == MatchOp::kEqual && pinned.insert(matcher.name()).second) {
      builder.Set(matcher.name(), matcher.value());
    } else {
      builder.Delete(matcher.name());
    }
  }
  return builder.Build();
}

class AbsentOp final : public Operator {
 public:
  AbsentOp(OperatorPtr child, Labels labels, const Scope& scope)
      : Operator(scope), child_(AddChild(std::move(child))) {
    series_.push_back({std::move(labels), false});
  }

 private:
  absl::Status DoNext(std::span<double> out) override {
    std::fill(out.begin(), out.end(), 1.0);
    std::vector<double> column(out.size());
    while (!child_.done()) {
      RETURN_IF_ERROR(child_.Next(column));
      for (size_t s = 0; s < out.size(); ++s) {
        if (!IsAbsent(column[s])) out[s] = Absent();
      }
      const std::vector<HistogramPtr>& histograms = child_.histograms();
      for (size_t s = 0; s < histograms.size(); ++s) {
        if (histograms[s] != nullptr) out[s] = Absent();
      }
    }
    return absl::OkStatus();
  }

  Operator& child_;
};

class AbsentOverTimeOp final : public Operator {
 public:
  AbsentOverTimeOp(std::unique_ptr<RangeSource> source, Labels labels, const Scope& scope)
      : Operator(scope), source_(std::move(source)) {
    // __type__ and __unit__, when pinned, go with the name at the end of the query.
    series_.push_back({std::move(labels), eval().options.delayed_name_removal});
  }

  absl::Status Finish() override { return source_->Finish(); }

 private:
  absl::Status DoNext(std::span<double> out) override {
    std::fill(out.begin(), out.end(), 1.0);
    for (size_t i = 0; i < source_->series().size(); ++i) {
      ASSIGN_OR_RETURN(const SeriesSamples samples, source_->Next());
      ClearWhereSampled(samples.floats.t, out);
      ClearWhereSampled(samples.histograms.t, out);
    }
    return absl::OkStatus();
  }

  void ClearWhereSampled(std::span<const int64_t> t, std::span<double> out) const {
    size_t behind = 0;  // first sample behind the window's start
    for (size_t s = 0; s < out.size(); ++s) {
      const int64_t start = source_->windows().Start(s);
      while (behind < t.size() && t[behind] <= start) ++behind;
      if (behind < t.size() && t[behind] <= source_->windows().End(s)) out[s] = Absent();
    }
  }

  std::unique_ptr<RangeSource> source_;
};

}  // namespace

absl::StatusOr<OperatorPtr> BuildAbsent(const Call& call, const Scope& scope) {
  ASSIGN_OR_RETURN(OperatorPtr child, Build(*call.args[0], scope));
  return std::make_unique<AbsentOp>(std::move(child), LabelsOfAbsence(*call.args[0]), scope);
}

absl::StatusOr<OperatorPtr> BuildAbsentOverTime(const Call& call, const Scope& scope) {
  const Expr& arg = *call.args[0];
  RETURN_IF_ERROR(ExtendedKindOf(arg, *call.function).status());
  ASSIGN_OR_RETURN(std::unique_ptr<RangeSource> source, MakeRangeSource(arg, scope));
  return std::make_unique<AbsentOverTimeOp>(std::move(source), LabelsOfAbsence(arg), scope);
}

}  // namespace synoptic::promql::internal
