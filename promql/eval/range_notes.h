// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// RangeNotes in Prometheus' words.
#pragma once

#include <string_view>

#include "promql/eval/notes.h"
#include "promql/functions/range_notes.h"

namespace synoptic::promql::internal {

// `metric_name` is the series' own, "" without one.
void AddRangeNotes(const RangeNotes& found, std::string_view metric_name, PosRange pos, int order,
                   Notes& notes);

}  // namespace synoptic::promql::internal
