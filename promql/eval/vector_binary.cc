// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Arithmetic and comparison of two vectors.
//
// One side is the "one" side: at every step at most one series of a match group may be present
// there. It waits in memory, one column per match group, while the "many" side streams by (for
// one-to-one matching the right and the left side). Where series pair off one by one, each waits
// only until its partner comes: both sides mostly have one order. Labels of all possible outputs
// follow from the labels of both sides alone (match_outputs.h). Rules that Prometheus checks step
// by step are noted with their step, and the earliest breach fails the query at the end
// (match_errors.h).
#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "base/status.h"
#include "promql/eval/binary_math.h"
#include "promql/eval/first_error.h"
#include "promql/eval/histogram_binary.h"
#include "promql/eval/match_errors.h"
#include "promql/eval/match_groups.h"
#include "promql/eval/match_outputs.h"
#include "promql/eval/operators.h"

namespace synoptic::promql::internal {
namespace {

// One side's column: floats, and histograms beside them (none, or one entry a step).
struct ColumnView {
  std::span<const double> floats;
  std::span<const HistogramPtr> histograms;

  const HistogramPtr& HistogramAt(size_t step) const {
    static const HistogramPtr none;
    return histograms.empty() ? none : histograms[step];
  }
  bool Has(size_t step) const { return !IsAbsent(floats[step]) || HistogramAt(step) != nullptr; }
};

// A column that is put together step by step.
struct ScratchColumn {
  std::vector<double> floats;
  std::vector<HistogramPtr> histograms;

  void Clear(size_t steps) {
    floats.assign(steps, Absent());
    histograms.clear();
  }
  void Copy(const ColumnView& from, size_t step) {
    floats[step] = from.floats[step];
    if (from.HistogramAt(step) == nullptr) return;
    if (histograms.empty()) histograms.resize(floats.size());
    histograms[step] = from.histograms[step];
  }
  ColumnView view() const { return {floats, histograms}; }
};

class VectorBinaryOp final : public Operator {
 public:
  VectorBinaryOp(const Binary& node, OperatorPtr lhs, OperatorPtr rhs, const Scope& scope)
      : Operator(scope),
        node_(node),
        matching_(*node.matching),
        swapped_(matching_.cardinality == MatchCardinality::kOneToMany),
        one_to_one_(matching_.cardinality == MatchCardinality::kOneToOne),
        match_(FindMatchGroups(matching_, lhs->series(), rhs->series())),
        left_(AddChild(std::move(lhs))),
        right_(AddChild(std::move(rhs))),
        many_(swapped_ ? right_ : left_),
        one_(swapped_ ? left_ : right_),
        one_group_(swapped_ ? match_.left : match_.right),
        plan_(PlanMatches(node, {many_.series(), swapped_ ? match_.right : match_.left},
                          {one_.series(), one_group_}, match_.count,
                          scope.eval.options.delayed_name_removal)),
        one_columns_(scope),
        pairs_(node, scope.eval.NextOrder(), scope.eval) {
    series_ = plan_.series;
    if (PairsOff()) PlanAlternately();
  }

  absl::Status Finish() override {
    if (!one_read_) RETURN_IF_ERROR(ReadOne());
    while (!one_.done()) RETURN_IF_ERROR(PullOne());
    RETURN_IF_ERROR(DrainMany());
    RETURN_IF_ERROR(Operator::Finish());
    for (const auto& [step, breach] : breaches_) {
      if (!breach.needs_many || fills() || many_present_[step]) {
        failed_step_ = step;
        return BreachError(breach, matching_, one_.series());
      }
    }
    pairs_.Report();
    return absl::OkStatus();
  }
  size_t FailedStep() const override { return failed_step_; }

 private:
  absl::Status DoNext(std::span<double> out) override {
    const MatchOutput& output = plan_.outputs[index()];
    if (alternates_) return NextPair(output, out);
    if (!one_read_) RETURN_IF_ERROR(ReadOne());
    if (output.many == kNoMatch) {
      RETURN_IF_ERROR(DrainMany());
      Unmatched(output, out);
    } else {
      RETURN_IF_ERROR(PullMany(static_cast<size_t>(output.many)));
      Matched(output, out);
    }
    return absl::OkStatus();
  }

