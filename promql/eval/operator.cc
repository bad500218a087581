// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/operator.h"

#include "base/status.h"

namespace synoptic::promql::internal {

absl::Status Operator::Finish() {
  std::vector<double> scratch;
  for (OperatorPtr& child : children_) {
    while (!child->done()) {
      scratch.resize(child->scope().steps());
      RETURN_IF_ERROR(child->Next(scratch));
    }
    RETURN_IF_ERROR(child->Finish());
  }
  return absl::OkStatus();
}

}  // namespace synoptic::promql::internal
