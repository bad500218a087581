// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Which rules of a group may be asked at once. A rule that reads what an earlier one writes waits
// for it; the results are those of one rule after the other.
#pragma once

#include <cstddef>
#include <vector>

#include "alerting/rule/rule.h"

namespace synoptic::alerting {

// Indexes into group.rules in their order, cut into runs. Rules of a run do not read what rules
// before them in the run write: they are asked at once, and their results are written in order
// after all have answered, so that a rule that reads a later one sees its value of the slot before.
// A selector without a condition on the name may read anything: its rule begins a run.
//
// Prometheus finds the same dependencies (3.15 rules/group.go) but then moves rules before others;
// here nothing changes its place.
std::vector<std::vector<size_t>> ConcurrentRuns(const RuleGroup& group);

}  // namespace synoptic::alerting