  bool fills() const { return matching_.fill_left.has_value() || matching_.fill_right.has_value(); }
  size_t steps() const { return scope().steps(); }

  absl::Status Pull(Operator& side, std::span<double> column) {
    absl::Status status = side.Next(column);
    if (status.ok() || &side == &left_) return status;
    return FirstError(left_, steps(), std::move(status));
  }

  // ---- series that pair off ----

  // Nothing has to be checked or filled, and each series is in one pair at most.
  bool PairsOff() const {
    if (fills()) return false;
    for (const MatchGroup& group : plan_.groups) {
      if (group.one.size() > 1 || group.many > 1) return false;
    }
    return std::ranges::all_of(plan_.outputs, [](const MatchOutput& output) {
      return output.many != kNoMatch && !output.takes_fill && output.variant == kNoMatch &&
             output.conflict == kNoMatch;
    });
  }

  // Places for series of the one side that wait, in the order in which pairs are asked for.
  void PlanAlternately() {
    alternates_ = true;
    std::vector<int> free;
    size_t pulled = 0;
    for (const MatchOutput& output : plan_.outputs) {
      MatchGroup& mine = plan_.groups[output.group];
      for (; pulled <= mine.one[0]; ++pulled) {
        MatchGroup& group = plan_.groups[one_group_[pulled]];
        if (group.many == 0) continue;
        if (free.empty()) free.push_back(static_cast<int>(places_++));
        group.column = free.back();
        free.pop_back();
      }
      free.push_back(mine.column);
    }
  }

  absl::Status NextPair(const MatchOutput& output, std::span<double> out) {
    if (!one_read_) {
      one_read_ = true;
      RETURN_IF_ERROR(one_columns_.Add(places_, Absent()));
    }
    const MatchGroup& group = plan_.groups[output.group];
    while (one_pulled_ <= group.one[0]) RETURN_IF_ERROR(PullOne());
    RETURN_IF_ERROR(PullMany(static_cast<size_t>(output.many)));
    Combine(output, ManyColumn(), OneColumn(group), out);
    one_columns_.TakeHistograms(static_cast<size_t>(group.column));
    return absl::OkStatus();
  }

  // The next series of the one side, to its place if it has one.
  absl::Status PullOne() {
    const MatchGroup& group = plan_.groups[one_group_[one_pulled_++]];
    if (group.column == kNoMatch) {
      fill_.resize(steps());
      return Pull(one_, fill_);
    }
    const size_t place = static_cast<size_t>(group.column);
    RETURN_IF_ERROR(Pull(one_, one_columns_[place]));
    return one_columns_.PutHistograms(place, one_.histograms());
  }

  // ---- the one side ----

  // Per match group one column, and who owns each of its values.
  absl::Status ReadOne() {
    one_read_ = true;
    one_pulled_ = one_group_.size();
    size_t columns = 0;
    for (MatchGroup& group : plan_.groups) {
      if (group.one.empty()) continue;
      if (group.many > 0 || group.one.size() > 1 || matching_.fill_left.has_value()) {
        group.column = static_cast<int>(columns++);
      }
      if (group.one.size() > 1) group.owner.resize(steps(), kNoMatch);
    }
    RETURN_IF_ERROR(one_columns_.Add(columns, Absent()));
    std::vector<double> column(steps());
    for (size_t i = 0; i < one_group_.size(); ++i) {
      MatchGroup& group = plan_.groups[one_group_[i]];
      if (group.column == kNoMatch) {
        RETURN_IF_ERROR(Pull(one_, column));
        continue;
      }
      const size_t held = static_cast<size_t>(group.column);
      if (group.one.size() == 1) {
        RETURN_IF_ERROR(Pull(one_, one_columns_[held]));
      } else {
        RETURN_IF_ERROR(Pull(one_, column));
        MergeOne(group, i, {column, one_.histograms()});
      }
      RETURN_IF_ERROR(one_columns_.PutHistograms(held, one_.histograms()));
    }
    return absl::OkStatus();
  }

