// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Arithmetic and comparison of two vectors.
//
// One side is the "one" side: at every step at most one series of a match group may be present
// there. It waits in memory, one column per match group, while the "many" side streams by (for
// one-to-one matching the right and the left side). Labels of all possible outputs follow from the
// labels of both sides alone. Rules that Prometheus checks step by step are noted with their step,
// and the earliest breach fails the query at the end.
#include <algorithm>
#include <map>

#include "absl/container/flat_hash_map.h"
#include "base/go_format.h"
#include "base/status.h"
#include "promql/eval/binary_math.h"
#include "promql/eval/label_key.h"
#include "promql/eval/match_groups.h"
#include "promql/eval/operators.h"

namespace synoptic::promql::internal {
namespace {

constexpr int kNone = -1;

bool IsPlainName(std::string_view name) {
  const auto plain = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
         std::all_of(name.begin(), name.end(), plain);
}

// All labels inside the braces, __name__ among them, as Prometheus' errors print series.
std::string InBraces(const Labels& labels) {
  std::string out = "{";
  for (const Label& label : labels) {
    if (out.size() > 1) out += ", ";
    out += IsPlainName(label.name) ? std::string(label.name) : GoQuote(label.name);
    out += "=" + GoQuote(label.value);
  }
  return out + "}";
}

class VectorBinaryOp final : public Operator {
 public:
  VectorBinaryOp(const Binary& node, OperatorPtr lhs, OperatorPtr rhs, const Scope& scope)
      : Operator(scope),
        node_(node),
        matching_(*node.matching),
        swapped_(matching_.cardinality == MatchCardinality::kOneToMany),
        one_to_one_(matching_.cardinality == MatchCardinality::kOneToOne),
        groups_(FindMatchGroups(matching_, lhs->series(), rhs->series())),
        left_(AddChild(std::move(lhs))),
        right_(AddChild(std::move(rhs))),
        many_(swapped_ ? right_ : left_),
        one_(swapped_ ? left_ : right_),
        many_group_(swapped_ ? groups_.right : groups_.left),
        one_group_(swapped_ ? groups_.left : groups_.right),
        one_columns_(scope),
        order_(scope.eval.NextOrder()) {
    ListOutputs();
    FindConflicts();
  }

 private:
  // An output series: one many-series with those one-series that give it the same labels.
  struct Output {
    size_t group = 0;
    int many = kNone;         // kNone: an unmatched one-series with the many side filled in
    int one = kNone;          // set when `many` is not
    int variant = kNone;      // which one-series count (Group::variant_of), kNone: all
    bool takes_fill = false;  // also where the one side is missing
    int conflict = kNone;     // outputs that must not meet at a step share a number
  };

  struct Group {
    std::vector<size_t> one;  // series of the one side
    size_t many = 0;          // number of series of the many side
    int column = kNone;       // of one_columns_
    std::vector<int> owner;   // per step: which of `one`; only when there are several
  };

  // ---- labels ----

  void ListOutputs() {
    group_info_.resize(groups_.count);
    for (size_t i = 0; i < one_group_.size(); ++i) group_info_[one_group_[i]].one.push_back(i);
    for (const size_t group : many_group_) ++group_info_[group].many;
    variant_of_.resize(one_group_.size(), kNone);
    LabelKey key = MatchKey(matching_);
    for (size_t i = 0; i < many_group_.size(); ++i) ListOutputsOf(i, key);
    if (!matching_.fill_left.has_value()) return;
    for (size_t i = 0; i < one_group_.size(); ++i) {
      const Labels& one = one_.series()[i].labels;
      Output output{one_group_[i], kNone, static_cast<int>(i), kNone, false, kNone};
      AddOutput(output, ResultLabels(key.Part(one), one));
    }
  }

