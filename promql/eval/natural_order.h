// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Natural order of label values: runs of digits compare as numbers (sort_by_label).
#pragma once

#include <string_view>

namespace synoptic::promql::internal {

// For two different values. It is no order: an empty value is neither before nor
// behind another, and of two that differ only in leading zeros either is before the other.
bool ComesFirst(std::string_view a, std::string_view b);

}  // namespace synoptic::promql::internal
