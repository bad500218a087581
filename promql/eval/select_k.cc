// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// topk, bottomk, limitk, limit_ratio: series chosen step by step, with their own labels.
#include <algorithm>
#include <limits>
#include <optional>
#include <ranges>

#include "absl/container/flat_hash_map.h"
#include "base/go_format.h"
#include "base/status.h"
#include "fmt/format.h"
#include "promql/eval/k_parameter.h"
#include "promql/eval/label_key.h"
#include "promql/eval/lane_heaps.h"
#include "promql/eval/limit_ratio.h"
#include "promql/eval/operators.h"
#include "promql/eval/value_heap.h"
#include "promql/functions/go_sort.h"

namespace synoptic::promql::internal {
namespace {

class SelectKOp final : public Operator {
 public:
  SelectKOp(const Aggregate& node, int order, OperatorPtr child, std::vector<double> param,
            const Scope& scope)
      : Operator(scope),
        node_(node),
        order_(order),
        child_(AddChild(std::move(child))),
        topk_(node.op == AggregateOp::kTopk),
        by_value_(topk_ || node.op == AggregateOp::kBottomk),
        heap_(/*descending=*/!topk_ && by_value_),
        memory_(scope.eval.options.budget),
        heaps_(0) {
    std::vector<std::string> names = node.grouping;
    if (node.without) names.emplace_back(kMetricName);
    LabelKey key(std::move(names), !node.without);
    GroupNumbers groups;
    group_of_.reserve(child_.series().size());
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
    groups_ = groups.size();
    if (ratio_.empty() && !scope.instant() && LargestGroup() <= std::ranges::min(k_)) {
      takes_all_ = true;
      series_ = child_.series();
      return;
    }
    // Lanes have room for all entries from the start on: never for more than there may be.
    if (by_value_ && !scope.instant() && k_.front() > 0 && k_.front() <= LaneHeaps::kMost &&
        std::equal(k_.begin() + 1, k_.end(), k_.begin()) &&
        k_.front() * groups_ <= child_.series().size()) {
      lanes_.emplace(groups_, scope.steps(), k_.front(), !topk_);
      return;
    }
    heaps_ = EntryStore(groups_ * scope.steps());
    if (by_value_) {
      SetTops(groups.size());
    } else {
      const auto asked = [](size_t k) { return k > 0; };
      open_.assign(groups.size(), static_cast<size_t>(std::count_if(k_.begin(), k_.end(), asked)));
    }
  }

