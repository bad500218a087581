// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Samples of one shard from stores of different ages as one: every time is answered for by exactly
// one store, so that nothing is doubled or interleaved where they overlap. Pure.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "aggregator/merge/time_spans.h"
#include "promql/model/series.h"

namespace synoptic::aggregator {

// One store's answer and the times that it answers for.
struct AgePart {
  TimeSpan span;
  std::vector<promql::RawSeries> series;  // each label set once
};

// `parts`: the oldest first, spans apart. Sorted by labels; samples outside of their part's span
// are dropped. Chunks stay compressed but for those that lie across a border. Errors: those of
// decoding.
absl::StatusOr<std::vector<promql::RawSeries>> JoinAges(std::vector<AgePart> parts);

}  // namespace synoptic::aggregator
