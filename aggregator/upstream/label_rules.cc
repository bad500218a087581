// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/label_rules.h"

#include <algorithm>
#include <forward_list>
#include <set>

#include "absl/container/inlined_vector.h"

namespace synoptic::aggregator {
namespace {

using promql::Label;

std::vector<std::string> WithNamesOf(const promql::Labels& own, std::vector<std::string> names) {
  for (const Label label : own) {
    if (std::find(names.begin(), names.end(), label.name) == names.end()) {
      names.emplace_back(label.name);
    }
  }
  return names;
}

std::vector<std::string> Sorted(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return names;
}

// The lengths of names as bits: most labels are told apart from the few that matter by that.
uint64_t Bit(std::string_view name) { return uint64_t{1} << (name.size() % 64); }

uint64_t LengthsOf(const std::vector<std::string>& names) {
  uint64_t lengths = 0;
  for (const std::string& name : names) lengths |= Bit(name);
  return lengths;
}

bool Contains(const std::vector<std::string>& sorted, std::string_view name) {
  return std::binary_search(sorted.begin(), sorted.end(), name, std::less<>());
}

}  // namespace

LabelRules::LabelRules(promql::Labels own, std::vector<std::string> topology_names,
                       std::vector<std::string> replica_labels, bool trusts_equal)
    : own_(std::move(own)),
      topology_names_(Sorted(WithNamesOf(own_, std::move(topology_names)))),
      replica_labels_(Sorted(std::move(replica_labels))),
      trusts_equal_(trusts_equal),
      topology_lengths_(LengthsOf(topology_names_)),
      replica_lengths_(LengthsOf(replica_labels_)) {}

bool LabelRules::IsTopologyName(std::string_view name) const {
  return (topology_lengths_ & Bit(name)) != 0 && Contains(topology_names_, name);
}

bool LabelRules::IsReplicaLabel(std::string_view name) const {
  return (replica_lengths_ & Bit(name)) != 0 && Contains(replica_labels_, name);
}

promql::Labels LabelRules::Apply(std::span<const Label> labels,
                                 const promql::Labels& external) const {
  absl::InlinedVector<Label, 32> out;
  std::forward_list<std::string> renamed;  // keeps the new names alive; mostly there are none
  const auto has = [&](std::string_view name) {
    const auto is = [name](const Label& label) { return label.name == name; };
    return std::any_of(labels.begin(), labels.end(), is) || std::any_of(out.begin(), out.end(), is);
  };
  for (const Label& label : labels) {
    if (label.value.empty()) continue;
    if (!external.empty() && external.Get(label.name) == label.value) continue;
    if (IsReplicaLabel(label.name)) continue;
    if (!IsTopologyName(label.name)) {
      out.push_back(label);
      continue;
    }
    if (trusts_equal_ && own_.Get(label.name) == label.value) continue;
    std::string name = "exported_" + std::string(label.name);
    while (has(name) || IsTopologyName(name)) name.insert(0, "exported_");
    out.push_back({renamed.emplace_front(std::move(name)), label.value});
  }
  // Few names into a list that is sorted but for what was renamed.
  const auto by_name = [](const Label& a, const Label& b) { return a.name < b.name; };
  if (!renamed.empty()) std::sort(out.begin(), out.end(), by_name);
  for (const Label label : own_) {
    out.insert(std::upper_bound(out.begin(), out.end(), label, by_name), label);
  }
  return promql::Labels::FromSorted(out.data(), out.size());
}

std::vector<std::string> LabelRules::ApplyToNames(const std::vector<std::string>& names) const {
  std::set<std::string> out;
  for (const std::string& name : names) {
    if (IsReplicaLabel(name)) continue;
    // With an upstream that sets topology labels itself the values are ours as a rule.
    if (IsTopologyName(name)) {
      if (!trusts_equal_) out.insert("exported_" + name);
    } else {
      out.insert(name);
    }
  }
  for (const Label label : own_) out.emplace(label.name);
  return {out.begin(), out.end()};
}

}  // namespace synoptic::aggregator
