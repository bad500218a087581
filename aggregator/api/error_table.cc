// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/api/error_table.h"

namespace synoptic::aggregator {

ApiError ApiErrorOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
      return {"bad_data", 400};
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnimplemented:
      return {"execution", 422};
    case absl::StatusCode::kCancelled:
      return {"canceled", 499};
    case absl::StatusCode::kDeadlineExceeded:
      return {"timeout", 503};
    // Prometheus says 500 here; Grafana reads 400, 422 and 503 only.
    case absl::StatusCode::kUnavailable:
      return {"unavailable", 503};
    case absl::StatusCode::kNotFound:
      return {"not_found", 404};
    default:
      return {"internal", 500};
  }
}

}  // namespace synoptic::aggregator
