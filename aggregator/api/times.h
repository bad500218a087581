// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Times as the API reads and writes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace synoptic::aggregator {

// The range of times a query may name, ms: Prometheus' MinTime and MaxTime.
inline constexpr int64_t kMinTimeMs = -9223372036854775 * 1000 + 62135596801 * 1000;
inline constexpr int64_t kMaxTimeMs = 9223372036854775 * 1000 - 62135596801 * 1000 + 999;

// RFC 3339 with up to nine digits of a second; nothing when it is not.
struct UnixTime {
  int64_t seconds = 0;
  int32_t nanos = 0;
};
std::optional<UnixTime> ParseRfc3339(std::string_view text);
// Nanoseconds; kNever (rule_view.h) for the zero time and what does not fit.
int64_t Rfc3339ToNanos(std::string_view text);
// RFC3339Nano in UTC; kNever is the zero time 0001-01-01T00:00:00Z.
std::string FormatRfc3339(int64_t ns);

// Parameters: unix seconds with a fraction, or RFC 3339. Milliseconds.
// InvalidArgument `cannot parse "x" to a valid timestamp`.
absl::StatusOr<int64_t> ParseApiTime(std::string_view text);
// Seconds as a float, or a Prometheus duration. Nanoseconds.
// InvalidArgument `cannot parse "x" to a valid duration`.
absl::StatusOr<int64_t> ParseApiDuration(std::string_view text);
// As Go prints a time.Duration: -1.5s, 1m0s.
std::string FormatGoDuration(int64_t ns);

}  // namespace synoptic::aggregator
