// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// sort(), sort_desc(), sort_by_label(), sort_by_label_desc(): order matters for instant queries
// only, so for a range they pass through with a warning.
#include <algorithm>

#include "base/status.h"
#include "promql/eval/natural_order.h"
#include "promql/eval/operators.h"
#include "promql/eval/stable_sort.h"
#include "promql/eval/value_order.h"

namespace synoptic::promql::internal {
namespace {

struct Entry {
  SeriesInfo info;
  double value;
};

class SortedOp final : public Operator {
 public:
  SortedOp(OperatorPtr child, std::vector<Entry> entries, const Scope& scope) : Operator(scope) {
    AddChild(std::move(child));
    for (Entry& entry : entries) {
      series_.push_back(std::move(entry.info));
      values_.push_back(entry.value);
    }
  }

 private:
  absl::Status DoNext(std::span<double> out) override {
    out[0] = values_[index()];
    return absl::OkStatus();
  }

  std::vector<double> values_;
};

absl::StatusOr<std::vector<Entry>> Collect(Operator& child) {
  std::vector<Entry> entries;
  for (const SeriesInfo& info : child.series()) {
    double value = Absent();
    RETURN_IF_ERROR(child.Next(std::span(&value, 1)));
    if (!IsAbsent(value)) entries.push_back({info, value});
  }
  return entries;
}

// Sorted by the named labels' values in natural order, then by all labels.
void SortByLabels(std::vector<Entry>& entries, const Call& call, bool descending) {
  std::vector<std::string> names;
  for (size_t i = 1; i < call.args.size(); ++i) {
    names.push_back(As<StringLiteral>(*call.args[i]).value);
  }
  StableSort(entries, [&](const Entry& x, const Entry& y) {
    const Labels& a = descending ? y.info.labels : x.info.labels;
    const Labels& b = descending ? x.info.labels : y.info.labels;
    for (const std::string& name : names) {
      const std::string_view va = a.Get(name), vb = b.Get(name);
      if (va != vb) return NaturalLess(va, vb);
    }
    return a < b;
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
  if (!scope.instant()) return child;
  ASSIGN_OR_RETURN(std::vector<Entry> entries, Collect(*child));
  // Sorting the other way round and reversing puts NaN last in both directions.
  switch (call.function->id) {
    case FunctionId::kSort:
      SortLikeGo(entries,
                 [](const Entry& a, const Entry& b) { return Descending(b.value, a.value); });
      break;
    case FunctionId::kSortDesc:
      SortLikeGo(entries,
                 [](const Entry& a, const Entry& b) { return Ascending(b.value, a.value); });
      break;
    default:
      SortByLabels(entries, call, call.function->id == FunctionId::kSortByLabelDesc);
  }
  return std::make_unique<SortedOp>(std::move(child), std::move(entries), scope);
}

}  // namespace synoptic::promql::internal
