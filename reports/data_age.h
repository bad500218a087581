// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// How old the data behind a number are. A value is computed at the time it is asked for; the
// samples it is made of may be older, and a report says by how much.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/querier.h"

namespace synoptic::reports {

// A query for the time stamp of the newest sample that each selector of `expr` finds, the least of
// them over all selectors: the age of the oldest input. None when `expr` selects nothing.
std::optional<std::string> NewestSampleQuery(const std::string& expr);

// Seconds between the grid's end and what such a query gave; none when it gave nothing.
std::optional<double> AgeOf(const absl::StatusOr<Answer>& answer);

}  // namespace synoptic::reports
