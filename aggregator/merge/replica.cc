// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/merge/replica.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "base/status.h"

namespace synoptic::aggregator {
namespace {

using promql::MixedSample;
using promql::MixedSamples;
using promql::RawSeries;

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

using Times = std::vector<int64_t>;

Times TimesOf(const MixedSamples& samples) {
  Times times;
  times.reserve(samples.size());
  for (const MixedSample& sample : samples) times.push_back(sample.t);
  return times;
}

// The median distance of neighbours; 0 when there are too few to tell.
int64_t LearnInterval(const Times& times) {
  if (times.size() < 3) return 0;
  Times gaps;
  gaps.reserve(times.size() - 1);
  for (size_t i = 1; i < times.size(); ++i) gaps.push_back(times[i] - times[i - 1]);
  const auto middle = gaps.begin() + static_cast<std::ptrdiff_t>(gaps.size() / 2);
  std::nth_element(gaps.begin(), middle, gaps.end());
  return *middle;
}

// Copies the sibling's samples from the stretch (after, before) that keep half an interval of
// distance to the base's own samples at its ends: k missed scrapes are filled by exactly k samples.
class Filler {
 public:
  Filler(const MixedSamples& sibling, int64_t interval) : sibling_(sibling), half_(interval / 2) {}

  // `out` ends with the base's sample at `after`.
  void Fill(int64_t after, int64_t before, MixedSamples& out) {
    const int64_t from = after == kMin ? kMin : after + half_;
    const int64_t until = before == kMax ? kMax : before - half_;
    while (next_ < sibling_.size() && sibling_[next_].t <= from) ++next_;
    bool first = true;
    for (; next_ < sibling_.size() && sibling_[next_].t <= until; ++next_) {
      const MixedSample& sample = sibling_[next_];
      // The base lost its target and said so; the sibling still had it: no end of the series.
      const bool resumes = first && !out.empty() && out.back().IsStale() && !sample.IsStale();
      if (resumes) out.pop_back();
      out.push_back(sample);
      if (first) promql::ForgetResetHint(out.back());
      first = false;
      filled_ = true;
    }
  }
  // Whether the last Fill took something, asked once: the next sample follows another's.
  bool TakeFilled() { return std::exchange(filled_, false); }

 private:
  const MixedSamples& sibling_;
  const int64_t half_;
  size_t next_ = 0;
  bool filled_ = false;
};

bool TimesHaveHole(const Times& times) {
  const int64_t interval = LearnInterval(times);
  if (interval == 0) return false;
  for (size_t i = 1; i < times.size(); ++i) {
    if (times[i] - times[i - 1] > interval + interval / 2) return true;
  }
  return false;
}

enum class Verdict { kWhole, kHole, kUnclear };

// The times of whole chunks tell most: a hole between two, or one that lasts longer than its number
// of samples at the interval of the densest.
Verdict JudgeByChunks(const std::vector<promql::Chunk>& chunks) {
  constexpr double kSlack = 0.4;  // of an interval: below a missed scrape, above jitter
  double interval = std::numeric_limits<double>::infinity();
  const auto span = [](const promql::Chunk& chunk) {
    return static_cast<double>(chunk.max_t) - static_cast<double>(chunk.min_t);
  };
  const auto steps = [](const promql::Chunk& chunk) {
    return static_cast<double>(promql::XorSampleCount(chunk.bytes)) - 1;
  };
  for (const promql::Chunk& chunk : chunks) {
    if (steps(chunk) >= 2) interval = std::min(interval, span(chunk) / steps(chunk));
  }
  if (chunks.size() < 2 || interval == std::numeric_limits<double>::infinity()) {
    return Verdict::kUnclear;
  }
  for (size_t i = 0; i < chunks.size(); ++i) {
    if (span(chunks[i]) > (steps(chunks[i]) + kSlack) * interval) return Verdict::kHole;
    if (i == 0) continue;
    const double between =
        static_cast<double>(chunks[i].min_t) - static_cast<double>(chunks[i - 1].max_t);
    if (between > 1.5 * interval) return Verdict::kHole;
  }
  return Verdict::kWhole;
}

absl::StatusOr<RawSeries> MergePair(RawSeries a, RawSeries b) {
  ASSIGN_OR_RETURN(const MixedSamples left, promql::ReadMixed(a));
  ASSIGN_OR_RETURN(const MixedSamples right, promql::ReadMixed(b));
  const bool left_is_base = left.size() >= right.size();
  const MixedSamples& base = left_is_base ? left : right;
  MixedSamples merged = FillHoles(base, left_is_base ? right : left);
  RawSeries& kept = left_is_base ? a : b;
  // Nothing filled: stay compressed.
  if (TimesOf(merged) != TimesOf(base)) promql::SetMixed(std::move(merged), kept);
  return std::move(kept);
}

}  // namespace

bool MayHaveHoles(const RawSeries& series) {
  if (const auto* columns = std::get_if<promql::SampleColumns>(&series.data)) {
    if (series.histograms.empty()) return TimesHaveHole(columns->t);
    Times times;
    std::merge(columns->t.begin(), columns->t.end(), series.histograms.t.begin(),
               series.histograms.t.end(), std::back_inserter(times));
    return TimesHaveHole(times);
  }
  const Verdict verdict = JudgeByChunks(std::get<std::vector<promql::Chunk>>(series.data));
  if (verdict != Verdict::kUnclear) return verdict == Verdict::kHole;
  // What cannot be read is the evaluator's to report.
  const auto samples = promql::ReadMixed(series);
  return samples.ok() && TimesHaveHole(TimesOf(*samples));
}

MixedSamples FillHoles(const MixedSamples& base, const MixedSamples& sibling) {
  int64_t interval = LearnInterval(TimesOf(base));
  if (interval == 0) interval = LearnInterval(TimesOf(sibling));
  if (base.empty() || sibling.empty() || interval == 0) return base.empty() ? sibling : base;
  const auto hole = [&](int64_t from, int64_t to) { return to - from > interval + interval / 2; };

  MixedSamples out;
  out.reserve(base.size());
  Filler filler(sibling, interval);
  if (hole(sibling.front().t, base.front().t)) filler.Fill(kMin, base.front().t, out);
  for (size_t i = 0; i < base.size(); ++i) {
    if (i > 0 && hole(base[i - 1].t, base[i].t)) filler.Fill(base[i - 1].t, base[i].t, out);
    out.push_back(base[i]);
    if (filler.TakeFilled()) promql::ForgetResetHint(out.back());
  }
  if (hole(base.back().t, sibling.back().t)) filler.Fill(base.back().t, kMax, out);
  return out;
}

absl::StatusOr<std::vector<RawSeries>> MergeReplicas(std::vector<RawSeries> a,
                                                     std::vector<RawSeries> b) {
  std::vector<RawSeries> out;
  out.reserve(std::max(a.size(), b.size()));
  size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    const auto order = a[i].labels <=> b[j].labels;
    if (order < 0) {
      out.push_back(std::move(a[i++]));
    } else if (order > 0) {
      out.push_back(std::move(b[j++]));
    } else {
      ASSIGN_OR_RETURN(RawSeries merged, MergePair(std::move(a[i++]), std::move(b[j++])));
      out.push_back(std::move(merged));
    }
  }
  for (; i < a.size(); ++i) out.push_back(std::move(a[i]));
  for (; j < b.size(); ++j) out.push_back(std::move(b[j]));
  return out;
}

}  // namespace synoptic::aggregator
