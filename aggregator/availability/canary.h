// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// From the canary series of a shard's replicas to who was whole when. Pure functions.
//
// A replica has a gap where it missed a scrape of some canary series that a sibling has: then it
// may lack samples of that target. Where no sibling is known, a gap is a stretch without any canary
// sample at all. A replica that has no canary where others have one, or where nobody has one, is
// not whole there.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "aggregator/merge/time_spans.h"
#include "promql/model/series.h"

namespace synoptic::aggregator {

// Of one replica, sorted by labels; unset: it did not answer.
using CanarySeries = std::optional<std::vector<promql::RawSeries>>;

// Gaps within [from, until] by replica, from canaries read at least kNearMs beyond both ends and up
// to `as_of`, when they were read: what is younger than a scrape interval may still come. A
// replica that did not answer has one gap. DataLoss for a damaged chunk.
absl::StatusOr<std::vector<TimeSpans>> FindGaps(const std::vector<CanarySeries>& replicas,
                                                int64_t from, int64_t until, int64_t as_of);

}  // namespace synoptic::aggregator
