// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The evaluator: a preprocessed tree and its fetched data in, the query's value out.
//
// Pure CPU, no clock, no I/O, no threads but those of EvalOptions::executor. Evaluates series by
// series over the whole range at once: labels of all output series first, then one column of values
// per series. Memory grows with the answer. Deterministic: the same bytes for any number of
// threads.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "base/budget.h"
#include "base/cancel.h"
#include "base/executor.h"
#include "promql/model/annotations.h"
#include "promql/model/series.h"
#include "promql/parse/ast.h"

namespace synoptic::promql {

// Where the leaves' data come from: everything is already fetched and merged. `fetch_id` is the
// leaf's own; spans are sorted by labels and live as long as the source.
class DataSource {
 public:
  virtual ~DataSource() = default;
  // Stored samples for a selector: at least everything the selector can look at.
  virtual absl::StatusOr<std::span<const RawSeries>> Raw(int fetch_id) = 0;
  // Step-exact values over exactly `grid` for a Fetched leaf (no lookback is applied to them).
  virtual absl::StatusOr<std::span<const StepSeries>> Steps(int fetch_id, const Grid& grid) = 0;
};

struct EvalOptions {
  Grid grid;  // one point: an instant query (unless `range_query`)
  bool range_query = false;
  int64_t lookback_ms = 300'000;
  int64_t default_subquery_step_ms = 60'000;
  int64_t max_samples = 50'000'000;
  bool delayed_name_removal = false;
  bool use_start_timestamps = false;
  bool type_and_unit_labels = false;  // what is a counter is told by __type__, not by its name
  std::string_view query_text;        // for positions in annotations; may be empty
  MemoryBudget* budget = nullptr;     // charged for what is held; may be null
  const CancelToken* cancel = nullptr;
  // Helps with queries that read much; null: all work is done on the calling thread.
  Executor* executor = nullptr;
};

struct EvalStats {
  int64_t samples_read = 0;  // Prometheus' totalQueryableSamples
  int64_t peak_samples = 0;
};

struct EvalResult {
  QueryValue value;
  Annotations annotations;
  EvalStats stats;
};

// Errors: InvalidArgument-like execution errors carry Prometheus' text with code
// FailedPrecondition (API: 422 execution); ResourceExhausted (limits), Cancelled,
// DeadlineExceeded ("query timed out in expression evaluation"), DataLoss (a broken chunk).
absl::StatusOr<EvalResult> Evaluate(const Expr& expr, const EvalOptions& options,
                                    DataSource& source);

}  // namespace synoptic::promql
