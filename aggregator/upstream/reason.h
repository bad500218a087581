// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Why a shard gave no answer, as one short stable word that travels inside the status: what
// coverage, headers, warnings and metrics show (PartCoverage::reason).
//
//   timeout       no answer before the deadline
//   down          cannot be reached, or the connection broke
//   breaker_open  not asked: recent failures
//   no_replicas   not asked: discovery has found none yet
//   busy          not asked: too many requests in flight
//   truncated     the body ended early
//   http_<code>   an HTTP status that is no answer
//   bad_response  an answer that is malformed or answers something else
//   too_large     an answer over a limit
//   cancelled     the caller gave up
//   query         the upstream evaluated the query and refused it: would fail anywhere, so the
//                 query fails rather than the region (InvalidArgument, FailedPrecondition)
//   histograms    a part it computed has native histograms in its value, which the query API does
//                 not tell exactly: the query is planned anew
//                 (docs/adr/0006-histograms-are-read-raw.md)
//   windows       not asked: the server's windows or lookback have other ends than ours, so the
//   part
//                 is computed from its samples (windows.h)
//   unsupported   data that Synoptic does not read yet (Unimplemented)
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace synoptic::aggregator {

inline constexpr std::string_view kHistogramsReason = "histograms";
inline constexpr std::string_view kWindowsReason = "windows";

// `status` with the reason attached (replacing another). Annotate() keeps it.
absl::Status WithReason(absl::Status status, std::string_view reason);

// The reason attached, or the one its code implies.
std::string ReasonOf(const absl::Status& status);

}  // namespace synoptic::aggregator
