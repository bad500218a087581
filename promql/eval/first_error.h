// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "base/status.h"
#include "promql/eval/operator.h"

namespace synoptic::promql::internal {

// Prometheus evaluates the left operand wholly before the right one, so of two errors it tells the
// left one's. When `later` came from the right: runs `left` to its end and returns its error, or
// else `later`.
inline absl::Status FirstError(Operator& left, size_t steps, absl::Status later) {
  // Asking further would only take longer.
  const bool stop = later.code() == absl::StatusCode::kCancelled ||
                    later.code() == absl::StatusCode::kDeadlineExceeded ||
                    later.code() == absl::StatusCode::kResourceExhausted;
  if (stop) return later;
  std::vector<double> scratch(steps);
  while (!left.done()) RETURN_IF_ERROR(left.Next(scratch));
  RETURN_IF_ERROR(left.Finish());
  return later;
}

}  // namespace synoptic::promql::internal
