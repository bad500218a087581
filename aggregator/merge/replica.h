// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Two replicas of one shard as one: the same targets scraped at slightly different times, each with
// gaps of its own.
//
// Per series one replica is the base and keeps every sample; the sibling only fills holes:
// stretches without samples longer than 1.5 intervals, the interval learned from the base's
// samples. Samples of the two are never interleaved, since a series that jumps between two scrapers
// shows changes and resets that never were. Pure functions.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "promql/model/mixed_samples.h"
#include "promql/model/series.h"

namespace synoptic::aggregator {

// Both sorted by labels; so is the result. Series of one replica only are kept as they are, still
// compressed. The base is, series by series, the replica with more samples; `a` on a tie. Floats
// and native histograms are samples alike. DataLoss when a chunk is damaged.
absl::StatusOr<std::vector<promql::RawSeries>> MergeReplicas(std::vector<promql::RawSeries> a,
                                                             std::vector<promql::RawSeries> b);

// Whether a series may lack samples inside its range that a sibling could have: a stretch of more
// than 1.5 intervals. Looks at chunks' times and counts where that is enough, so that asking costs
// next to nothing; may say yes to a series that is merely irregular. Edges do not count: a series
// that begins late is not told from one whose replica was down.
bool MayHaveHoles(const promql::RawSeries& series);

// One series. Exposed for tests.
promql::MixedSamples FillHoles(const promql::MixedSamples& base,
                               const promql::MixedSamples& sibling);

}  // namespace synoptic::aggregator
