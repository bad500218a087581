// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Text to number as Go's strconv reads it: what counts as a number in queries and in `le` labels.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"

namespace synoptic {

// strconv.ParseFloat(text, 64): decimal and hexadecimal (0x1p-2), inf, infinity, nan in any case,
// underscores between digits. OutOfRange beyond the largest double, InvalidArgument otherwise; the
// messages are Go's.
absl::StatusOr<double> GoParseFloat(std::string_view text);

// strconv.ParseInt(text, 0, 64): prefixes 0x, 0o, 0b and a leading 0 for octal; underscores.
// nullopt where Go gives an error.
std::optional<int64_t> GoParseInt(std::string_view text);

}  // namespace synoptic
