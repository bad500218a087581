// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"

namespace synoptic::aggregator {

// When a question is asked twice (ask.h).
struct AskOptions {
  // Of a sibling, when the replica asked has not answered by then. 0: never hedge.
  double hedge_percentile = 95;                              // of its latencies
  MonoDuration hedge_floor = std::chrono::milliseconds(50);  // not earlier
  double hedge_budget = 0.05;                                // hedges : questions
  // After a failure. Each sibling is tried once in any case; beyond that, so many attempts at a
  // replica that was asked already.
  int retries_max = 2;
  double retries_budget = 0.1;  // retries, siblings included : questions
  MonoDuration retry_first = std::chrono::milliseconds(50);  // full jitter up to this, doubling
  MonoDuration retry_most = std::chrono::seconds(5);

  friend bool operator==(const AskOptions&, const AskOptions&) = default;
};

}  // namespace synoptic::aggregator
