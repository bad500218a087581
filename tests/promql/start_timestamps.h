// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Start timestamps as test scripts write them, in front of the series' samples:
// `metric{a="b"}@st -1m _x2 -30sx3 -1m-10sx4`.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "promql/model/labels.h"

namespace synoptic::promqltest {

bool IsStartTimestampLine(std::string_view line);
// `offsets`: how far from each sample its start is, in milliseconds.
absl::StatusOr<promql::Labels> ParseStartTimestampLine(
    std::string_view line, std::vector<std::optional<int64_t>>& offsets);

}  // namespace synoptic::promqltest
