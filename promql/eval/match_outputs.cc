// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/match_outputs.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/hash/hash.h"
#include "promql/eval/binary_math.h"
#include "promql/eval/match_groups.h"
#include "promql/model/labels_batch.h"

namespace synoptic::promql::internal {
namespace {

struct GroupAndLabelsHash {
  size_t operator()(const std::pair<size_t, Labels>& key) const {
    return absl::HashOf(key.first, key.second.Hash());
  }
};

class Planner {
 public:
  Planner(const Binary& node, const MatchSide& many, const MatchSide& one, size_t groups,
          bool delayed)
      : node_(node),
        matching_(*node.matching),
        one_to_one_(matching_.cardinality == MatchCardinality::kOneToOne),
        delayed_(delayed),
        many_(many),
        one_(one),
        batch_(many.series.size()) {
    plan_.groups.resize(groups);
  }

  MatchPlan Plan() {
    ListOutputs();
    FindConflicts();
    return std::move(plan_);
  }

 private:
  void ListOutputs() {
    for (size_t i = 0; i < one_.group.size(); ++i) plan_.groups[one_.group[i]].one.push_back(i);
    for (const size_t group : many_.group) ++plan_.groups[group].many;
    plan_.variant_of.resize(one_.group.size(), kNoMatch);
    LabelKey key = MatchKey(matching_);
    for (size_t i = 0; i < many_.group.size(); ++i) ListOutputsOf(i, key);
    if (!matching_.fill_left.has_value()) return;
    for (size_t i = 0; i < one_.group.size(); ++i) {
      const Labels& one = one_.series[i].labels;
      MatchOutput output;
      output.group = one_.group[i];
      output.one = static_cast<int>(i);
      AddOutput(output, ResultLabels(key.Part(one), one));
    }
  }

  void ListOutputsOf(size_t many, const LabelKey& key) {
    const MatchGroup& group = plan_.groups[many_.group[many]];
    const bool fill = matching_.fill_right.has_value();
    if (group.one.empty() && !fill) return;
    const Labels& labels = many_.series[many].labels;
    MatchOutput output;
    output.group = many_.group[many];
    output.many = static_cast<int>(many);
    output.takes_fill = fill;
    if (matching_.include.empty()) {  // the one side does not show in the labels
      AddOutput(output, ResultLabels(labels, Labels()));
      return;
    }
    // Included labels decide which one-series lead to the same result.
    absl::InlinedVector<Labels, 1> variants;
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
    const size_t first = plan_.outputs.size();
    for (const size_t i : group.one) plan_.variant_of[i] = add(one_.series[i].labels);
    if (fill) {
      const int variant = add(key.Part(labels));
      plan_.outputs[first + static_cast<size_t>(variant)].takes_fill = true;
    }
  }

  void AddOutput(const MatchOutput& output, Labels labels) {
    plan_.outputs.push_back(output);
    // Flagged for name removal by `bool` only: arithmetic has dropped the name already.
    plan_.series.push_back({std::move(labels), node_.return_bool && delayed_});
  }

  Labels ResultLabels(const Labels& many, const Labels& one) {
    const bool without_name = ChangesMeaning(node_.op) || (node_.return_bool && !delayed_);
    scratch_.clear();
    for (const Label label : many) {
      if (without_name && IsMetadataLabel(label.name)) continue;
      if (one_to_one_) {
        const bool named = std::find(matching_.labels.begin(), matching_.labels.end(),
                                     label.name) != matching_.labels.end();
        if (named != matching_.on) continue;
      }
      scratch_.push_back(label);
    }
    for (const std::string& name : matching_.include) SetLabel(scratch_, name, one.Get(name));
    if (matching_.include.empty() && scratch_.size() == many.size()) return many;
    return batch_.FromSorted(scratch_.data(), scratch_.size());
  }

  // Outputs of one match group that must not be present at the same step: with one-to-one all of
  // them, otherwise those with the same labels.
  void FindConflicts() {
    absl::flat_hash_map<std::pair<size_t, Labels>, size_t, GroupAndLabelsHash> first_of;
    int next = static_cast<int>(plan_.groups.size());
    for (size_t i = 0; i < plan_.outputs.size(); ++i) {
      MatchOutput& output = plan_.outputs[i];
      const MatchGroup& group = plan_.groups[output.group];
      if (one_to_one_ && matching_.fill_left.has_value()) {
        output.conflict = static_cast<int>(output.group);
      } else if (std::max(group.many, group.one.size()) > 1) {
        const Labels shared = one_to_one_ ? Labels() : plan_.series[i].labels;
        const auto [it, is_first] = first_of.try_emplace({output.group, shared}, i);
        if (is_first) continue;
        MatchOutput& first = plan_.outputs[it->second];
        if (first.conflict == kNoMatch) first.conflict = next++;
        output.conflict = first.conflict;
      }
    }
  }

  const Binary& node_;
  const VectorMatching& matching_;
  const bool one_to_one_;
  const bool delayed_;
  const MatchSide many_, one_;
  LabelsBatch batch_;
  std::vector<Label> scratch_;
  MatchPlan plan_;
};

}  // namespace

MatchPlan PlanMatches(const Binary& node, const MatchSide& many, const MatchSide& one,
                      size_t groups, bool delayed_name_removal) {
  return Planner(node, many, one, groups, delayed_name_removal).Plan();
}

}  // namespace synoptic::promql::internal
