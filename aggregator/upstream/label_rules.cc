// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/label_rules.h"

#include <algorithm>
#include <deque>
#include <set>

#include "absl/container/inlined_vector.h"

namespace synoptic::aggregator {
namespace {

using promql::Label;

std::vector<std::string> Sorted(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return names;
}

bool Contains(const std::vector<std::string>& sorted, std::string_view name) {
  return std::binary_search(sorted.begin(), sorted.end(), name, std::less<>());
}

}  // namespace

LabelRules::LabelRules(promql::Labels own, std::vector<std::string> topology_names,
                       std::vector<std::string> replica_labels, bool trusts_equal)
    : own_(std::move(own)),
      topology_names_(Sorted(std::move(topology_names))),
      replica_labels_(Sorted(std::move(replica_labels))),
      trusts_equal_(trusts_equal) {}

bool LabelRules::IsTopologyName(std::string_view name) const {
  return Contains(topology_names_, name) || !own_.Get(name).empty();
}

bool LabelRules::IsReplicaLabel(std::string_view name) const {
  return Contains(replica_labels_, name);
}

promql::Labels LabelRules::Apply(std::span<const Label> labels,
                                 const promql::Labels& external) const {
  absl::InlinedVector<Label, 32> out;
  std::deque<std::string> renamed;  // keeps the new names alive
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
    out.push_back({renamed.emplace_back(std::move(name)), label.value});
  }
  for (const Label label : own_) out.push_back(label);
  std::sort(out.begin(), out.end(), [](const Label& a, const Label& b) { return a.name < b.name; });
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
