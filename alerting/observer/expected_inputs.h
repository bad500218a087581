// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A rule that declares who must contribute to it (`expect`), held against who does. An exporter
// that fell silent is seen here by name, where absent() could not say which one it was.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "alerting/observer/conditions.h"
#include "alerting/rule/querier.h"

namespace synoptic::alerting {

// The vector selectors of an expression, as text, each once.
std::vector<std::string> SelectorsOf(const std::string& expr);

// Regions that give less than the wanted number of series to some selector of the rule. What is
// unseen just now is not said to be missing.
Task<std::vector<Conditions::MissingInput>> FindMissingInputs(
    Querier& world, std::vector<Conditions::Expected> expected, int64_t time_ms, Deadline deadline);

}  // namespace synoptic::alerting
