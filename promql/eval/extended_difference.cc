// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// rate, increase and delta of anchored and smoothed windows over floats: all places that a window
// needs move forward with it, and what fell between neighbours is found once.
#include "promql/eval/extended_difference.h"

#include <algorithm>
#include <vector>

#include "promql/eval/even_differences.h"
#include "promql/model/sample.h"

namespace synoptic::promql::internal {
namespace {

class Differences {
 public:
  Differences(FunctionId id, bool smoothed, const SampleSpan& samples)
      : t_(samples.t), v_(samples.v), counter_(id != FunctionId::kDelta), smoothed_(smoothed) {
    if (!counter_) return;
    for (size_t i = 1; i < v_.size(); ++i) {
      if (v_[i] < v_[i - 1]) drops_.push_back(i);
    }
  }

  bool falls() const { return !drops_.empty(); }

  // Windows come in order of time, with their margins: samples in (after, until] can be seen.
  double Of(int64_t start, int64_t end, int64_t after, int64_t until) {
    Advance(low_, [&](int64_t t) { return t <= after; });
    Advance(high_, [&](int64_t t) { return t <= until; });
    Advance(behind_start_, [&](int64_t t) { return t <= start; });
    Advance(at_end_, [&](int64_t t) { return t < end; });
    if (low_ >= high_) return Absent();
    const size_t newest = high_ - 1;
    const size_t behind = std::clamp(behind_start_, low_, newest);
    const size_t first = behind == low_ ? low_ : behind - 1;
    const size_t last = smoothed_ ? std::clamp(at_end_, low_, newest) : newest;
    if (t_[last] <= start || (smoothed_ && t_[first] > end)) return Absent();

    const double left = smoothed_ && t_[first] < start ? Interpolate(first, start) : v_[first];
    const double right =
        smoothed_ && last > low_ && t_[last] > end ? Interpolate(last - 1, end) : v_[last];
    const double difference = right - left;
    if (!counter_) return difference;
    // Strictly inside the window.
    const size_t begin = first + (t_[first] <= start ? 1 : 0);
    return difference + Correction(begin, last + (t_[last] >= end ? 0 : 1), left, right);
  }

 private:
  template <class Before>
  void Advance(size_t& place, Before before) const {
    while (place < t_.size() && before(t_[place])) ++place;
  }

  double Interpolate(size_t i, int64_t t) const {
    double y1 = v_[i];
    const double y2 = v_[i + 1];
    if (counter_ && y2 < y1) y1 = 0;  // it started again from zero
    return y1 + (y2 - y1) * static_cast<double>(t - t_[i]) / static_cast<double>(t_[i + 1] - t_[i]);
  }

  // The values from which it fell on its way from `left` over [begin, end) to `right`, added up in
  // that order.
  double Correction(size_t begin, size_t end, double left, double right) {
    if (begin >= end) return right < left ? left : 0;
    double correction = v_[begin] < left ? left : 0;
    while (drop_ < drops_.size() && drops_[drop_] <= begin) ++drop_;
    for (size_t d = drop_; d < drops_.size() && drops_[d] < end; ++d) {
      correction += v_[drops_[d] - 1];
    }
    if (right < v_[end - 1]) correction += v_[end - 1];
    return correction;
  }

  const std::span<const int64_t> t_;
  const std::span<const double> v_;
  const bool counter_, smoothed_;
  std::vector<size_t> drops_;  // samples below the one before
  size_t low_ = 0, high_ = 0, behind_start_ = 0, at_end_ = 0, drop_ = 0;
};

// Steps [first, last) whose windows are neither before all samples nor behind them.
struct Reach {
  size_t first, last;
};
Reach ReachOf(const Windows& windows, const Margins& margins, std::span<const int64_t> t) {
  const size_t steps = windows.grid.size();
  if (t.empty()) return {0, 0};
  if (windows.fixed) return {0, steps};
  // The first step for which `holds`: it does for all behind it.
  const auto first_step = [steps](auto holds) {
    size_t low = 0, high = steps;
    while (low < high) {
      const size_t middle = low + (high - low) / 2;
      (holds(middle) ? high : low) = holds(middle) ? middle : middle + 1;
    }
    return low;
  };
  const size_t first =
      first_step([&](size_t s) { return windows.End(s) + margins.after_ms >= t.front(); });
  const size_t last = first_step([&](size_t s) { return windows.Start(s) >= t.back(); });
  return {std::min(first, last), last};
}

}  // namespace

void FloatDifferences(FunctionId id, bool smoothed, const Windows& windows, const Margins& margins,
                      const SampleSpan& samples, std::span<double> out) {
  Differences differences(id, smoothed, samples);
  const double seconds = DurationSeconds(windows.range_ms);
  EvenSteps even;
  if (!differences.falls() && !samples.empty()) {
    even = EvenDifferences({id != FunctionId::kDelta, smoothed}, windows, margins, samples, out);
  }
  const Reach reach = ReachOf(windows, margins, samples.t);
  std::fill(out.begin(), out.begin() + static_cast<ptrdiff_t>(reach.first), Absent());
  std::fill(out.begin() + static_cast<ptrdiff_t>(reach.last), out.end(), Absent());
  for (size_t s = reach.first; s < reach.last; ++s) {
    if (s == even.first) s = std::max(s, even.last);
    if (s >= reach.last) break;
    const int64_t start = windows.Start(s), end = windows.End(s);
    out[s] = differences.Of(start, end, start - margins.before_ms, end + margins.after_ms);
  }
  if (id != FunctionId::kRate) return;
  for (double& v : out) {
    if (!IsAbsent(v)) v /= seconds;
  }
}

}  // namespace synoptic::promql::internal
