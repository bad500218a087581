// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Durations in Prometheus' spelling: 1h30m, 15s, 500ms, 1d, 1w, 1y.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace synoptic {

// Milliseconds. Units y w d h m s ms, in that order, each at most once; "0" is zero. Errors name
// the text: `not a valid duration string: "5x"`.
absl::StatusOr<int64_t> ParseDurationMillis(std::string_view text);

// As Prometheus prints model.Duration: exact `y`, `w` only when they divide; zero is "0s".
std::string FormatDurationMillis(int64_t ms);

}  // namespace synoptic
