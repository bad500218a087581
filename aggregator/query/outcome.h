// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What the legs' outcomes mean for the request: missing shard, failed request, or neither.
#pragma once

#include "absl/status/status.h"
#include "aggregator/merge/coverage.h"
#include "aggregator/query/scope.h"

namespace synoptic::aggregator {

// Every shard within reach as not asked.
Coverage NotAsked(const Reach& reach);
PartCoverage AnsweredPart(const ReachableShard& shard, const AnswerInfo& info);

// Not OK when a leg's failure is the whole request's: an upstream refused the query itself (it
// would anywhere), the query's memory is used up, the caller left. OK: only that shard is missing.
absl::Status FailsTheQuery(const ReachableShard& shard, const absl::Status& status);

// Unavailable when a required region is missing, or nothing within reach answered at all.
absl::Status CheckAnswered(const Reach& reach, const Coverage& coverage);

}  // namespace synoptic::aggregator