  void ListOutputsOf(size_t many, const LabelKey& key) {
    Group& group = group_info_[many_group_[many]];
    const bool fill = matching_.fill_right.has_value();
    if (group.one.empty() && !fill) return;
    const Labels& labels = many_.series()[many].labels;
    Output output{many_group_[many], static_cast<int>(many), kNone, kNone, fill, kNone};
    if (matching_.include.empty()) {  // the one side does not show in the labels
      AddOutput(output, ResultLabels(labels, Labels()));
      return;
    }
    // Included labels decide which one-series lead to the same result.
    std::vector<Labels> variants;
    const auto add = [&](const Labels& one) {
      const Labels result = ResultLabels(labels, one);
      const auto it = std::find(variants.begin(), variants.end(), result);
      if (it != variants.end()) return static_cast<int>(it - variants.begin());
      output.variant = static_cast<int>(variants.size());
      output.takes_fill = false;
      AddOutput(output, result);
      variants.push_back(result);
      return output.variant;
    };
    const size_t first = outputs_.size();
    for (const size_t i : group.one) variant_of_[i] = add(one_.series()[i].labels);
    if (fill) {
      const int variant = add(key.Part(labels));
      outputs_[first + static_cast<size_t>(variant)].takes_fill = true;
    }
  }

  void AddOutput(const Output& output, Labels labels) {
    outputs_.push_back(output);
    // Flagged for name removal by `bool` only: arithmetic has dropped the name already.
    series_.push_back({std::move(labels), node_.return_bool && delayed()});
  }

  bool delayed() const { return eval().options.delayed_name_removal; }

  Labels ResultLabels(const Labels& many, const Labels& one) {
    builder_.Reset(many);
    if (ChangesMeaning(node_.op) || (node_.return_bool && !delayed())) builder_.DeleteMetadata();
    if (one_to_one_) {
      for (const Label& label : many) {
        const bool named = std::find(matching_.labels.begin(), matching_.labels.end(),
                                     label.name) != matching_.labels.end();
        if (named != matching_.on) builder_.Delete(label.name);
      }
    }
    for (const std::string& name : matching_.include) builder_.Set(name, one.Get(name));
    return builder_.Build();
  }

  // Outputs of one match group that must not be present at the same step: with one-to-one all of
  // them, otherwise those with the same labels.
  void FindConflicts() {
    std::map<std::pair<size_t, Labels>, std::vector<size_t>> sharing;
    for (size_t i = 0; i < outputs_.size(); ++i) {
      Output& output = outputs_[i];
      if (one_to_one_ && matching_.fill_left.has_value()) {
        output.conflict = static_cast<int>(output.group);
      } else if (std::max(group_info_[output.group].many, group_info_[output.group].one.size()) >
                 1) {
        sharing[{output.group, one_to_one_ ? Labels() : series_[i].labels}].push_back(i);
      }
    }
    int next = static_cast<int>(groups_.count);
    for (const auto& [key, outputs] : sharing) {
      if (outputs.size() < 2) continue;
      for (const size_t i : outputs) outputs_[i].conflict = next;
      ++next;
    }
  }

  // ---- columns ----

  absl::Status DoNext(std::span<double> out) override {
    if (!one_read_) RETURN_IF_ERROR(ReadOne());
    const Output& output = outputs_[index()];
    if (output.many == kNone) {
      RETURN_IF_ERROR(DrainMany());
      Unmatched(output, out);
    } else {
      RETURN_IF_ERROR(PullMany(static_cast<size_t>(output.many)));
      Matched(output, out);
    }
    return absl::OkStatus();
  }

  absl::Status Finish() override {
    if (!one_read_) RETURN_IF_ERROR(ReadOne());
    RETURN_IF_ERROR(DrainMany());
    if (!breaches_.empty()) {
      for (const auto& [step, breach] : breaches_) {
        // Two of a kind on the one side are an error only where the many side has anything.
        if (!breach.needs_many || fills() || many_present_[step]) return Breach(breach);
      }
    }
    return Operator::Finish();
  }

  bool fills() const { return matching_.fill_left.has_value() || matching_.fill_right.has_value(); }

