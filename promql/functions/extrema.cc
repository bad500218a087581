// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// min, max and the times they were reached at, by a queue of candidates: each sample enters and
// leaves it once, however wide the window.
#include <cmath>
#include <functional>
#include <vector>

#include "promql/functions/kernels.h"
#include "promql/functions/window.h"

namespace synoptic::promql {
namespace {

// Indexes of samples that are or may become the extremum, best first. `Beats(new, old)` drops the
// old candidate: a strict comparison keeps the earliest of equal samples, else the latest stays.
template <class Beats>
class Candidates {
 public:
  explicit Candidates(std::span<const double> v) : v_(v) {}

  // The extremum's index; the last sample's when all are NaN, which win over nothing.
  size_t Best(const Window& w) {
    for (size_t i = std::max(next_, w.lo); i < w.hi; ++i) Push(i);
    next_ = std::max(next_, w.hi);
    while (head_ < queue_.size() && queue_[head_] < w.lo) ++head_;
    return head_ < queue_.size() ? queue_[head_] : w.hi - 1;
  }

 private:
  void Push(size_t i) {
    if (std::isnan(v_[i])) return;
    while (queue_.size() > head_ && Beats()(v_[i], v_[queue_.back()])) queue_.pop_back();
    queue_.push_back(i);
  }

  std::span<const double> v_;
  std::vector<size_t> queue_;
  size_t head_ = 0;
  size_t next_ = 0;
};

template <class Beats>
void ValueKernel(const RangeInput& in, std::span<double> out) {
  Candidates<Beats> candidates(in.v);
  ForEachWindow(in, out, [&](const Window& w, size_t) { return in.v[candidates.Best(w)]; });
}

template <class Beats>
void TimeKernel(const RangeInput& in, std::span<double> out) {
  Candidates<Beats> candidates(in.v);
  ForEachWindow(in, out, [&](const Window& w, size_t) {
    return static_cast<double>(in.t[candidates.Best(w)]) / 1000;
  });
}

}  // namespace

void MinOverTimeKernel(const RangeInput& in, std::span<double> out) {
  ValueKernel<std::less<>>(in, out);
}
void MaxOverTimeKernel(const RangeInput& in, std::span<double> out) {
  ValueKernel<std::greater<>>(in, out);
}
void TsOfMinOverTimeKernel(const RangeInput& in, std::span<double> out) {
  TimeKernel<std::less_equal<>>(in, out);
}
void TsOfMaxOverTimeKernel(const RangeInput& in, std::span<double> out) {
  TimeKernel<std::greater_equal<>>(in, out);
}

}  // namespace synoptic::promql
