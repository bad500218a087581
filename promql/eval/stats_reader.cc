// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/stats_reader.h"

#include <algorithm>
#include <vector>

#include "promql/model/histogram_math.h"

namespace synoptic::promql::internal {
namespace {

class StatsReader {
 public:
  StatsReader(std::span<const int64_t> float_t, std::span<const int64_t> t,
              std::span<const HistogramPtr> h)
      : h_(h), hints_(h.size(), CounterResetHint::kUnknown) {
    t_.reserve(float_t.size() + t.size());
    histogram_.reserve(float_t.size() + t.size());
    size_t f = 0;
    for (size_t i = 0; i < t.size(); ++i) {
      for (; f < float_t.size() && float_t[f] < t[i]; ++f) Push(float_t[f], kFloat);
      Push(t[i], i);
    }
    for (; f < float_t.size(); ++f) Push(float_t[f], kFloat);
  }

  const std::vector<CounterResetHint>& Go(const ReadingPlan& plan) {
    for (size_t s = 0; s < plan.ends.size(); ++s) {
      Seek(plan.ends.at(s), s == 0 ? plan.first_delta : plan.delta);
    }
    return hints_;
  }

 private:
  static constexpr size_t kFloat = static_cast<size_t>(-1);

  void Push(int64_t t, size_t histogram) {
    t_.push_back(t);
    histogram_.push_back(histogram);
  }

  void Seek(int64_t end, int64_t delta) {
    if (at_ < t_.size() && end - delta > reached_) {
      if (t_[at_] < end - delta) last_ = nullptr;
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

  void Read(size_t sample) {
    const size_t i = histogram_[sample];
    if (i == kFloat || read_ > sample) return;
    read_ = sample + 1;
    const FloatHistogram& h = *h_[i];
    hints_[i] = h.hint;
    if (IsStaleNaN(h.sum)) return;
    if (h.hint == CounterResetHint::kUnknown && last_ != nullptr) {
      hints_[i] = DetectReset(h, *last_) ? CounterResetHint::kReset : CounterResetHint::kNotReset;
    }
    last_ = &h;
  }

  std::span<const HistogramPtr> h_;
  std::vector<CounterResetHint> hints_;
  std::vector<int64_t> t_;         // of both kinds
  std::vector<size_t> histogram_;  // which one it is, or kFloat
  size_t at_ = 0;
  size_t read_ = 0;  // samples before this one were read, or never will be
  int64_t reached_ = INT64_MIN;
  const FloatHistogram* last_ = nullptr;
};

}  // namespace

HistogramColumns ReadStats(std::span<const int64_t> float_t, std::span<const int64_t> t,
                           std::span<const HistogramPtr> h, std::span<const int64_t> st,
                           const ReadingPlan& plan, HistogramPool& pool) {
  StatsReader reader(float_t, t, h);
  const std::vector<CounterResetHint>& hints = reader.Go(plan);
  HistogramColumns out;
  out.h.reserve(t.size());
  for (size_t i = 0; i < t.size(); ++i) {
    const std::shared_ptr<FloatHistogram>& stats = pool.Take();
    stats->hint = hints[i];
    stats->schema = h[i]->schema;
    stats->count = h[i]->count;
    stats->sum = h[i]->sum;
    out.h.emplace_back() = stats;
  }
  out.t.assign(t.begin(), t.end());
  out.st.assign(st.begin(), st.end());
  return out;
}

}  // namespace synoptic::promql::internal