  // Reads the one side: per match group one column, and who owns each of its values.
  absl::Status ReadOne() {
    one_read_ = true;
    size_t columns = 0;
    for (Group& group : group_info_) {
      if (group.one.empty()) continue;
      if (group.many > 0 || group.one.size() > 1 || matching_.fill_left.has_value()) {
        group.column = static_cast<int>(columns++);
      }
      if (group.one.size() > 1) group.owner.resize(scope().steps(), kNone);
    }
    RETURN_IF_ERROR(one_columns_.Add(columns, Absent()));
    std::vector<double> column(scope().steps());
    for (size_t i = 0; i < one_group_.size(); ++i) {
      Group& group = group_info_[one_group_[i]];
      if (group.column == kNone) {
        RETURN_IF_ERROR(one_.Next(column));
      } else if (group.one.size() == 1) {
        RETURN_IF_ERROR(one_.Next(one_columns_[static_cast<size_t>(group.column)]));
      } else {
        RETURN_IF_ERROR(one_.Next(column));
        MergeOne(group, i, column);
      }
    }
    return absl::OkStatus();
  }

  void MergeOne(Group& group, size_t series, const std::vector<double>& column) {
    const std::span<double> merged = one_columns_[static_cast<size_t>(group.column)];
    for (size_t s = 0; s < column.size(); ++s) {
      if (IsAbsent(column[s])) continue;
      if (group.owner[s] != kNone) {
        AddBreach(s, {BreachKind::kDuplicate, static_cast<size_t>(group.owner[s]), series, true});
        if (many_present_.empty()) many_present_.resize(scope().steps());
        continue;
      }
      merged[s] = column[s];
      group.owner[s] = static_cast<int>(series);
    }
  }

  absl::Status PullMany(size_t series) {
    while (many_pulled_ <= series) {
      many_column_.resize(scope().steps());
      RETURN_IF_ERROR(many_.Next(many_column_));
      ++many_pulled_;
      if (many_present_.empty()) continue;
      for (size_t s = 0; s < many_column_.size(); ++s) {
        if (!IsAbsent(many_column_[s])) many_present_[s] = true;
      }
    }
    return absl::OkStatus();
  }
  absl::Status DrainMany() {
    return many_.series().empty() ? absl::OkStatus() : PullMany(many_.series().size() - 1);
  }

  void Matched(const Output& output, std::span<double> out) {
    const Group& group = group_info_[output.group];
    if (!output.takes_fill && output.variant == kNone) {
      return Combine(output, many_column_, one_columns_[static_cast<size_t>(group.column)], out);
    }
    // The one side as this output sees it.
    scratch_.assign(scope().steps(), Absent());
    if (group.column != kNone) {
      const std::span<double> column = one_columns_[static_cast<size_t>(group.column)];
      std::copy(column.begin(), column.end(), scratch_.begin());
    }
    for (size_t s = 0; s < scratch_.size(); ++s) {
      if (IsAbsent(scratch_[s])) {
        if (output.takes_fill) scratch_[s] = *matching_.fill_right;
      } else if (output.variant != kNone && VariantAt(group, s) != output.variant) {
        scratch_[s] = Absent();
      }
    }
    Combine(output, many_column_, scratch_, out);
  }

  int VariantAt(const Group& group, size_t step) const {
    const size_t series =
        group.owner.empty() ? group.one[0] : static_cast<size_t>(group.owner[step]);
    return variant_of_[series];
  }

  // A one-series where its match group had no many-series.
  void Unmatched(const Output& output, std::span<double> out) {
    const Group& group = group_info_[output.group];
    const std::span<double> column = one_columns_[static_cast<size_t>(group.column)];
    const std::vector<bool>& matched = matched_groups_[output.group];
    scratch_.assign(scope().steps(), Absent());
    fill_.assign(scope().steps(), *matching_.fill_left);
    for (size_t s = 0; s < scratch_.size(); ++s) {
      const bool own = group.owner.empty() || group.owner[s] == output.one;
      if (own && (matched.empty() || !matched[s])) scratch_[s] = column[s];
    }
    Combine(output, fill_, scratch_, out);
  }

  void Combine(const Output& output, std::span<const double> many, std::span<const double> one,
               std::span<double> out) {
    RecordMatches(output, many, one);
    if (node_.op == BinaryOp::kTrimUpper || node_.op == BinaryOp::kTrimLower) {
      ApplyBinary(BinaryOp::kAdd, {}, many, one, out);
      NoteTrimmedFloats(node_, out, order_, eval());
    }
    const BinaryMode mode{node_.return_bool, false};
    if (swapped_) {
      ApplyBinary(node_.op, mode, one, many, out);
    } else {
      ApplyBinary(node_.op, mode, many, one, out);
    }
  }

