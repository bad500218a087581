// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// An instant vector of which a part is unseen: what is there for certain, what may be there, and of
// what kind the rest is that nobody sees.
//
// INVARIANT: it stands for a set of vectors, and the true one is among them. An element of the true
// vector is a listed one (then its value is within the bounds listed) or, if none is listed under
// its labels, one of an open kind.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "alerting/bounds/bounded_value.h"
#include "domain/verdict/logic.h"
#include "promql/model/labels.h"
#include "promql/plan/name_set.h"

namespace synoptic::alerting {

struct PartialElement {
  promql::Labels labels;
  BoundedValue value;
  domain::Verdict present = domain::Verdict::kTrue;  // FALSE: certainly not there
};

// Any number of elements that nobody sees.
struct OpenKind {
  // Labels they all have; an empty value: they lack the label.
  std::map<std::string, std::string> fixed;
  // If known, the only names of labels they can have.
  std::optional<promql::NameSet> only;
  BoundedValue value;

  bool CanHave(std::string_view name) const;
  bool CanBe(const promql::Labels& labels) const;
};

struct PartialVector {
  std::vector<PartialElement> elements;
  std::vector<OpenKind> open;

  // Nothing is known.
  static PartialVector Anything();
  bool is_known() const;  // every element certain and exact, nothing open
};

}  // namespace synoptic::alerting
