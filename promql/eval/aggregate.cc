// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Aggregations with one output per group: every member's column is added to its
// group's column and forgotten. A group is over with its last member; where groups are asked for as
// they began, those that are over make room for others.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/go_format.h"
#include "base/status.h"
#include "promql/eval/accumulator.h"
#include "promql/eval/label_key.h"
#include "promql/eval/operators.h"
#include "promql/functions/math.h"

namespace synoptic::promql::internal {
namespace {

class AggregateOperator final : public Operator {
 public:
  AggregateOperator(const Aggregate& node, OperatorPtr child, const Scope& scope)
      : Operator(scope),
        node_(node),
        order_(scope.eval.NextOrder()),
        child_(AddChild(std::move(child))) {
    LabelKey key(GroupingNames(node), !node.without);
    GroupNumbers groups;
    group_of_.reserve(child_.series().size());
    for (const SeriesInfo& info : child_.series()) {
      group_of_.push_back(static_cast<size_t>(groups.Number(key.Of(info.labels))));
    }
    LabelsBatch batch(groups.size());
    members_.reserve(groups.size());
    series_.reserve(groups.size());
    for (size_t i = 0; i < group_of_.size(); ++i) {
      const SeriesInfo& info = child_.series()[i];
      const size_t group = group_of_[i];
      if (group == members_.size()) {
        members_.push_back(0);
        series_.push_back({key.Part(info.labels, batch), false, true});
      }
      ++members_[group];
      series_[group].floats_only = series_[group].floats_only && info.floats_only;
      names_differ_ = names_differ_ || info.drop_name != child_.series().front().drop_name;
      series_[group].drop_name = info.drop_name;
    }
    output_.resize(series_.size());
    std::iota(output_.begin(), output_.end(), size_t{0});
  }

  absl::Status Init(std::vector<double> param) {
    param_ = std::move(param);
    if (names_differ_) last_seen_.resize(series_.size());
    if (scope().instant()) return SettleOrder();
    return names_differ_ ? Consume() : absl::OkStatus();
  }

  // Groups come in the order in which they got their first sample, which only the columns tell.
  absl::Status SettleOrder() override {
    if (settled_) return absl::OkStatus();
    settled_ = true;
    if (!child_.done()) RETURN_IF_ERROR(Consume());
    std::vector<SeriesInfo> ordered;
    for (const size_t group : found_) ordered.push_back(std::move(series_[group]));
    series_ = std::move(ordered);
    output_ = found_;
    return absl::OkStatus();
  }

 private:
  static std::vector<std::string> GroupingNames(const Aggregate& node) {
    std::vector<std::string> names = node.grouping;
    if (node.without) names.emplace_back(kMetricName);
    return names;
  }

  absl::Status DoNext(std::span<double> out) override {
    RETURN_IF_ERROR(eval().CheckCancelled());
    if (accumulator_ == nullptr) {
      FindPlaces();
      RETURN_IF_ERROR(Begin());
    }
    if (place_of_.empty()) return accumulator_->Result(output_[index()], out, histograms_);
    const size_t group = index();
    column_.resize(scope().steps());
    for (; to_come_[group] > 0; ++next_) {
      RETURN_IF_ERROR(child_.Next(column_));
      RETURN_IF_ERROR(Add(next_, place_of_[group_of_[next_]], column_));
      --to_come_[group_of_[next_]];
    }
    RETURN_IF_ERROR(accumulator_->Result(place_of_[group], out, histograms_));
    accumulator_->Reset(place_of_[group]);
    return absl::OkStatus();
  }

  absl::Status Begin() {
    ASSIGN_OR_RETURN(accumulator_,
                     MakeAccumulator(node_, order_, members_, std::move(param_), scope()));
    return absl::OkStatus();
  }

  // A group is asked for when those before it are over. From its first member until then it has a
  // place, which may have been another group's.
  void FindPlaces() {
    place_of_.resize(members_.size());
    to_come_ = members_;
    std::vector<size_t> first(members_.size(), group_of_.size()), last(members_.size());
    for (size_t i = 0; i < group_of_.size(); ++i) {
      first[group_of_[i]] = std::min(first[group_of_[i]], i);
      last[group_of_[i]] = i;
    }
    std::vector<size_t> free, members;
    size_t over = 0,
           asked_at = 0;  // groups before this one are over, the last of them with a series
    for (size_t group = 0; group < members_.size(); ++group) {  // as they begin
      for (; over < group; ++over) {
        asked_at = std::max(asked_at, last[over]);
        if (asked_at >= first[group]) break;
        free.push_back(place_of_[over]);
      }
      if (free.empty() || node_.op == AggregateOp::kQuantile) {
        place_of_[group] = members.size();
        members.push_back(members_[group]);
      } else {
        place_of_[group] = free.back();
        free.pop_back();
      }
    }
    members_ = std::move(members);
  }

