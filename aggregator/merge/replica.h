// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Replicas of one shard as one: the same targets scraped at slightly different times, each with
// gaps of its own.
//
// One replica is the base and keeps its samples; a sibling only fills what the base missed, by the
// scrapes of their target where these are known (scraped_targets.h), else by the samples of the
// series itself (missed_scrapes.h), and only where the base is known to have missed something.
// Samples of the two are never interleaved, since a series that jumps between two scrapers shows
// changes and resets that never were. What is taken depends on the samples near it and on `where`
// alone: the same for any range asked for, split or order of arrival. Pure functions.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "aggregator/merge/scraped_targets.h"
#include "aggregator/merge/time_spans.h"
#include "promql/model/mixed_samples.h"
#include "promql/model/series.h"

namespace synoptic::aggregator {

// `base` with what it lacks at times in `where`. Both sorted by labels, read at least kNearMs
// beyond the times that count; so is the result. Series that need nothing are kept as they are,
// still compressed. Floats and native histograms are samples alike. DataLoss when a chunk is
// damaged.
absl::StatusOr<std::vector<promql::RawSeries>> FillFrom(std::vector<promql::RawSeries> base,
                                                        std::vector<promql::RawSeries> sibling,
                                                        const TimeSpans& where,
                                                        ScrapedTargets& targets);

// One series. Exposed for tests.
promql::MixedSamples FillHoles(const promql::MixedSamples& base,
                               const promql::MixedSamples& sibling, const TimeSpans& where,
                               const ScrapedTargets::OfSeries& targets);

}  // namespace synoptic::aggregator