  void MergeOne(MatchGroup& group, size_t series, const ColumnView& column) {
    const std::span<double> merged = one_columns_[static_cast<size_t>(group.column)];
    for (size_t s = 0; s < column.floats.size(); ++s) {
      if (!column.Has(s)) continue;
      if (group.owner[s] != kNoMatch) {
        AddBreach(s, {MatchBreach::Kind::kDuplicate, static_cast<size_t>(group.owner[s]), series,
                      /*needs_many=*/true});
        if (many_present_.empty()) many_present_.resize(steps());
        continue;
      }
      merged[s] = column.floats[s];
      group.owner[s] = static_cast<int>(series);
    }
  }

  ColumnView OneColumn(const MatchGroup& group) {
    const size_t held = static_cast<size_t>(group.column);
    return {one_columns_[held], one_columns_.histograms(held)};
  }

  // ---- the many side ----

  absl::Status PullMany(size_t series) {
    while (many_pulled_ <= series) {
      many_column_.resize(steps());
      RETURN_IF_ERROR(Pull(many_, many_column_));
      ++many_pulled_;
      if (many_present_.empty()) continue;
      for (size_t s = 0; s < many_column_.size(); ++s) {
        if (ManyColumn().Has(s)) many_present_[s] = true;
      }
    }
    return absl::OkStatus();
  }
  absl::Status DrainMany() {
    return many_.series().empty() ? absl::OkStatus() : PullMany(many_.series().size() - 1);
  }
  ColumnView ManyColumn() { return {many_column_, many_.histograms()}; }

  // ---- pairs ----

  void Matched(const MatchOutput& output, std::span<double> out) {
    const MatchGroup& group = plan_.groups[output.group];
    if (!output.takes_fill && output.variant == kNoMatch) {
      return Combine(output, ManyColumn(), OneColumn(group), out);
    }
    // The one side as this output sees it.
    scratch_.Clear(steps());
    const ColumnView column = group.column == kNoMatch ? scratch_.view() : OneColumn(group);
    for (size_t s = 0; s < steps(); ++s) {
      if (!column.Has(s)) {
        if (output.takes_fill) scratch_.floats[s] = *matching_.fill_right;
      } else if (output.variant == kNoMatch || VariantAt(group, s) == output.variant) {
        scratch_.Copy(column, s);
      }
    }
    Combine(output, ManyColumn(), scratch_.view(), out);
  }

  int VariantAt(const MatchGroup& group, size_t step) const {
    const size_t series =
        group.owner.empty() ? group.one[0] : static_cast<size_t>(group.owner[step]);
    return plan_.variant_of[series];
  }

  // A one-series where its match group had no many-series.
  void Unmatched(const MatchOutput& output, std::span<double> out) {
    const MatchGroup& group = plan_.groups[output.group];
    const ColumnView column = OneColumn(group);
    const std::vector<bool>& matched = matched_groups_[output.group];
    scratch_.Clear(steps());
    fill_.assign(steps(), *matching_.fill_left);
    for (size_t s = 0; s < steps(); ++s) {
      const bool own = group.owner.empty() || group.owner[s] == output.one;
      if (own && (matched.empty() || !matched[s])) scratch_.Copy(column, s);
    }
    Combine(output, {fill_, {}}, scratch_.view(), out);
  }

  void Combine(const MatchOutput& output, const ColumnView& many, const ColumnView& one,
               std::span<double> out) {
    const ColumnView& left = swapped_ ? one : many;
    const ColumnView& right = swapped_ ? many : one;
    ApplyBinary(node_.op, {node_.return_bool, /*keep_right=*/false}, left.floats, right.floats,
                out);
    StartRecording(output);
    if (left.histograms.empty() && right.histograms.empty() && !pairs_.trims()) {
      if (met_now_ == nullptr && matched_now_ == nullptr) return;
      for (size_t s = 0; s < out.size(); ++s) {
        if (!IsAbsent(left.floats[s]) && !IsAbsent(right.floats[s])) RecordMatch(s);
      }
      return;
    }
    for (size_t s = 0; s < out.size(); ++s) {
      if (!left.Has(s) || !right.Has(s)) continue;
      if (CombinePair(left, right, s, out)) RecordMatch(s);
    }
  }