  absl::Status Consume() {
    RETURN_IF_ERROR(Begin());
    std::vector<double> column(scope().steps());
    std::vector<bool> seen(series_.size());
    for (size_t i = 0; i < group_of_.size(); ++i) {
      RETURN_IF_ERROR(child_.Next(column));
      const size_t group = group_of_[i];
      RETURN_IF_ERROR(Add(i, group, column));
      if (seen[group] || !AnySample(column)) continue;
      seen[group] = true;
      found_.push_back(group);
    }
    return absl::OkStatus();
  }

  bool AnySample(std::span<const double> column) const {
    return child_.has_histograms() || !std::all_of(column.begin(), column.end(), IsAbsent);
  }

  // A group's name goes if that of a member goes that has a sample at the group's last step.
  void NoteName(size_t series, std::span<const double> column) {
    const std::vector<HistogramPtr>& histograms = child_.histograms();
    size_t seen = column.size();  // the last step, from 1 on
    while (seen > 0 && IsAbsent(column[seen - 1]) &&
           (histograms.empty() || histograms[seen - 1] == nullptr)) {
      --seen;
    }
    const size_t group = group_of_[series];
    if (seen == 0 || seen < last_seen_[group]) return;
    const bool drop_name = child_.series()[series].drop_name;
    series_[group].drop_name = drop_name || (seen == last_seen_[group] && series_[group].drop_name);
    last_seen_[group] = seen;
  }

  absl::Status Add(size_t series, size_t place, std::span<const double> column) {
    if (names_differ_) NoteName(series, column);
    if (const DenseColumn* const dense = child_.dense_histograms()) {
      ASSIGN_OR_RETURN(const bool added, accumulator_->AddDense(place, *dense));
      if (added) return absl::OkStatus();
    }
    RETURN_IF_ERROR(accumulator_->Add(place, column));
    if (child_.histograms().empty()) return absl::OkStatus();
    return accumulator_->AddHistograms(place, child_.histograms(), child_.series()[series].labels);
  }

  const Aggregate& node_;
  const int order_;
  Operator& child_;
  std::vector<size_t> group_of_;   // of each child series
  std::vector<size_t> members_;    // of each group, or of each place: how many series
  std::vector<size_t> output_;     // of each output series: its group
  std::vector<size_t> found_;      // groups with a sample, as they were found
  bool settled_ = false;           // they are the groups in found_
  bool names_differ_ = false;      // some members' names go at the end, some do not
  std::vector<size_t> last_seen_;  // of each group, where they differ
  std::vector<double> param_;
  std::unique_ptr<Accumulator> accumulator_;  // once the first column is asked for
  // Where groups are computed one after the other.
  std::vector<size_t> place_of_;  // of each group: its number in the accumulator
  std::vector<size_t> to_come_;   // of each group: members
  size_t next_ = 0;               // of the child's series
  std::vector<double> column_;
};

// One warning for the largest parameter over 1, one for the smallest below 0, one for NaN. A NaN
// among them hides the others' largest and smallest, unless those are infinite.
void NoteQuantiles(const std::vector<double>& param, PosRange pos, const Scope& scope) {
  double low = std::numeric_limits<double>::max(), high = std::numeric_limits<double>::lowest();
  bool nan = false;
  for (const double q : param) {
    nan = nan || std::isnan(q);
    low = GoMin(low, q);
    high = GoMax(high, q);
  }
  const int order = scope.eval.NextOrder();
  const auto note = [&](double q) {
    scope.eval.notes.Warning(
        order, "PromQL warning: quantile value should be between 0 and 1, got " + GoFloatG(q), pos);
  };
  if (nan) note(NormalNaN());
  if (high > 1) note(high);
  if (low < 0) note(low);
}

}  // namespace

absl::StatusOr<OperatorPtr> BuildAggregate(const Aggregate& node, const Scope& scope) {
  if (node.op == AggregateOp::kCountValues) return BuildCountValues(node, scope);
  std::vector<double> param;
  if (node.param != nullptr) {
    ASSIGN_OR_RETURN(param, EvalScalar(*node.param, scope));
  }
  ASSIGN_OR_RETURN(OperatorPtr child, Build(*node.expr, scope));
  RETURN_IF_ERROR(child->SettleOrder());
  switch (node.op) {
    case AggregateOp::kTopk:
    case AggregateOp::kBottomk:
    case AggregateOp::kLimitk:
    case AggregateOp::kLimitRatio:
      return BuildSelectK(node, std::move(child), std::move(param), scope);
    case AggregateOp::kQuantile:
      NoteQuantiles(param, node.param->pos, scope);
      break;
    default:
      break;
  }
  auto op = std::make_unique<AggregateOperator>(node, std::move(child), scope);
  RETURN_IF_ERROR(op->Init(std::move(param)));
  return op;
}

}  // namespace synoptic::promql::internal
