// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Stored samples of one series as two spans: in place when they are columns, decoded into a reused
// buffer when they are chunks.
#pragma once

#include <cstdint>
#include <span>

#include "absl/status/statusor.h"
#include "promql/eval/context.h"
#include "promql/model/series.h"

namespace synoptic::promql::internal {

struct SampleSpan {
  std::span<const int64_t> t;
  std::span<const double> v;
  size_t size() const { return t.size(); }
  bool empty() const { return t.empty(); }
};

class RawReader {
 public:
  explicit RawReader(EvalContext& eval) : memory_(eval.options.budget) {}

  // Samples with min_t <= t <= max_t; valid until the next call. Stale markers included.
  absl::StatusOr<SampleSpan> Read(const RawSeries& series, int64_t min_t, int64_t max_t);
  // The same without stale markers.
  absl::StatusOr<SampleSpan> ReadLive(const RawSeries& series, int64_t min_t, int64_t max_t);

 private:
  absl::Status ChargeBuffer();
  SampleColumns buffer_;
  Reservation memory_;
};

}  // namespace synoptic::promql::internal
