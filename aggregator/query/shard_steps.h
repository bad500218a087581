// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A pushed part of a shard with several replicas, as if it were one that never missed a scrape.
//
// Every step is computed by a replica that is whole over all that the step looks at: the grid is
// cut where that changes. Where no replica is whole, the samples of all are fetched and merged, and
// the same text is evaluated here.
#pragma once

#include "aggregator/query/shard_raw.h"

namespace synoptic::aggregator {

// `request` is what a shard of one replica would be asked for `fetch`.
Task<StepAnswer> AskStepsWhole(WholeShard shard, const promql::Fetch& fetch, StepRequest request,
                               Deadline deadline, FetchEnvironment environment);

}  // namespace synoptic::aggregator
