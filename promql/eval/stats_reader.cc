// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/stats_reader.h"

#include <algorithm>

#include "promql/model/histogram_math.h"

namespace synoptic::promql::internal {
namespace {

constexpr size_t kFloat = static_cast<size_t>(-1);

}  // namespace

std::span<const CounterResetHint> StatsReader::Hints(std::span<const int64_t> float_t,
                                                     std::span<const int64_t> t,
                                                     std::span<const HistogramPtr> h,
                                                     const ReadingPlan& plan) {
  t_ = t;
  h_ = h;
  histogram_.clear();
  if (!float_t.empty()) {
    merged_t_.clear();
    const auto push = [this](int64_t time, size_t histogram) {
      merged_t_.push_back(time);
      histogram_.push_back(histogram);
    };
    size_t f = 0;
    for (size_t i = 0; i < t.size(); ++i) {
      for (; f < float_t.size() && float_t[f] < t[i]; ++f) push(float_t[f], kFloat);
      push(t[i], i);
    }
    for (; f < float_t.size(); ++f) push(float_t[f], kFloat);
    t_ = merged_t_;
  }
  hints_.assign(h.size(), CounterResetHint::kUnknown);
  Go(plan);
  return hints_;
}

std::span<const StatsReader::Step> StatsReader::Steps(std::span<const int64_t> t,
                                                      const ReadingPlan& plan) {
  if (std::ranges::equal(t, steps_t_)) return steps_;
  steps_t_.assign(t.begin(), t.end());
  steps_.assign(t.size(), Step::kNever);
  t_ = steps_t_;
  h_ = {};
  histogram_.clear();
  Go(plan);
  return steps_;
}

void StatsReader::Go(const ReadingPlan& plan) {
  at_ = read_ = 0;
  reached_ = INT64_MIN;
  last_ = nullptr;
  behind_ = false;
  for (size_t s = 0; s < plan.ends.size(); ++s) {
    Seek(plan.ends.at(s), s == 0 ? plan.first_delta : plan.delta);
  }
}

void StatsReader::Seek(int64_t end, int64_t delta) {
  if (at_ < t_.size() && end - delta > reached_) {
    if (t_[at_] < end - delta) {
      last_ = nullptr;
      behind_ = false;
    }
    at_ = static_cast<size_t>(
        std::lower_bound(t_.begin() + static_cast<std::ptrdiff_t>(at_), t_.end(), end - delta) -
        t_.begin());
    if (at_ < t_.size()) reached_ = t_[at_];
  }
  while (at_ < t_.size() && reached_ < end) {
    Read(at_);
    if (++at_ < t_.size()) reached_ = t_[at_];
  }
  if (at_ < t_.size() && t_[at_] == end) Read(at_);
}

void StatsReader::Read(size_t sample) {
  const size_t i = histogram_.empty() ? sample : histogram_[sample];
  if (i == kFloat || read_ > sample) return;
  read_ = sample + 1;
  if (h_.empty()) {
    steps_[i] = behind_ ? Step::kBehind : Step::kJump;
    behind_ = true;
    return;
  }
  const FloatHistogram& h = *h_[i];
  hints_[i] = h.hint;
  if (IsStaleNaN(h.sum)) return;
  if (h.hint == CounterResetHint::kUnknown && last_ != nullptr) {
    hints_[i] = DetectReset(h, *last_) ? CounterResetHint::kReset : CounterResetHint::kNotReset;
  }
  last_ = &h;
}

void KeepStats(CounterResetHint hint, FloatHistogram& h) {
  h.hint = hint;
  h.zero_threshold = h.zero_count = 0;
  // Cleared vectors keep their memory for the next chunk's histograms.
  h.positive_spans.clear();
  h.negative_spans.clear();
  h.positive_buckets.clear();
  h.negative_buckets.clear();
  h.custom_values.clear();
}

}  // namespace synoptic::promql::internal
