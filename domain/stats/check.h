// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Checks on the numbers that formulas are given. A formula never answers a number that was made
// from nonsense: it names the value and what was expected, `in_rate: -3: expected a finite number
// of at least 0`.
#pragma once

#include <initializer_list>
#include <span>
#include <string_view>

#include "absl/status/status.h"

namespace synoptic::domain {

struct Named {
  std::string_view name;
  double value;
};

// InvalidArgument for the first value that is not
absl::Status CheckFinite(std::initializer_list<Named> values);       // a finite number
absl::Status CheckNonNegative(std::initializer_list<Named> values);  // finite and >= 0
absl::Status CheckPositive(std::initializer_list<Named> values);     // finite and > 0
absl::Status CheckRatio(std::initializer_list<Named> values);        // in [0, 1]
// A service level objective as a ratio: in (0, 1), so that there is a budget to divide by. Says so
// when the value looks like a percentage.
absl::Status CheckTarget(std::string_view name, double value);
// >= 0, and +Inf ("never") is one of the values.
absl::Status CheckTimeOrNever(std::initializer_list<Named> values);

// Every value of a span; the message has the index: `loads[2]: -1: expected ...`.
absl::Status CheckEachFinite(std::string_view name, std::span<const double> values);
absl::Status CheckEachNonNegative(std::string_view name, std::span<const double> values);
absl::Status CheckEachRatio(std::string_view name, std::span<const double> values);

// Two sequences that belong together, element by element.
absl::Status CheckSameSize(std::string_view a_name, size_t a, std::string_view b_name, size_t b);

}  // namespace synoptic::domain
