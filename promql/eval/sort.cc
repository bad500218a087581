// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// sort(), sort_desc(), sort_by_label(), sort_by_label_desc(): order matters for instant queries
// only, so for a range they pass through with a warning.
#include <span>

#include "base/status.h"
#include "promql/eval/natural_order.h"
#include "promql/eval/operators.h"
#include "promql/eval/value_order.h"
#include "promql/functions/go_sort.h"

namespace synoptic::promql::internal {
namespace {

struct Entry {
  SeriesInfo info;
  double value;
  HistogramPtr histogram;
};

// Only values can be sorted: a range query's sort() drops histograms too.
class FloatsOp final : public Operator {
 public:
  FloatsOp(OperatorPtr child, const Scope& scope)
      : Operator(scope), child_(AddChild(std::move(child))) {
    series_ = child_.series();
  }

 private:
  absl::Status DoNext(std::span<double> out) override { return child_.Next(out); }

  Operator& child_;
};

class SortedOp final : public Operator {
 public:
  SortedOp(OperatorPtr child, std::vector<Entry> entries, const Scope& scope) : Operator(scope) {
    AddChild(std::move(child));
    for (Entry& entry : entries) {
      series_.push_back(std::move(entry.info));
      samples_.emplace_back(entry.value, std::move(entry.histogram));
    }
  }

 private:
  absl::Status DoNext(std::span<double> out) override {
    auto& [value, histogram] = samples_[index()];
    out[0] = value;
    if (histogram != nullptr) histograms_.push_back(std::move(histogram));
    return absl::OkStatus();
  }

  std::vector<std::pair<double, HistogramPtr>> samples_;
};

absl::StatusOr<std::vector<Entry>> Collect(Operator& child, bool keep_histograms) {
  std::vector<Entry> entries;
  for (const SeriesInfo& info : child.series()) {
    double value = Absent();
    RETURN_IF_ERROR(child.Next(std::span(&value, 1)));
    if (!IsAbsent(value)) {
      entries.push_back({info, value, nullptr});
    } else if (keep_histograms && !child.histograms().empty()) {
      entries.push_back({info, value, std::move(child.histograms()[0])});
    }
  }
  return entries;
}

// By the named labels' values in natural order, then by all labels, moved as Prometheus moves
// them: its comparison is no order where values are empty.
void SortByLabels(std::span<Entry> entries, const Call& call, bool descending) {
  std::vector<std::string> names;
  for (size_t i = 1; i < call.args.size(); ++i) {
    names.push_back(As<StringLiteral>(*call.args[i]).value);
  }
  SortLikeGo(entries, [&](const Entry& x, const Entry& y) {
    for (const std::string& name : names) {
      const std::string_view a = x.info.labels.Get(name), b = y.info.labels.Get(name);
      if (a != b) return ComesFirst(a, b) != descending;
    }
    return descending ? y.info.labels < x.info.labels : x.info.labels < y.info.labels;
  });
}

}  // namespace

absl::StatusOr<OperatorPtr> BuildSort(const Call& call, const Scope& scope) {
  ASSIGN_OR_RETURN(OperatorPtr child, Build(*call.args[0], scope));
  const int order = scope.eval.NextOrder();
  // A range query's result is sorted by labels in the end. A grid of one point inside it is a
  // step-invariant part, where Prometheus does not warn either.
  if (scope.grid.start != scope.grid.end) {
    scope.eval.notes.Warning(order,
                             "PromQL warning: sort is ineffective for range queries since results "
                             "are always ordered by labels",
                             call.pos);
  }
  const bool by_value =
      call.function->id == FunctionId::kSort || call.function->id == FunctionId::kSortDesc;
  if (!scope.instant()) {
    if (by_value) return std::make_unique<FloatsOp>(std::move(child), scope);
    return child;
  }
  ASSIGN_OR_RETURN(std::vector<Entry> entries, Collect(*child, /*keep_histograms=*/!by_value));
  // Sorting the other way round and reversing puts NaN last in both directions.
  switch (call.function->id) {
    case FunctionId::kSort:
      SortLikeGo(std::span(entries),
                 [](const Entry& a, const Entry& b) { return Descending(b.value, a.value); });
      break;
    case FunctionId::kSortDesc:
      SortLikeGo(std::span(entries),
                 [](const Entry& a, const Entry& b) { return Ascending(b.value, a.value); });
      break;
    default:
      SortByLabels(entries, call, call.function->id == FunctionId::kSortByLabelDesc);
  }
  return std::make_unique<SortedOp>(std::move(child), std::move(entries), scope);
}

}  // namespace synoptic::promql::internal
