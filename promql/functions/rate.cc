// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// rate, increase, delta, irate, idelta.
#include <vector>

#include "promql/functions/exact_sum.h"
#include "promql/functions/kernels.h"
#include "promql/functions/window.h"

namespace synoptic::promql {
namespace {

double Seconds(int64_t ms) { return static_cast<double>(ms) / 1000; }

// Go's Duration.Seconds: whole seconds and nanoseconds are converted apart, which may round
// differently from one division.
double DurationSeconds(int64_t ms) {
  const int64_t seconds = ms / 1000;
  const int64_t nanoseconds = ms % 1000 * 1'000'000;
  return static_cast<double>(seconds) + static_cast<double>(nanoseconds) / 1e9;
}

// What a counter lost by resets within a window, added to last - first in the order of time.
class ResetCorrection {
 public:
  explicit ResetCorrection(const RangeInput& in) : v_(in.v) {
    for (size_t i = 1; i < v_.size(); ++i) {
      if (v_[i] < v_[i - 1]) {
        before_.push_back(i - 1);
        lost_.push_back(v_[i - 1]);
      }
    }
    // Sums are taken window by window only where their bits depend on the order of addition; there
    // the first and last value of the window take part too.
    exact_ = before_.size() < 2 || sums_.Init(v_, lost_);
  }

  // REQUIRES: windows move forward.
  double Apply(double increase, const Window& w) {
    while (first_ < before_.size() && before_[first_] < w.lo) ++first_;
    last_ = std::max(last_, first_);
    while (last_ < before_.size() && before_[last_] + 1 < w.hi) ++last_;
    if (last_ == first_) return increase;
    if (exact_ && last_ - first_ > 1) return increase + sums_.Sum(first_, last_);
    for (size_t i = first_; i < last_; ++i) increase += lost_[i];
    return increase;
  }

 private:
  std::span<const double> v_;
  std::vector<size_t> before_;  // indexes of the samples before each reset
  std::vector<double> lost_;    // and their values
  ExactSums sums_;
  bool exact_ = false;
  size_t first_ = 0;
  size_t last_ = 0;
};

// Extends the increase between the first and last sample to the whole window, unless the series
// seems to start or end inside of it. REQUIRES: two samples or more.
double Extrapolate(const RangeInput& in, const Window& w, double increase, bool is_counter,
                   double range_seconds) {
  const int64_t first_t = in.t[w.lo];
  const int64_t last_t = in.t[w.hi - 1];
  double to_start = Seconds(first_t - w.start);
  double to_end = Seconds(w.end - last_t);
  const double sampled = Seconds(last_t - first_t);
  const double average = sampled / static_cast<double>(w.size() - 1);
  const double threshold = average * 1.1;

  if (to_start >= threshold) to_start = average / 2;
  if (is_counter && increase > 0 && in.v[w.lo] >= 0) {
    // A counter is never below zero: do not extend past where it would have been zero.
    const double to_zero = sampled * (in.v[w.lo] / increase);
    if (to_zero < to_start) to_start = to_zero;
  }
  if (to_end >= threshold) to_end = average / 2;

  double factor = sampled != 0 ? (sampled + to_start + to_end) / sampled : 1.0;
  if (range_seconds != 0) factor /= range_seconds;
  return increase * factor;
}

template <bool kCounter>
void ExtrapolatedRate(const RangeInput& in, std::span<double> out, double range_seconds) {
  ResetCorrection resets(kCounter ? in : RangeInput());
  ForEachWindow(in, out, [&](const Window& w, size_t) {
    if (w.size() < 2) return Absent();
    double increase = in.v[w.hi - 1] - in.v[w.lo];
    if (kCounter) increase = resets.Apply(increase, w);
    return Extrapolate(in, w, increase, kCounter, range_seconds);
  });
}

// From the last two samples of each window.
template <bool kRate>
void InstantValue(const RangeInput& in, std::span<double> out) {
  ForEachWindow(in, out, [&](const Window& w, size_t) {
    if (w.size() < 2) return Absent();
    const double previous = in.v[w.hi - 2];
    const double last = in.v[w.hi - 1];
    if (!kRate) return last - previous;
    // After a reset the counter started from zero.
    const double increase = last < previous ? last : last - previous;
    return increase / Seconds(in.t[w.hi - 1] - in.t[w.hi - 2]);
  });
}

}  // namespace

void RateKernel(const RangeInput& in, std::span<double> out) {
  ExtrapolatedRate<true>(in, out, DurationSeconds(in.range_ms));
}
void IncreaseKernel(const RangeInput& in, std::span<double> out) {
  ExtrapolatedRate<true>(in, out, 0);
}
void DeltaKernel(const RangeInput& in, std::span<double> out) {
  ExtrapolatedRate<false>(in, out, 0);
}
void IrateKernel(const RangeInput& in, std::span<double> out) { InstantValue<true>(in, out); }
void IdeltaKernel(const RangeInput& in, std::span<double> out) { InstantValue<false>(in, out); }

}  // namespace synoptic::promql