  // Which series are chosen, and so the labels, only the columns tell.
  absl::Status Init() {
    if (takes_all_) return absl::OkStatus();
    RETURN_IF_ERROR(memory_.Grow(static_cast<int64_t>(tops_.size() * sizeof(double)) +
                                 (lanes_.has_value() ? lanes_->bytes() : 0)));
    std::vector<double> column(scope().steps());
    std::vector<size_t> group_order;  // of first appearance, for instant queries
    std::vector<bool> seen(groups_);
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
  absl::Status Offer(size_t group, uint32_t series, std::span<const double> column) {
    const size_t first = group * column.size();
    int64_t added = 0;
    if (lanes_.has_value()) {
      added = lanes_->Offer(group, series, column);
    } else if (by_value_) {
      added = OfferByValue(first, series, column);
    } else if (open_[group] > 0) {
      const RatioFilter filter(child_.series()[series].labels);
      for (size_t s = 0; s < column.size(); ++s) {
        if (IsAbsent(column[s]) || heaps_.SizeOf(first + s) >= k_[s]) continue;
        if (!ratio_.empty() && !filter.Takes(ratio_[s])) continue;
        const std::span<Entry> heap = heaps_.Append(first + s, {column[s], series}, k_[s]);
        if (scope().instant()) heap_.SiftUp(heap);  // a range's order does not depend on it
        if (heap.size() == k_[s]) --open_[group];
        ++added;
      }
    }
    RETURN_IF_ERROR(memory_.Grow(heaps_.bytes() - charged_));
    charged_ = heaps_.bytes();
    return eval().HoldSamples(added);
  }

  size_t LargestGroup() const {
    std::vector<size_t> members(groups_);
    size_t largest = 1;  // where none is asked for there is none
    for (const size_t group : group_of_) largest = std::max(largest, ++members[group]);
    return largest;
  }

  // NaN: a heap has room. Where none is asked for nothing enters.
  void SetTops(size_t groups) {
    constexpr double kInf = std::numeric_limits<double>::infinity();
    tops_.resize(groups * k_.size());
    for (size_t i = 0; i < tops_.size(); ++i) {
      const double closed = topk_ ? kInf : -kInf;
      tops_[i] = k_[i % k_.size()] == 0 ? closed : NormalNaN();
    }
  }

  int64_t OfferByValue(size_t first, uint32_t series, std::span<const double> column) {
    constexpr size_t kBlock = 8;
    const double* const tops = tops_.data() + first;
    // An absent value is a NaN and compares with nothing; a NaN on top means that there is room, or
    // a NaN to be replaced.
    const auto enters = [&](size_t s) {
      const double v = column[s], top = tops[s];
      return (topk_ ? v > top : v < top) | (top != top);
    };
    int64_t added = 0;
    for (size_t begin = 0; begin < column.size(); begin += kBlock) {
      const size_t end = std::min(begin + kBlock, column.size());
      bool any = false;
      for (size_t s = begin; s < end; ++s) any |= enters(s);
      if (!any) continue;
      for (size_t s = begin; s < end; ++s) {
        if (enters(s)) added += OfferOne(first + s, k_[s], {column[s], series});
      }
    }
    return added;
  }

  // How many entries were added: one, or none.
  int OfferOne(size_t i, size_t k, const Entry& entry) {
    if (IsAbsent(entry.value)) return 0;
    std::span<Entry> heap = heaps_.Of(i);
    const bool grows = heap.size() < k;
    if (grows) {
      heap = heaps_.Append(i, entry, k);
      heap_.SiftUp(heap);
    } else if (heap_.Beats(entry.value, heap[0].value)) {
      heap_.ReplaceTop(heap, entry);
    }
    if (heap.size() == k) tops_[i] = heap[0].value;
    return grows ? 1 : 0;
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
      NoteIgnoredHistogram();
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
      const std::span<Entry> heap = heaps_.Of(group);
      std::vector<Entry> entries(heap.begin(), heap.end());
      if (by_value_) {
        SortLikeGo(std::span(entries),
                   [this](const Entry& a, const Entry& b) { return heap_.Less(b, a); });
      }
      for (const Entry& entry : entries) {
        series_.push_back(child_.series()[entry.series]);
        instant_.push_back(entry);
      }
    }
    FreeHeaps();
  }

  // All entries, sorted by series.
  void ListRange() {
    std::vector<size_t> next(group_of_.size() + 1);
    ForEachEntry([&](size_t, const Entry& entry) { ++next[entry.series + 1]; });
    for (size_t i = 0; i < group_of_.size(); ++i) {
      if (next[i + 1] > 0) {
        series_.push_back(child_.series()[i]);
        range_.push_back({static_cast<uint32_t>(i), next[i], next[i] + next[i + 1]});
      }
      next[i + 1] += next[i];
    }
    points_.resize(next.back());
    ForEachEntry([&](size_t step, const Entry& entry) {
      points_[next[entry.series]++] = {entry.value, static_cast<uint32_t>(step)};
    });
    FreeHeaps();
  }

  // f(step, entry)
  template <class F>
  void ForEachEntry(F f) {
    if (lanes_.has_value()) return lanes_->ForEach(f);
    const size_t steps = scope().steps();
    for (size_t i = 0; i < heaps_.size(); ++i) {
      for (const Entry& entry : heaps_.Of(i)) f(i % steps, entry);
    }
  }

  void FreeHeaps() {
    heaps_ = EntryStore(0);
    lanes_.reset();
    tops_ = {};
  }