  // False: the pair fails, which is as if the two had not matched.
  bool CombinePair(const ColumnView& left, const ColumnView& right, size_t s,
                   std::span<double> out) {
    const HistogramPtr& a = left.HistogramAt(s);
    const HistogramPtr& b = right.HistogramAt(s);
    if (a == nullptr && b == nullptr && !pairs_.trims()) return true;  // ApplyBinary did it
    const PairResult& pair = pairs_.Apply(left.floats[s], a, right.floats[s], b);
    pairs_.NoteAt(s, out.size(), pair.note);
    if (pair.failed) return false;
    if (node_.return_bool) {
      out[s] = pair.keep ? 1 : 0;
    } else if (pair.keep) {
      if (histograms_.empty()) histograms_.resize(out.size());
      histograms_[s] = pair.histogram;
    }
    return true;
  }

  // ---- the matching rules ----

  void StartRecording(const MatchOutput& output) {
    met_now_ = matched_now_ = nullptr;
    if (output.conflict != kNoMatch) met_now_ = &met_[output.conflict];
    if (matching_.fill_left.has_value() && output.many != kNoMatch) {
      matched_now_ = &matched_groups_[output.group];
    }
    for (std::vector<bool>* const flags : {met_now_, matched_now_}) {
      if (flags != nullptr && flags->empty()) flags->resize(steps());
    }
  }

  void RecordMatch(size_t s) {
    if (matched_now_ != nullptr) (*matched_now_)[s] = true;
    if (met_now_ == nullptr) return;
    if ((*met_now_)[s]) {
      AddBreach(s, {one_to_one_ ? MatchBreach::Kind::kManyToOne : MatchBreach::Kind::kGrouping});
    }
    (*met_now_)[s] = true;
  }

  void AddBreach(size_t step, const MatchBreach& breach) { breaches_.emplace(step, breach); }

  const Binary& node_;
  const VectorMatching& matching_;
  const bool swapped_;
  const bool one_to_one_;
  const MatchGroups match_;
  Operator& left_;
  Operator& right_;
  Operator& many_;
  Operator& one_;
  const std::vector<size_t>& one_group_;
  MatchPlan plan_;

  HeldColumns one_columns_;
  bool one_read_ = false;
  bool alternates_ = false;
  size_t one_pulled_ = 0;  // series of the one side; ReadOne pulls them all
  size_t places_ = 0;      // see PlanAlternately
  std::vector<double> many_column_, fill_;
  ScratchColumn scratch_;
  size_t many_pulled_ = 0;
  HistogramBinary pairs_;

  std::vector<bool> many_present_;                   // per step; only once duplicates were seen
  absl::flat_hash_map<int, std::vector<bool>> met_;  // by conflict number
  absl::flat_hash_map<size_t, std::vector<bool>> matched_groups_;  // with fill_left only
  std::vector<bool>* met_now_ = nullptr;                           // of the output at hand
  std::vector<bool>* matched_now_ = nullptr;
  MatchBreaches breaches_;
  size_t failed_step_ = 0;
};

}  // namespace

absl::StatusOr<OperatorPtr> BuildVectorBinary(const Binary& node, const Scope& scope) {
  // Which of several duplicates an error names depends on their order.
  ASSIGN_OR_RETURN(OperatorPtr lhs, Build(*node.lhs, scope));
  RETURN_IF_ERROR(lhs->SettleOrder());
  auto rhs = Build(*node.rhs, scope);
  if (!rhs.ok()) return FirstError(*lhs, scope.steps(), rhs.status());
  if (absl::Status settled = (*rhs)->SettleOrder(); !settled.ok()) {
    return FirstError(*lhs, scope.steps(), std::move(settled));
  }
  return MergeEqual(std::make_unique<VectorBinaryOp>(node, std::move(lhs), *std::move(rhs), scope),
                    scope);
}

}  // namespace synoptic::promql::internal
