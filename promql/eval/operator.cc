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

void Operator::MakeObjects() {
  if (pool_ == nullptr) pool_ = std::make_unique<HistogramPool>();
  pool_->BeginRound();
  const DenseColumn& dense = native_.dense;
  histograms_.resize(dense.row_of_step.size());
  for (size_t s = 0; s < histograms_.size(); ++s) {
    const uint32_t row = dense.row_of_step[s];
    if (row == DenseColumn::kNoRow) continue;
    if (s > 0 && dense.row_of_step[s - 1] == row) {
      histograms_[s] = histograms_[s - 1];
      continue;
    }
    const std::shared_ptr<FloatHistogram>& object = pool_->Take();
    dense.Copy(row, *object);
    histograms_[s] = object;
  }
  native_.dense.clear();
}

}  // namespace synoptic::promql::internal
