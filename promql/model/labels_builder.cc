// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "promql/model/labels.h"

namespace synoptic::promql {
namespace {

// Works on const and non-const vectors of pairs alike.
template <class Pairs>
auto LowerBound(Pairs& pairs, std::string_view name) {
  return std::lower_bound(pairs.begin(), pairs.end(), name,
                          [](const auto& pair, std::string_view n) { return pair.first < n; });
}

}  // namespace

LabelsBuilder::LabelsBuilder(const Labels& base) { Reset(base); }

void LabelsBuilder::Reset(const Labels& base) {
  pairs_.clear();
  pairs_.reserve(base.size() + 2);
  for (const Label label : base) pairs_.emplace_back(label.name, label.value);
}

LabelsBuilder& LabelsBuilder::Set(std::string_view name, std::string_view value) {
  if (value.empty()) return Delete(name);
  const auto it = LowerBound(pairs_, name);
  if (it != pairs_.end() && it->first == name) {
    it->second = value;
  } else {
    pairs_.emplace(it, name, value);
  }
  return *this;
}

LabelsBuilder& LabelsBuilder::Delete(std::string_view name) {
  const auto it = LowerBound(pairs_, name);
  if (it != pairs_.end() && it->first == name) pairs_.erase(it);
  return *this;
}

LabelsBuilder& LabelsBuilder::DeleteMetadata() {
  return Delete(kMetricName).Delete(kTypeLabel).Delete(kUnitLabel);
}

std::string_view LabelsBuilder::Get(std::string_view name) const {
  const auto it = LowerBound(pairs_, name);
  return it != pairs_.end() && it->first == name ? std::string_view(it->second)
                                                 : std::string_view();
}

Labels LabelsBuilder::Build() const {
  std::vector<Label> labels;
  labels.reserve(pairs_.size());
  for (const auto& [name, value] : pairs_) labels.push_back({name, value});
  return Labels::FromSorted(labels.data(), labels.size());
}

}  // namespace synoptic::promql
