// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/bounds/partial_vector.h"

#include <algorithm>

namespace synoptic::alerting {

bool OpenKind::CanHave(std::string_view name) const {
  const auto it = fixed.find(std::string(name));
  if (it != fixed.end()) return !it->second.empty();
  return !only.has_value() || promql::Contains(*only, name);
}

bool OpenKind::CanBe(const promql::Labels& labels) const {
  for (const auto& [name, wanted] : fixed) {
    if (labels.Get(name) != wanted) return false;
  }
  if (!only.has_value()) return true;
  for (const promql::Label label : labels) {
    if (!fixed.contains(std::string(label.name)) && !promql::Contains(*only, label.name)) {
      return false;
    }
  }
  return true;
}

PartialVector PartialVector::Anything() {
  return {{}, {{{}, std::nullopt, BoundedValue::Anything()}}};
}

bool PartialVector::is_known() const {
  return open.empty() &&
         std::all_of(elements.begin(), elements.end(), [](const PartialElement& element) {
           return element.value.exact && element.present != domain::Verdict::kUnknown;
         });
}

}  // namespace synoptic::alerting
