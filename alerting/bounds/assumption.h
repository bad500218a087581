// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What a rule may assume of inputs that nobody sees, beyond what is certain; and of which inputs
// that makes sense. All of them assume that the series are those last seen.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "promql/parse/ast.h"

namespace synoptic::alerting {

struct Assumptions {
  bool lag = false;     // a lag grows by at most a second a second, and is not below zero (D3)
  bool change = false;  // a value changes no faster than it was last seen to (D2)

  bool any() const { return lag || change; }
  friend bool operator==(const Assumptions&, const Assumptions&) = default;
};

// An input that is a lag, or the greatest or least of several.
struct LagInput {
  std::string oldest_sample;  // a question: when, by the same labels, the samples behind it are of
  double per_second = 1;      // what a second is in its unit
};
// By its metric's name, which has the word lag, behind, delay, age or staleness, or replication and
// latency, and one that says the unit (seconds, s, ms, us, minutes, ...). Nothing: it is no lag, or
// how fast it grows is not known, of `kafka_consumergroup_lag` say, which counts messages.
std::optional<LagInput> AsLag(const promql::Expr& expr);

// Adds the metrics below `expr` that are lags by their names and say no unit.
void LagsOfUnknownUnit(const promql::Expr& expr, std::set<std::string>& names);

// Whether the expression's values go up and down with its inputs', so that how fast they did says
// something. Not counts of what is there, comparisons, ranks.
bool ChangesSteadily(const promql::Expr& expr);

}  // namespace synoptic::alerting
