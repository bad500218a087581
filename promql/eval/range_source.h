// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What a range-vector function reads: the samples of a matrix selector or of a subquery, one series
// after the other, together with the windows it looks through.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "promql/eval/operator.h"
#include "promql/eval/raw_reader.h"
#include "promql/parse/ast.h"

namespace synoptic::promql::internal {

// Windows (End(i) - range, End(i)], i a step of the grid.
struct Windows {
  Grid grid;
  int64_t range_ms = 0;
  int64_t offset_ms = 0;
  bool fixed = false;  // `@`: one window for all steps, ending at at_ms - offset_ms
  int64_t at_ms = 0;

  int64_t End(size_t step) const { return (fixed ? at_ms : grid.at(step)) - offset_ms; }
  int64_t Start(size_t step) const { return End(step) - range_ms; }
};

// Reads the samples of any series of a source. Not thread-safe, but other readers may be at work.
class RangeReader {
 public:
  virtual ~RangeReader() = default;
  // As RangeSource::Next; valid until the next call.
  virtual absl::StatusOr<SeriesSamples> Read(size_t series) = 0;
  // The same for a series of histograms alone that have the same buckets; null: it is none.
  virtual absl::StatusOr<DenseSamples*> ReadDense(size_t series) = 0;
  // What the last ReadDense has read. REQUIRES: it was not null.
  virtual SeriesSamples ReadAsObjects() = 0;
};

class RangeSource {
 public:
  virtual ~RangeSource() = default;
  const std::vector<SeriesInfo>& series() const { return series_; }
  // Gives them away.
  std::vector<SeriesInfo> TakeSeries() { return std::move(series_); }
  // Those of a series; series() may be gone.
  virtual const Labels& LabelsOf(size_t series) const = 0;
  const Windows& windows() const { return windows_; }
  // Live samples of the next series that any window can see; valid until the next call.
  virtual absl::StatusOr<SeriesSamples> Next() = 0;
  virtual absl::Status Finish() { return absl::OkStatus(); }
  // Null for a source that has its series one after the other only. Thread-safe.
  virtual std::unique_ptr<RangeReader> MakeReader() const { return nullptr; }
  // About how many samples a series has.
  virtual size_t EstimatedSamples() const { return 0; }

 protected:
  std::vector<SeriesInfo> series_;
  Windows windows_;
};

// How far outside its windows a selector reads: the lookback, for anchored and smoothed.
struct Margins {
  int64_t before_ms = 0;
  int64_t after_ms = 0;
};

// `arg` is a matrix selector or a subquery.
bool IsRangeExpr(const Expr& arg);
absl::StatusOr<std::unique_ptr<RangeSource>> MakeRangeSource(const Expr& arg, const Scope& scope,
                                                             const Margins& margins = {});

}  // namespace synoptic::promql::internal
