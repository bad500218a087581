// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Stored samples as remote read sends them, in its two forms. Chunks that arrived in an encoding
// every client knows go out as they came; others, and what was merged from replicas, are written
// anew. CPU work: call it on the compute pool.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "base/budget.h"
#include "promql/model/series.h"

namespace synoptic::aggregator {

// A QueryResult message, uncompressed: the samples with min_t <= t <= max_t. InvalidArgument
// `exceeded sample limit (N)` in Prometheus' words; ResourceExhausted when `held` cannot grow.
absl::Status AppendQueryResult(std::span<const promql::RawSeries> series, int64_t min_t,
                               int64_t max_t, int64_t sample_limit, Reservation& held,
                               std::string& out);

// Frames of ChunkedReadResponse messages, each with its length and CRC-32C: one series to a frame,
// cut after about a megabyte. `series` must be sorted by labels. Chunks may hold samples outside of
// the range; the receiver drops them.
absl::Status AppendFrames(std::span<const promql::RawSeries> series, int64_t query_index,
                          int64_t min_t, int64_t max_t, Reservation& held, std::string& out);

}  // namespace synoptic::aggregator
