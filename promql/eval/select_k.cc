// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// topk, bottomk, limitk, limit_ratio: series chosen step by step, with their own labels (D5.8 on).
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/go_format.h"
#include "base/status.h"
#include "promql/eval/label_key.h"
#include "promql/eval/operators.h"
#include "promql/eval/value_order.h"

namespace synoptic::promql::internal {
namespace {

struct Entry {
  double value;
  uint32_t series;  // of the child
};

// The heap of container/heap: which of equal values leaves first depends on its very moves.
class Heap {
 public:
  explicit Heap(bool descending) : descending_(descending) {}

  void Push(std::vector<Entry>& heap, const Entry& entry) const {
    heap.push_back(entry);
    size_t j = heap.size() - 1;
    while (j > 0) {
      const size_t parent = (j - 1) / 2;
      if (!Less(heap[j], heap[parent])) break;
      std::swap(heap[j], heap[parent]);
      j = parent;
    }
  }

  void ReplaceTop(std::vector<Entry>& heap, const Entry& entry) const {
    heap[0] = entry;
    size_t i = 0;
    while (true) {
      size_t child = 2 * i + 1;
      if (child >= heap.size()) return;
      if (child + 1 < heap.size() && Less(heap[child + 1], heap[child])) ++child;
      if (!Less(heap[child], heap[i])) return;
      std::swap(heap[i], heap[child]);
      i = child;
    }
  }

  bool Less(const Entry& a, const Entry& b) const {
    return descending_ ? Descending(a.value, b.value) : Ascending(a.value, b.value);
  }
  // The top gives way to a strictly better value, and a NaN to any number.
  bool Beats(double value, double top) const {
    return (descending_ ? top > value : top < value) || (std::isnan(top) && !std::isnan(value));
  }

 private:
  bool descending_;
};

class SelectKOp final : public Operator {
 public:
  SelectKOp(const Aggregate& node, OperatorPtr child, std::vector<double> k, const Scope& scope)
      : Operator(scope),
        child_(AddChild(std::move(child))),
        limit_(node.op == AggregateOp::kLimitk),
        heap_(/*descending=*/node.op == AggregateOp::kBottomk),
        memory_(scope.eval.options.budget) {
    std::vector<std::string> names = node.grouping;
    if (node.without) names.emplace_back(kMetricName);
    LabelKey key(std::move(names), !node.without);
    GroupNumbers groups;
    for (const SeriesInfo& info : child_.series()) {
      group_of_.push_back(static_cast<size_t>(groups.Number(key.Of(info.labels))));
    }
    const double most = static_cast<double>(child_.series().size());
    for (const double v : k) k_.push_back(static_cast<size_t>(std::clamp(v, 0.0, most)));
    heaps_.resize(groups.size() * scope.steps());
  }

