// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Whose work a question is. Where places are few, each lane has its share of them, so that panels
// cannot keep rules waiting, nor reports panels.
#pragma once

#include <cstddef>

namespace synoptic::aggregator {

enum class Lane {
  kRules,       // alerting and recording: first, with places that nobody else takes
  kMetadata,    // labels, series, metadata, rules of upstreams
  kDashboards,  // queries of people
  kReports,     // documents and backtests: nobody waits for them
};
inline constexpr size_t kLanes = 4;

}  // namespace synoptic::aggregator
