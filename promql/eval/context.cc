// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/context.h"

#include <algorithm>
#include <utility>

#include "base/status.h"

namespace synoptic::promql::internal {
namespace {

absl::Status TooManySamples() {
  return absl::ResourceExhaustedError(
      "query processing would load too many samples into memory in query execution");
}

}  // namespace

absl::Status EvalContext::CheckCancelled() const {
  if (options.cancel == nullptr) return absl::OkStatus();
  switch (options.cancel->reason()) {
    case CancelReason::kNone:
      return absl::OkStatus();
    case CancelReason::kCancelled:
      return absl::CancelledError("query was canceled in expression evaluation");
    case CancelReason::kDeadline:
      return absl::DeadlineExceededError("query timed out in expression evaluation");
  }
  return absl::OkStatus();
}

absl::Status EvalContext::HoldSamples(int64_t count) {
  held_samples_ += count;
  stats.peak_samples = std::max(stats.peak_samples, held_samples_);
  if (options.max_samples > 0 && held_samples_ > options.max_samples) return TooManySamples();
  return absl::OkStatus();
}

absl::Status EvalContext::CheckSteps(const Grid& grid) const {
  constexpr size_t kMost = size_t{1} << 28;  // with no limit set: 2 GiB a column
  const size_t limit = options.max_samples > 0 ? static_cast<size_t>(options.max_samples) : kMost;
  return grid.size() > limit ? TooManySamples() : absl::OkStatus();
}

HeldColumns::HeldColumns(HeldColumns&& other) noexcept
    : eval_(other.eval_),
      steps_(other.steps_),
      memory_(std::move(other.memory_)),
      data_(std::exchange(other.data_, {})) {}

absl::Status HeldColumns::Add(size_t columns, double value) {
  const size_t values = columns * steps_;
  RETURN_IF_ERROR(memory_.Grow(static_cast<int64_t>(values * sizeof(double))));
  data_.resize(data_.size() + values, value);
  return eval_->HoldSamples(static_cast<int64_t>(values));
}

void HeldColumns::Free() {
  eval_->ReleaseSamples(static_cast<int64_t>(data_.size()));
  data_ = {};
  memory_.Reset();
}

}  // namespace synoptic::promql::internal
