// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The `le` label as a number.
#pragma once

#include <optional>
#include <string_view>

namespace synoptic::promql::internal {

// What Go's strconv.ParseFloat accepts: decimal, hexadecimal with exponent, inf, infinity, in any
// case. nullopt for the rest and for NaN, which bounds nothing.
std::optional<double> ParseBucketBound(std::string_view text);

}  // namespace synoptic::promql::internal
