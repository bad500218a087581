// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/adaptive_limit.h"

#include <algorithm>

namespace synoptic::aggregator {
namespace {

constexpr double kAfterOverload = 0.7;
constexpr double kAfterSlowness = 0.8;
constexpr size_t kMostAnswers = 1000;  // of a window are looked at

}  // namespace

AdaptiveLimit::AdaptiveLimit(const Options& options)
    : options_(options), limit_(std::min(options.start, options.most)) {}

void AdaptiveLimit::OnAnswer(MonoTime started, MonoTime now, int in_flight) {
  if (window_start_ == MonoTime::min()) window_start_ = now;
  if (latencies_.size() < kMostAnswers) latencies_.push_back(now - started);
  used_up_ = used_up_ || in_flight + 1 >= places();
  if (now - window_start_ >= options_.window && latencies_.size() >= kEnough) EndWindow(now);
}

void AdaptiveLimit::OnOverload(MonoTime started, MonoTime now) {
  // What was under way already when it shrank says nothing about the places left.
  if (shrunk_at_ != MonoTime::min() && started < shrunk_at_) return;
  Shrink(kAfterOverload, now);
}

void AdaptiveLimit::Shrink(double factor, MonoTime now) {
  const int least = std::min(options_.least, options_.most);
  limit_ = std::max<double>(least, limit_ * factor);
  shrunk_at_ = now;
}

void AdaptiveLimit::EndWindow(MonoTime now) {
  const auto middle = latencies_.begin() + static_cast<long>(latencies_.size() / 2);
  std::nth_element(latencies_.begin(), middle, latencies_.end());
  const MonoDuration median = *middle;
  medians_[median_count_++ % kWindows] = median;
  const auto end = medians_.begin() + static_cast<long>(std::min(median_count_, kWindows));
  const MonoDuration best = *std::min_element(medians_.begin(), end);
  if (used_up_) {
    if (median > 2 * best + options_.noise) {
      Shrink(kAfterSlowness, now);
    } else {
      limit_ = std::min<double>(options_.most, limit_ + 1);
    }
  }
  window_start_ = now;
  used_up_ = false;
  latencies_.clear();
}

}  // namespace synoptic::aggregator