  void RecordMatches(const Output& output, std::span<const double> many,
                     std::span<const double> one) {
    const bool remember_group = matching_.fill_left.has_value() && output.many != kNone;
    if (output.conflict == kNone && !remember_group) return;
    std::vector<bool>* const met = output.conflict == kNone ? nullptr : &met_[output.conflict];
    if (met != nullptr && met->empty()) met->resize(out_size());
    std::vector<bool>* const matched = remember_group ? &matched_groups_[output.group] : nullptr;
    if (matched != nullptr && matched->empty()) matched->resize(out_size());
    for (size_t s = 0; s < many.size(); ++s) {
      if (IsAbsent(many[s]) || IsAbsent(one[s])) continue;
      if (matched != nullptr) (*matched)[s] = true;
      if (met == nullptr) continue;
      if ((*met)[s]) {
        AddBreach(s, {one_to_one_ ? BreachKind::kManyToOne : BreachKind::kGrouping, 0, 0, false});
      }
      (*met)[s] = true;
    }
  }
  size_t out_size() const { return scope().steps(); }

  // ---- breaches of the matching rules ----

  enum class BreachKind { kDuplicate, kManyToOne, kGrouping };
  struct BreachInfo {
    BreachKind kind;
    size_t first = 0, second = 0;  // kDuplicate: series of the one side
    bool needs_many = false;
  };

  // The first of a step counts; duplicates are read, and found, before matches.
  void AddBreach(size_t step, const BreachInfo& breach) { breaches_.emplace(step, breach); }

  absl::Status Breach(const BreachInfo& breach) {
    switch (breach.kind) {
      case BreachKind::kManyToOne:
        return absl::FailedPreconditionError(
            "multiple matches for labels: many-to-one matching must be explicit "
            "(group_left/group_right)");
      case BreachKind::kGrouping:
        return absl::FailedPreconditionError(
            "multiple matches for labels: grouping labels must ensure unique matches");
      case BreachKind::kDuplicate:
        break;
    }
    const Labels& second_labels = one_.series()[breach.second].labels;
    std::string first = InBraces(one_.series()[breach.first].labels);
    std::string second = InBraces(second_labels);
    if (first > second) std::swap(first, second);
    return MakeStatus(
        absl::StatusCode::kFailedPrecondition,
        "found duplicate series for the match group {} on the {} hand-side of the operation: "
        "[{}, {}];many-to-many matching not allowed: matching labels must be unique on one side",
        InBraces(MatchKey(matching_).Part(second_labels)), swapped_ ? "left" : "right", first,
        second);
  }

  const Binary& node_;
  const VectorMatching& matching_;
  const bool swapped_;
  const bool one_to_one_;
  const MatchGroups groups_;
  Operator& left_;
  Operator& right_;
  Operator& many_;
  Operator& one_;
  const std::vector<size_t>& many_group_;
  const std::vector<size_t>& one_group_;
  LabelsBuilder builder_;
  std::vector<Group> group_info_;
  std::vector<Output> outputs_;
  std::vector<int> variant_of_;  // of each one-series, within its group

  HeldColumns one_columns_;
  bool one_read_ = false;
  std::vector<double> many_column_, scratch_, fill_;
  size_t many_pulled_ = 0;
  std::vector<bool> many_present_;                   // per step; only once duplicates were seen
  absl::flat_hash_map<int, std::vector<bool>> met_;  // by conflict number
  absl::flat_hash_map<size_t, std::vector<bool>> matched_groups_;  // with fill_left only
  std::map<size_t, BreachInfo> breaches_;                          // by step
  const int order_;
};

}  // namespace

absl::StatusOr<OperatorPtr> BuildVectorBinary(const Binary& node, const Scope& scope) {
  ASSIGN_OR_RETURN(OperatorPtr lhs, Build(*node.lhs, scope));
  ASSIGN_OR_RETURN(OperatorPtr rhs, Build(*node.rhs, scope));
  return MergeEqual(std::make_unique<VectorBinaryOp>(node, std::move(lhs), std::move(rhs), scope),
                    scope);
}

}  // namespace synoptic::promql::internal
