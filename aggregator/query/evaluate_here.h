// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What a shard would answer to a pushed text, computed here from its samples.
#pragma once

#include <functional>

#include "aggregator/query/fetch_stage.h"

namespace synoptic::aggregator {

// Gives the shard's samples.
using RawSource = std::function<Task<RawAnswer>(RawRequest)>;

// Errors as a shard gives them: reason `query` for a text it refuses, `histograms` for a value that
// holds native histograms, or that lacks a group because floats met histograms in it.
Task<StepAnswer> EvaluateHere(promql::TopologyShard place, std::shared_ptr<LegMemory> memory,
                              RawSource source, StepRequest request, FetchEnvironment environment);

}  // namespace synoptic::aggregator