  // Which series are chosen, and so the labels, only the columns tell.
  absl::Status Init() {
    RETURN_IF_ERROR(memory_.Grow(static_cast<int64_t>(heaps_.size() * sizeof(std::vector<Entry>))));
    std::vector<double> column(scope().steps());
    std::vector<size_t> group_order;  // of first appearance, for instant queries
    std::vector<bool> seen(heaps_.size() / scope().steps());
    for (size_t i = 0; i < group_of_.size(); ++i) {
      RETURN_IF_ERROR(child_.Next(column));
      const size_t group = group_of_[i];
      RETURN_IF_ERROR(Offer(group, static_cast<uint32_t>(i), column));
      if (!seen[group] && !IsAbsent(column[0])) {
        seen[group] = true;
        group_order.push_back(group);
      }
    }
    if (scope().instant()) {
      ListInstant(group_order);
    } else {
      ListRange();
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Offer(size_t group, uint32_t series, const std::vector<double>& column) {
    int64_t added = 0;
    for (size_t s = 0; s < column.size(); ++s) {
      if (IsAbsent(column[s]) || k_[s] == 0) continue;
      std::vector<Entry>& heap = heaps_[group * column.size() + s];
      const Entry entry{column[s], series};
      if (heap.size() < k_[s]) {
        heap_.Push(heap, entry);
        ++added;
      } else if (!limit_ && heap_.Beats(entry.value, heap[0].value)) {
        heap_.ReplaceTop(heap, entry);
      }
    }
    RETURN_IF_ERROR(memory_.Grow(added * static_cast<int64_t>(sizeof(Entry))));
    return eval().HoldSamples(added);
  }

  void ListInstant(const std::vector<size_t>& group_order) {
    for (const size_t group : group_order) {
      std::vector<Entry>& heap = heaps_[group];
      if (!limit_) {
        SortLikeGo(heap, [this](const Entry& a, const Entry& b) { return heap_.Less(b, a); });
      }
      for (const Entry& entry : heap) {
        series_.push_back(child_.series()[entry.series]);
        instant_.push_back(entry.value);
      }
    }
    heaps_ = {};
  }

  void ListRange() {
    std::vector<std::vector<std::pair<uint32_t, double>>> chosen(group_of_.size());
    const size_t steps = scope().steps();
    for (size_t i = 0; i < heaps_.size(); ++i) {
      for (const Entry& entry : heaps_[i]) {
        chosen[entry.series].emplace_back(static_cast<uint32_t>(i % steps), entry.value);
      }
      heaps_[i] = {};
    }
    for (size_t i = 0; i < chosen.size(); ++i) {
      if (chosen[i].empty()) continue;
      series_.push_back(child_.series()[i]);
      range_.push_back(std::move(chosen[i]));
    }
    heaps_ = {};
  }

  absl::Status DoNext(std::span<double> out) override {
    if (scope().instant()) {
      out[0] = instant_[index()];
      return absl::OkStatus();
    }
    std::fill(out.begin(), out.end(), Absent());
    for (const auto& [step, value] : range_[index()]) out[step] = value;
    eval().ReleaseSamples(static_cast<int64_t>(range_[index()].size()));
    range_[index()] = {};
    return absl::OkStatus();
  }

  Operator& child_;
  const bool limit_;
  const Heap heap_;
  Reservation memory_;
  std::vector<size_t> group_of_;                                 // of each child series
  std::vector<size_t> k_;                                        // of each step
  std::vector<std::vector<Entry>> heaps_;                        // of each group and step
  std::vector<double> instant_;                                  // of each output series
  std::vector<std::vector<std::pair<uint32_t, double>>> range_;  // the same: (step, value)
};

// Series whose hash falls below the ratio, or above for its complement.
class LimitRatioOp final : public Operator {
 public:
  LimitRatioOp(OperatorPtr child, std::vector<double> ratio, const Scope& scope)
      : Operator(scope), child_(AddChild(std::move(child))), ratio_(std::move(ratio)) {
    series_ = child_.series();
  }

 private:
  absl::Status DoNext(std::span<double> out) override {
    RETURN_IF_ERROR(child_.Next(out));
    const double offset = static_cast<double>(series_[index()].labels.Hash()) /
                          static_cast<double>(std::numeric_limits<uint64_t>::max());
    for (size_t s = 0; s < out.size(); ++s) {
      const double r = std::clamp(ratio_[s], -1.0, 1.0);
      const bool kept = (r >= 0 && offset < r) || (r < 0 && offset >= 1.0 + r);
      if (!kept || ratio_[s] == 0) out[s] = Absent();
    }
    return absl::OkStatus();
  }

  Operator& child_;
  std::vector<double> ratio_;
};

struct ParamRange {
  double min = std::numeric_limits<double>::max();
  double max = std::numeric_limits<double>::lowest();
  bool nan = false;
};

ParamRange RangeOf(const std::vector<double>& param) {
  ParamRange range;
  for (const double v : param) {
    range.nan = range.nan || std::isnan(v);
    range.min = std::fmin(range.min, v);
    range.max = std::fmax(range.max, v);
  }
  return range;
}

absl::Status Failed(std::string text) { return absl::FailedPreconditionError(text); }

absl::Status CheckK(const ParamRange& k) {
  constexpr double kLimit = 9223372036854775808.0;  // 2^63
  if (k.nan) return Failed("Parameter value is NaN");
  if (k.min <= -kLimit) return Failed("Scalar value " + GoFloatG(k.min) + " underflows int64");
  if (k.max >= kLimit) return Failed("Scalar value " + GoFloatG(k.max) + " overflows int64");
  return absl::OkStatus();
}

void NoteRatio(double ratio, double capped, PosRange pos, int order, EvalContext& eval) {
  eval.notes.Warning(order,
                     "PromQL warning: ratio value should be between -1 and 1, got " +
                         GoFloatG(ratio) + ", capping to " + GoFloatG(capped),
                     pos);
}

}  // namespace

absl::StatusOr<OperatorPtr> BuildSelectK(const Aggregate& node, OperatorPtr child,
                                         std::vector<double> param, const Scope& scope) {
  const ParamRange range = RangeOf(param);
  const int order = scope.eval.NextOrder();
  if (node.op == AggregateOp::kLimitRatio) {
    if (range.nan) return Failed("Ratio value is NaN");
    if (range.max > 1) NoteRatio(range.max, 1, node.param->pos, order, scope.eval);
    if (range.min < -1) NoteRatio(range.min, -1, node.param->pos, order, scope.eval);
    return std::make_unique<LimitRatioOp>(std::move(child), std::move(param), scope);
  }
  // Nothing is asked for: then Prometheus does not look at the parameter any closer.
  if (!range.nan && range.max < 1) {
    std::fill(param.begin(), param.end(), 0.0);
  } else {
    RETURN_IF_ERROR(CheckK(range));
  }
  auto op = std::make_unique<SelectKOp>(node, std::move(child), std::move(param), scope);
  RETURN_IF_ERROR(op->Init());
  return op;
}

}  // namespace synoptic::promql::internal
