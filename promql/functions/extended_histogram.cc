// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/functions/extended_histogram.h"

#include <algorithm>
#include <optional>

#include "base/status.h"
#include "promql/functions/extrapolate.h"
#include "promql/functions/interpolate_histogram.h"
#include "promql/model/histogram_math.h"

namespace synoptic::promql {
namespace {

bool IsGauge(const FloatHistogram& h) { return h.hint == CounterResetHint::kGauge; }

class ExtendedRate {
 public:
  ExtendedRate(const HistogramInput& in, const ExtendedWindow& window, bool counter,
               RangeNotes& notes)
      : in_(in), window_(window), counter_(counter), notes_(notes) {}

  // nullopt: no answer. An error: exponential and custom buckets meet.
  absl::StatusOr<std::optional<FloatHistogram>> Increase() {
    if (!FindEdges()) return std::nullopt;
    RETURN_IF_ERROR(CheckSamples());
    ASSIGN_OR_RETURN(const FloatHistogram left, Left());
    ASSIGN_OR_RETURN(const FloatHistogram right, Right());
    notes_.not_a_gauge |= !counter_ && (!IsGauge(left) || !IsGauge(right));
    FloatHistogram result = right;
    ASSIGN_OR_RETURN(const HistogramOutcome subtracted, Subtract(result, left));
    notes_.reconciled_in_subtraction |= subtracted.bounds_reconciled;
    if (!counter_) return result;
    ASSIGN_OR_RETURN(const std::optional<FloatHistogram> lost, LostByResets(left, right));
    if (lost.has_value()) RETURN_IF_ERROR(AddTo(result, *lost));
    return result;
  }

 private:
  const FloatHistogram& H(size_t i) const { return *in_.h[i]; }

  bool FindEdges() {
    const size_t last = in_.t.size() - 1;
    const auto at_least = [&](int64_t bound) {
      const auto end = in_.t.begin() + static_cast<std::ptrdiff_t>(last);
      return static_cast<size_t>(std::lower_bound(in_.t.begin(), end, bound) - in_.t.begin());
    };
    const size_t behind_start = at_least(window_.start + 1);
    first_ = behind_start == 0 ? 0 : behind_start - 1;
    last_ = window_.smoothed ? at_least(window_.end) : last;
    if (in_.t[last_] <= window_.start) return false;
    return !(window_.smoothed && in_.t[first_] > window_.end);
  }

  absl::Status CheckSamples() {
    for (size_t i = first_; i <= last_; ++i) {
      if (H(i).UsesCustomBuckets() != H(first_).UsesCustomBuckets()) {
        return absl::InvalidArgumentError("mixed buckets");
      }
      notes_.not_a_counter |= counter_ && IsGauge(H(i));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<FloatHistogram> Between(size_t i, int64_t t) {
    return InterpolateHistogram({in_.t[i], H(i)}, {in_.t[i + 1], H(i + 1)}, t, counter_, notes_);
  }
  absl::StatusOr<FloatHistogram> Left() {
    if (window_.smoothed && in_.t[first_] < window_.start) return Between(first_, window_.start);
    return H(first_);
  }
  absl::StatusOr<FloatHistogram> Right() {
    if (window_.smoothed && last_ > 0 && in_.t[last_] > window_.end) {
      return Between(last_ - 1, window_.end);
    }
    return H(last_);
  }

  // The edges stand for the first and last sample.
  absl::StatusOr<std::optional<FloatHistogram>> LostByResets(const FloatHistogram& left,
                                                             const FloatHistogram& right) {
    std::optional<FloatHistogram> lost;
    size_t next = first_ + 1;
    const FloatHistogram* previous = &left;
    if (window_.smoothed && in_.t[first_] < window_.start && DetectReset(H(next), H(first_))) {
      // The left edge lies behind this reset already.
      previous = &H(next);
      ++next;
    }
    if (next > last_) return lost;
    for (; next < last_; ++next) {
      if (DetectReset(H(next), *previous)) RETURN_IF_ERROR(AddTo(lost, *previous));
      previous = &H(next);
    }
    if (DetectReset(right, *previous)) RETURN_IF_ERROR(AddTo(lost, *previous));
    return lost;
  }

  absl::Status AddTo(std::optional<FloatHistogram>& sum, const FloatHistogram& more) {
    if (sum.has_value()) return AddTo(*sum, more);
    sum = more;
    return absl::OkStatus();
  }
  absl::Status AddTo(FloatHistogram& sum, const FloatHistogram& more) {
    ASSIGN_OR_RETURN(const HistogramOutcome added, Add(sum, more));
    notes_.reconciled_in_addition |= added.bounds_reconciled;
    return absl::OkStatus();
  }

  const HistogramInput& in_;
  const ExtendedWindow& window_;
  const bool counter_;
  RangeNotes& notes_;
  size_t first_ = 0, last_ = 0;
};

}  // namespace

HistogramPtr ExtendedHistogramRate(FunctionId id, const HistogramInput& samples,
                                   const ExtendedWindow& window, RangeNotes& notes) {
  auto increase = ExtendedRate(samples, window, id != FunctionId::kDelta, notes).Increase();
  notes.mixed_schemas |= !increase.ok();
  if (!increase.ok() || !increase->has_value()) return nullptr;
  auto result = std::make_shared<FloatHistogram>(**std::move(increase));
  if (id == FunctionId::kRate) Divide(*result, DurationSeconds(window.end - window.start));
  result->hint = CounterResetHint::kGauge;
  Compact(*result, 0);
  return result;
}

}  // namespace synoptic::promql
