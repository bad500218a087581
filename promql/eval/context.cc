// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/context.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "promql/model/histogram_math.h"

namespace synoptic::promql::internal {
namespace {

constexpr int64_t kHistogramSampleBytes = 16;  // of a sample that SizeInSamples counts in

absl::Status TooManySamples() {
  return absl::ResourceExhaustedError(
      "query processing would load too many samples into memory in query execution");
}

}  // namespace

absl::Status EvalContext::HoldScalar(size_t steps) {
  if (options.budget == nullptr) return absl::OkStatus();
  const auto bytes = static_cast<int64_t>(steps * sizeof(double));
  RETURN_IF_ERROR(options.budget->Charge(bytes));
  scalar_bytes_ += bytes;
  return absl::OkStatus();
}

void EvalContext::ReleaseScalar(size_t steps) {
  if (options.budget == nullptr) return;
  const auto bytes = static_cast<int64_t>(steps * sizeof(double));
  options.budget->Release(bytes);
  scalar_bytes_ -= bytes;
}

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
      samples_(std::exchange(other.samples_, 0)),
      data_(std::exchange(other.data_, {})),
      histograms_(std::exchange(other.histograms_, {})) {}

absl::Status HeldColumns::Add(size_t columns, double value) {
  const size_t values = columns * steps_;
  RETURN_IF_ERROR(memory_.Grow(static_cast<int64_t>(values * sizeof(double))));
  data_.resize(data_.size() + values, value);
  samples_ += static_cast<int64_t>(values);
  return eval_->HoldSamples(static_cast<int64_t>(values));
}

absl::Status HeldColumns::PutHistograms(size_t i, std::vector<HistogramPtr>& column) {
  if (column.empty()) return absl::OkStatus();
  int64_t samples = 0, bytes = 0;
  const FloatHistogram* previous = nullptr;
  for (const HistogramPtr& h : column) {
    if (h == nullptr) continue;
    const int64_t size = SizeInSamples(*h);
    samples += size;
    if (h.get() != previous)
      bytes += size * kHistogramSampleBytes;  // held once, seen by many steps
    previous = h.get();
  }
  if (histograms_.size() <= i) histograms_.resize(i + 1);
  std::vector<HistogramPtr>& mine = histograms_[i];
  if (mine.empty()) bytes += static_cast<int64_t>(column.size() * sizeof(HistogramPtr));
  RETURN_IF_ERROR(memory_.Grow(bytes));
  samples_ += samples;
  RETURN_IF_ERROR(eval_->HoldSamples(samples));
  if (mine.empty()) {
    mine = std::move(column);
    return absl::OkStatus();
  }
  for (size_t s = 0; s < column.size(); ++s) {
    if (column[s] != nullptr) mine[s] = std::move(column[s]);
  }
  return absl::OkStatus();
}

std::vector<HistogramPtr> HeldColumns::TakeHistograms(size_t i) {
  return i < histograms_.size() ? std::exchange(histograms_[i], {}) : std::vector<HistogramPtr>();
}

void HeldColumns::Free() {
  eval_->ReleaseSamples(std::exchange(samples_, 0));
  data_ = {};
  histograms_ = {};
  memory_.Reset();
}

}  // namespace synoptic::promql::internal