  // Every group is asked for as many series as it has, or more.
  absl::Status PassOn(std::span<double> out) {
    RETURN_IF_ERROR(child_.Next(out));
    if (child_.histograms().empty()) return absl::OkStatus();
    if (by_value_) {
      NoteIgnoredHistogram();
    } else {
      histograms_ = std::move(child_.histograms());
    }
    return absl::OkStatus();
  }

  void NoteIgnoredHistogram() {
    eval().notes.Info(
        order_,
        fmt::format("PromQL info: ignored histogram in {} aggregation", OperatorText(node_.op)),
        node_.pos);
  }

  absl::Status DoNext(std::span<double> out) override {
    if (takes_all_) return PassOn(out);
    std::fill(out.begin(), out.end(), Absent());
    if (scope().instant()) {
      Put(instant_[index()].series, 0, instant_[index()].value, out);
      return absl::OkStatus();
    }
    const Chosen& chosen = range_[index()];
    for (size_t i = chosen.begin; i < chosen.end; ++i) {
      Put(chosen.series, points_[i].step, points_[i].value, out);
    }
    eval().ReleaseSamples(static_cast<int64_t>(chosen.end - chosen.begin));
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

  struct Point {
    double value;
    uint32_t step;
  };
  struct Chosen {
    uint32_t series;    // of the child
    size_t begin, end;  // its points
  };

  const Aggregate& node_;
  const int order_;
  Operator& child_;
  const bool topk_;
  const bool by_value_;  // or the first ones that come
  const ValueHeap heap_;
  Reservation memory_;
  int64_t charged_ = 0;
  bool takes_all_ = false;        // see PassOn
  std::vector<size_t> group_of_;  // of each child series
  std::vector<size_t> k_;         // of each step
  std::vector<double> ratio_;     // of each step: limit_ratio
  EntryStore heaps_;              // of each group and step
  size_t groups_ = 0;
  std::optional<LaneHeaps> lanes_;  // in place of heaps_: few entries, the same everywhere
  std::vector<double> tops_;        // what a value must beat to enter each heap: topk, bottomk
  std::vector<size_t> open_;        // of each group: steps that have room: limits
  absl::flat_hash_map<uint32_t, HeldColumns> histograms_of_;  // of child series that have any
  std::vector<Entry> instant_;                                // of each output series
  std::vector<Chosen> range_;                                 // the same
  std::vector<Point> points_;
};

// Reports an error where Prometheus does: after those of the child.
class FailingOp final : public Operator {
 public:
  FailingOp(OperatorPtr child, absl::Status error, const Scope& scope)
      : Operator(scope), error_(std::move(error)) {
    AddChild(std::move(child));
  }
  absl::Status Finish() override {
    RETURN_IF_ERROR(Operator::Finish());
    return error_;
  }

 private:
  absl::Status DoNext(std::span<double>) override { return error_; }

  const absl::Status error_;
};

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
    if (range.nan) {
      return std::make_unique<FailingOp>(
          std::move(child), absl::FailedPreconditionError("Ratio value is NaN"), scope);
    }
    if (range.max > 1) NoteRatio(range.max, 1, node.param->pos, order, scope.eval);
    if (range.min < -1) NoteRatio(range.min, -1, node.param->pos, order, scope.eval);
    if (!scope.instant()) {
      return MaskByRatio(std::move(child), std::move(param), scope);
    }
  } else if (!range.nan && range.max < 1) {
    // Nothing is asked for: then Prometheus does not look at the parameter any closer.
    std::fill(param.begin(), param.end(), 0.0);
  } else if (absl::Status error = CheckK(range); !error.ok()) {
    return std::make_unique<FailingOp>(std::move(child), std::move(error), scope);
  }
  auto op = std::make_unique<SelectKOp>(node, order, std::move(child), std::move(param), scope);
  RETURN_IF_ERROR(op->Init());
  return op;
}

}  // namespace synoptic::promql::internal
