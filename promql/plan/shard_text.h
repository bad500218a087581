// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A subtree as one shard is asked for it: topology labels are not in its data, so matchers on them
// are decided here and groupings and matches lose their names.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "promql/model/topology.h"
#include "promql/parse/ast.h"
#include "promql/plan/name_set.h"

namespace synoptic::promql {

// The selector's matchers in the shard's data; nullopt when it can match nothing there. At least
// one of them does not match the empty string.
std::optional<std::vector<Matcher>> MatchersAt(const std::vector<Matcher>& matchers,
                                               const Labels& shard_labels,
                                               const NameSet& topology_labels);

// `expr` in the shard's terms, with times resolved (`@` as a timestamp, durations as numbers) and
// subqueries with their steps written out. REQUIRES: preprocessed.
std::string TextAt(const Expr& expr, const Labels& shard_labels, const NameSet& topology_labels,
                   int64_t default_subquery_step_ms);

}  // namespace synoptic::promql
