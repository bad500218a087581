// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Series recorded here beside those of the regions. What both have is one series and not two: the
// recorded samples count from their first to their last, and around them the region's, which may
// have recorded the same for longer.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "aggregator/merge/merge.h"
#include "promql/model/series.h"

namespace synoptic::aggregator {

// Adds a part. `own` and all parts are sorted by labels. Errors: those of decoding.
absl::Status AddOwn(std::vector<promql::RawSeries> own,
                    std::vector<ShardPart<promql::RawSeries>>& parts);

}  // namespace synoptic::aggregator
