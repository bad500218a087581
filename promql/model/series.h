// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What goes into the evaluator and what comes out.
//
// In: RawSeries, stored samples as fetched (compressed chunks or columns). Out: StepSeries, one
// value per step of a Grid. Both carry their labels; sets of them are sorted by labels.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "promql/model/chunk.h"
#include "promql/model/grid.h"
#include "promql/model/labels.h"
#include "promql/model/sample.h"

namespace synoptic::promql {

// Stored samples of one series. Chunks are in time order and do not overlap.
struct RawSeries {
  Labels labels;
  std::variant<SampleColumns, std::vector<Chunk>> data;
  // Beside float columns; empty when `data` are chunks, which hold histograms themselves. No time
  // is in both.
  HistogramColumns histograms = {};
};

// Those of a series' chunks that have a sample from min_t to max_t, or may have one.
std::span<const Chunk> ChunksIn(const std::vector<Chunk>& chunks, int64_t min_t, int64_t max_t);

// Appends the samples with min_t <= t <= max_t, stale markers included. `histograms` may be null:
// native histograms are then skipped.
absl::Status ReadSamples(const RawSeries& series, int64_t min_t, int64_t max_t,
                         SampleColumns& floats, HistogramColumns* histograms);
// For callers that know floats only: Unimplemented when there are histograms in the range.
absl::Status ReadSamples(const RawSeries& series, int64_t min_t, int64_t max_t,
                         SampleColumns& floats);

// Values over a grid: values.size() == grid.size(); IsAbsent marks steps without a float.
struct StepSeries {
  Labels labels;
  std::vector<double> values;
  // Empty when no step has a histogram; otherwise one entry a step, null where there is none. A
  // step with a histogram has no float, but in answers of range queries where Prometheus, too, has
  // both: series that became equal by losing a label.
  std::vector<HistogramPtr> histograms = {};
};

// Result types as the API names them.
enum class ValueType { kScalar, kString, kVector, kMatrix, kNone };

// "scalar", "string", "vector", "matrix" (the API's resultType).
const char* ApiName(ValueType type);
// "scalar", "string", "instant vector", "range vector" (error texts).
const char* DocumentedName(ValueType type);

// The answer of a query.
//   instant query: kScalar (one series, one value), kString, kVector (grid of one step; order is
//     the evaluation's), kMatrix (a range selector: `points` holds original samples).
//   range query: kMatrix, `series` over `grid`, sorted by labels, none all-absent.
struct QueryValue {
  struct PointSeries {
    Labels labels;
    SampleColumns samples;
    HistogramColumns histograms = {};
  };

  ValueType type = ValueType::kVector;
  Grid grid;
  std::vector<StepSeries> series;
  std::vector<PointSeries> points;
  std::string string;
};

}  // namespace synoptic::promql
