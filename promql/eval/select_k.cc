// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// topk, bottomk, limitk, limit_ratio: series chosen step by step, with their own labels.
#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/container/flat_hash_map.h"
#include "base/go_format.h"
#include "base/status.h"
#include "fmt/format.h"
#include "promql/eval/label_key.h"
#include "promql/eval/operators.h"
#include "promql/eval/value_heap.h"

namespace synoptic::promql::internal {
namespace {

// Whether limit_ratio takes a series, which only its labels decide.
class RatioFilter {
 public:
  explicit RatioFilter(const Labels& labels)
      : offset_(static_cast<double>(labels.Hash()) /
                static_cast<double>(std::numeric_limits<uint64_t>::max())) {}

  bool Takes(double ratio) const {
    const double r = std::clamp(ratio, -1.0, 1.0);
    return (r > 0 && offset_ < r) || (r < 0 && offset_ >= 1.0 + r);
  }

 private:
  double offset_;  // in [0, 1]
};

class SelectKOp final : public Operator {
 public:
  SelectKOp(const Aggregate& node, int order, OperatorPtr child, std::vector<double> param,
            const Scope& scope)
      : Operator(scope),
        node_(node),
        order_(order),
        child_(AddChild(std::move(child))),
        by_value_(node.op == AggregateOp::kTopk || node.op == AggregateOp::kBottomk),
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
    if (node.op == AggregateOp::kLimitRatio) {
      k_.assign(param.size(), child_.series().size());
      ratio_ = std::move(param);
    } else {
      for (const double v : param) k_.push_back(static_cast<size_t>(std::clamp(v, 0.0, most)));
    }
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
      const bool has_histograms = !child_.histograms().empty();
      if (!seen[group] && (!IsAbsent(column[0]) || has_histograms)) {
        seen[group] = true;
        group_order.push_back(group);
      }
      const uint32_t series = static_cast<uint32_t>(i);
      if (has_histograms) RETURN_IF_ERROR(TakeHistograms(series, column));
      RETURN_IF_ERROR(Offer(group, series, column));
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
        if (!ratio_.empty() && !RatioFilter(child_.series()[series].labels).Takes(ratio_[s])) {
          continue;
        }
        heap_.Push(heap, entry);
        ++added;
      } else if (by_value_ && heap_.Beats(entry.value, heap[0].value)) {
        heap_.ReplaceTop(heap, entry);
      }
    }
    RETURN_IF_ERROR(memory_.Grow(added * static_cast<int64_t>(sizeof(Entry))));
    return eval().HoldSamples(added);
  }

  // Histograms have no place among values to choose by; limits take them, and heap them as zeros.
  absl::Status TakeHistograms(uint32_t series, std::vector<double>& column) {
    std::vector<HistogramPtr>& histograms = child_.histograms();
    bool asked_for = false;
    for (size_t s = 0; s < column.size(); ++s) {
      if (histograms[s] == nullptr || k_[s] == 0) continue;
      asked_for = true;
      if (!by_value_) column[s] = 0;
    }
    if (!asked_for) return absl::OkStatus();
    if (by_value_) {
      eval().notes.Info(
          order_,
          fmt::format("PromQL info: ignored histogram in {} aggregation", OperatorText(node_.op)),
          node_.pos);
      return absl::OkStatus();
    }
    HeldColumns& held = histograms_of_.try_emplace(series, scope()).first->second;
    return held.PutHistograms(0, histograms);
  }

  HistogramPtr HistogramOf(uint32_t series, size_t step) const {
    const auto it = histograms_of_.find(series);
    return it == histograms_of_.end() ? nullptr : it->second.histograms(0)[step];
  }

  void ListInstant(const std::vector<size_t>& group_order) {
    for (const size_t group : group_order) {
      std::vector<Entry>& heap = heaps_[group];
      if (by_value_) {
        SortLikeGo(heap, [this](const Entry& a, const Entry& b) { return heap_.Less(b, a); });
      }
      for (const Entry& entry : heap) {
        series_.push_back(child_.series()[entry.series]);
        instant_.push_back(entry);
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
      range_.push_back({static_cast<uint32_t>(i), std::move(chosen[i])});
    }
    heaps_ = {};
  }

  absl::Status DoNext(std::span<double> out) override {
    std::fill(out.begin(), out.end(), Absent());
    if (scope().instant()) {
      Put(instant_[index()].series, 0, instant_[index()].value, out);
      return absl::OkStatus();
    }
    Chosen& chosen = range_[index()];
    for (const auto& [step, value] : chosen.points) Put(chosen.series, step, value, out);
    eval().ReleaseSamples(static_cast<int64_t>(chosen.points.size()));
    chosen.points = {};
    return absl::OkStatus();
  }

  void Put(uint32_t series, size_t step, double value, std::span<double> out) {
    HistogramPtr histogram = histograms_of_.empty() ? nullptr : HistogramOf(series, step);
    if (histogram == nullptr) {
      out[step] = value;
      return;
    }
    if (histograms_.empty()) histograms_.resize(out.size());
    histograms_[step] = std::move(histogram);
  }

  struct Chosen {
    uint32_t series;                                  // of the child
    std::vector<std::pair<uint32_t, double>> points;  // step, value
  };

  const Aggregate& node_;
  const int order_;
  Operator& child_;
  const bool by_value_;  // or the first ones that come
  const ValueHeap heap_;
  Reservation memory_;
  std::vector<size_t> group_of_;                              // of each child series
  std::vector<size_t> k_;                                     // of each step
  std::vector<double> ratio_;                                 // of each step: limit_ratio
  std::vector<std::vector<Entry>> heaps_;                     // of each group and step
  absl::flat_hash_map<uint32_t, HeldColumns> histograms_of_;  // of child series that have any
  std::vector<Entry> instant_;                                // of each output series
  std::vector<Chosen> range_;                                 // the same
};

// limit_ratio over a range: the series pass by, those that are not taken masked.
class LimitRatioOp final : public Operator {
 public:
  LimitRatioOp(OperatorPtr child, std::vector<double> ratio, const Scope& scope)
      : Operator(scope), child_(AddChild(std::move(child))), ratio_(std::move(ratio)) {
    series_ = child_.series();
  }

 private:
  absl::Status DoNext(std::span<double> out) override {
    RETURN_IF_ERROR(child_.Next(out));
    const RatioFilter filter(series_[index()].labels);
    const std::vector<HistogramPtr>& histograms = child_.histograms();
    for (size_t s = 0; s < out.size(); ++s) {
      if (!filter.Takes(ratio_[s])) {
        out[s] = Absent();
      } else if (!histograms.empty() && histograms[s] != nullptr) {
        if (histograms_.empty()) histograms_.resize(out.size());
        histograms_[s] = histograms[s];
      }
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
    if (!scope.instant()) {
      return std::make_unique<LimitRatioOp>(std::move(child), std::move(param), scope);
    }
  } else if (!range.nan && range.max < 1) {
    // Nothing is asked for: then Prometheus does not look at the parameter any closer.
    std::fill(param.begin(), param.end(), 0.0);
  } else {
    RETURN_IF_ERROR(CheckK(range));
  }
  auto op = std::make_unique<SelectKOp>(node, order, std::move(child), std::move(param), scope);
  RETURN_IF_ERROR(op->Init());
  return op;
}

}  // namespace synoptic::promql::internal
