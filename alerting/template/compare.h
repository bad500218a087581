// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Comparing and converting template values.
#pragma once

#include "absl/status/statusor.h"
#include "alerting/template/value.h"

namespace synoptic::alerting {

// -1, 0, 1; 2 when the two do not compare (NaN). InvalidArgument for incompatible types. With
// `equality_only`, types without an order (bool) are allowed.
absl::StatusOr<int> CompareValues(const Value& a, const Value& b, bool equality_only);

// Numbers, and strings that spell one: `can't convert T to float` otherwise.
absl::StatusOr<double> ToFloat(const Value& value);

}  // namespace synoptic::alerting
