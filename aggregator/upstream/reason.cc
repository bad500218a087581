// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/reason.h"

#include "absl/strings/cord.h"
#include "base/strings.h"

namespace synoptic::aggregator {
namespace {
constexpr absl::string_view kPayload = "synoptic/reason";
}

absl::Status WithReason(absl::Status status, std::string_view reason) {
  if (!status.ok()) status.SetPayload(kPayload, absl::Cord(ToAbsl(reason)));
  return status;
}

std::string ReasonOf(const absl::Status& status) {
  if (const auto payload = status.GetPayload(kPayload); payload.has_value()) {
    return std::string(*payload);
  }
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return "";
    case absl::StatusCode::kDeadlineExceeded:
      return "timeout";
    case absl::StatusCode::kCancelled:
      return "cancelled";
    case absl::StatusCode::kResourceExhausted:
      return "too_large";
    case absl::StatusCode::kUnimplemented:
      return "unsupported";
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kInternal:
      return "bad_response";
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
      return "query";
    default:
      return "down";
  }
}

}  // namespace synoptic::aggregator
