// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Whether a server takes a sample on the left end of a window into the window. Prometheus 3 does
// not, (t - range, t], and so do we; Prometheus 2 does, and before 2.43 it has one lookback for all
// queries. Versions of other servers say nothing of it, so each is asked something that needs no
// data and whose value tells. Internal to this library.
#pragma once

#include <cstdint>
#include <string_view>

namespace synoptic::aggregator {

enum class WindowEnds : uint8_t {
  kOpen,    // as ours
  kClosed,  // a lookback that is a millisecond shorter is ours
  kUnlike,  // closed with a lookback of its own; or it does not tell
};

// One step a second in a window of a second: 1 where windows are open to the left, 2 where not.
inline constexpr std::string_view kAskWindowEnds =
    "/api/v1/query?query=vector%281%29%2Acount_over_time%28vector%281%29%5B1s%3A1s%5D%29&time=1000";
// Refused by who heeds a lookback.
inline constexpr std::string_view kAskLookback =
    "/api/v1/query?query=vector%281%29&time=1000&lookback_delta=none";

// Whether a server may be asked for steps with that lookback (0: any will do), of an expression
// with windows or without.
constexpr bool Computes(WindowEnds ends, int64_t lookback_ms, bool windows) {
  if (ends == WindowEnds::kOpen) return true;
  if (windows) return false;
  // There is no lookback of 0.
  return lookback_ms == 0 || (ends == WindowEnds::kClosed && lookback_ms > 1);
}

}  // namespace synoptic::aggregator
