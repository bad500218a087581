// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A pushed part of a shard with several replicas, as if it were one that never missed a scrape.
//
// Every step is computed by a replica that is whole over all that the step looks at: the grid is
// cut where that changes. Where no replica is whole, the samples of all are fetched and merged, and
// the same text is evaluated here.
#pragma once

#include <string_view>

#include "aggregator/query/grid_cuts.h"
#include "aggregator/query/shard_raw.h"

namespace synoptic::aggregator {

// `request` is what a shard of one replica would be asked; `looks`, what each of its steps looks at
// (promql::Fetch).
Task<StepAnswer> AskStepsWhole(WholeShard shard, std::vector<promql::Look> looks,
                               StepRequest request, Deadline deadline,
                               FetchEnvironment environment);

// The pieces' answers as one over all `steps`. `nobody`: why a piece without a bit was computed
// here, for explain.
StepAnswer JoinPieces(const std::vector<GridPiece>& pieces, std::vector<StepAnswer> answers,
                      size_t steps, std::string_view nobody);
// Adds what an answer says of itself to what several together do.
void AddInfo(const AnswerInfo& from, AnswerInfo& to);

}  // namespace synoptic::aggregator
