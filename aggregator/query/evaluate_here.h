// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What a shard would answer to a pushed text, computed here from the samples of its replicas.
#pragma once

#include "aggregator/query/shard_raw.h"

namespace synoptic::aggregator {

// Errors as a shard gives them: reason `query` for a text it refuses, `histograms` for a value that
// holds native histograms.
Task<StepAnswer> EvaluateHere(WholeShard shard, StepRequest request, Deadline deadline,
                              FetchEnvironment environment);

}  // namespace synoptic::aggregator
