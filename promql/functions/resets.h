// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Counter resets within windows. Private to promql/functions.
#pragma once

#include <cstdint>
#include <span>

namespace synoptic::promql {

// Adds to increase[i] what a counter lost by resets within the samples [lo[i], hi[i]): the values
// before each reset, one after the other. Windows move forward.
void AddWhatResetsLost(std::span<const double> v, std::span<const uint32_t> lo,
                       std::span<const uint32_t> hi, std::span<double> increase);

}  // namespace synoptic::promql
