// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Whether what was found out about a partly unseen world allows what is true of it: for property
// tests.
#pragma once

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "alerting/bounds/partial_vector.h"
#include "alerting/rule/querier.h"

namespace synoptic::alerting {

inline bool Allows(const BoundedValue& bounds, double value) {
  if (bounds.exact) return bounds.lo == value || (std::isnan(bounds.lo) && std::isnan(value));
  if (!std::isfinite(value)) return bounds.nan;
  return bounds.lo <= value && value <= bounds.hi;
}

inline std::string Shown(const BoundedValue& v) {
  return absl::StrCat(v.exact ? "=" : "", "[", v.lo, ", ", v.hi, v.nan ? " nan]" : "]");
}

inline std::string Shown(const PartialVector& vector) {
  std::string text;
  for (const PartialElement& e : vector.elements) {
    const std::string_view name = domain::VerdictName(e.present);
    absl::StrAppend(&text, "  ", e.labels.ToString(), " ", Shown(e.value), " ",
                    absl::string_view(name.data(), name.size()), "\n");
  }
  for (const OpenKind& kind : vector.open) {
    absl::StrAppend(&text, "  open", kind.only ? " only" : "");
    for (const auto& [name, value] : kind.fixed) absl::StrAppend(&text, " ", name, "=", value);
    absl::StrAppend(&text, " ", Shown(kind.value), "\n");
  }
  return text;
}

// What the true value has that the result does not allow; empty when there is nothing.
inline std::string Contradiction(const PartialVector& proven,
                                 const std::vector<RuleAnswer::Element>& truth) {
  std::map<promql::Labels, double> values;
  for (const RuleAnswer::Element& element : truth) values[element.labels] = element.value;
  std::map<promql::Labels, const PartialElement*> listed;
  for (const PartialElement& element : proven.elements) {
    listed[element.labels] = &element;
    const bool there = values.contains(element.labels);
    if (element.present == domain::Verdict::kTrue && !there) {
      return element.labels.ToString() + " should be there";
    }
    if (element.present == domain::Verdict::kFalse && there) {
      return element.labels.ToString() + " should not be there";
    }
  }
  for (const auto& [labels, value] : values) {
    const std::string what = absl::StrCat(labels.ToString(), " ", value);
    if (const auto it = listed.find(labels); it != listed.end()) {
      if (!Allows(it->second->value, value)) return what + " is out of bounds";
      continue;
    }
    bool open = false;
    for (const OpenKind& kind : proven.open) {
      open = open || (kind.CanBe(labels) && Allows(kind.value, value));
    }
    if (!open) return what + " is of no open kind";
  }
  return "";
}

}  // namespace synoptic::alerting
