// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The values of number, duration and string tokens. Errors are Prometheus' texts without position.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace synoptic::promql::internal {

// 0x1F, 017 (octal), 1_000, 1e3, Inf, NaN.
absl::StatusOr<double> NumberValue(std::string_view text);
// A repetition count: decimal digits only.
absl::StatusOr<uint64_t> UnsignedValue(std::string_view text);
// Seconds of 1h30m.
absl::StatusOr<double> DurationValue(std::string_view text);
// Seconds to nanoseconds, rounded. Go's conversion: the smallest integer when out of range.
int64_t Nanoseconds(double seconds);
// Likewise truncated to an integer.
int64_t TruncatedToInt64(double value);
// The bytes a string token stands for, quotes included in `text`.
absl::StatusOr<std::string> StringValue(std::string_view text);

}  // namespace synoptic::promql::internal
