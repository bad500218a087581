// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The columns of a leaf, one series after the other, computed ahead by several threads.
//
// Series are cut into blocks of fixed size. Whoever has time takes the next block that nobody has:
// the executor's threads, up to a few blocks ahead, and the thread that asks for columns whenever
// the one it needs is not ready. A column is computed by one thread from one series, and columns
// are handed out in order: results cannot depend on the number of threads. Without an executor, or
// for little work, columns are computed as they are asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "promql/eval/context.h"
#include "promql/eval/native_column.h"
#include "promql/functions/range_notes.h"
#include "promql/model/series.h"

namespace synoptic::promql::internal {

// What computing a column has found out beside its values: counted and noted in order of series.
struct ColumnFindings {
  int64_t samples_read = 0;
  bool had_samples = false;
  RangeNotes notes;
};

// Computes columns, on one thread at a time; it keeps what series have in common. Must not touch
// the EvalContext but to read its options.
class ColumnWorker {
 public:
  virtual ~ColumnWorker() = default;
  // `native` is empty before.
  virtual absl::Status Compute(size_t series, std::span<double> out, NativeColumn& native,
                               ColumnFindings& findings) = 0;
};

class ColumnAhead {
 public:
  // Thread-safe; what it refers to outlives this object.
  using MakeWorker = std::function<std::unique_ptr<ColumnWorker>()>;

  // About how many samples a series has; asked only where there are threads.
  using Estimate = absl::FunctionRef<size_t()>;

  // `own`: for the thread that asks; outlives this object.
  ColumnAhead(size_t series, Estimate samples, const Scope& scope, ColumnWorker& own,
              MakeWorker make);
  ~ColumnAhead();
  ColumnAhead(const ColumnAhead&) = delete;
  ColumnAhead& operator=(const ColumnAhead&) = delete;

  // The next series' column. An error is that of its own series.
  absl::Status Next(std::span<double> out, NativeColumn& native, ColumnFindings& findings);

 private:
  class Blocks;
  EvalContext& eval_;
  ColumnWorker& own_;               // of the thread that asks
  std::shared_ptr<Blocks> blocks_;  // null: no threads
  size_t next_ = 0;
};

// About how many samples a series of `data` has in a range of time: told by the first one, whose
// chunks all begin with their number of samples.
size_t EstimateSamples(std::span<const RawSeries> data, int64_t min_t, int64_t max_t);

}  // namespace synoptic::promql::internal
