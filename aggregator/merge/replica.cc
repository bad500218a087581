// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/merge/replica.h"

#include <algorithm>
#include <utility>

#include "aggregator/merge/missed_scrapes.h"
#include "base/status.h"

namespace synoptic::aggregator {
namespace {

using promql::MixedSample;
using promql::MixedSamples;
using promql::RawSeries;
using Times = MissedScrapes::Times;

// Of scrapes that succeeded: a stale marker says that one did not.
Times LiveTimes(const MixedSamples& samples) {
  Times times;
  times.reserve(samples.size());
  for (const MixedSample& sample : samples) {
    if (!sample.IsStale()) times.push_back(sample.t);
  }
  return times;
}

// Two sources into one list; where the source changes, a histogram's hint tells nothing any more.
class Joiner {
 public:
  explicit Joiner(size_t most) { out_.reserve(most); }
  void Add(const MixedSample& sample, bool filled) {
    out_.push_back(sample);
    if (std::exchange(last_filled_, filled) != filled) promql::ForgetResetHint(out_.back());
  }
  MixedSamples Take() { return std::move(out_); }

 private:
  MixedSamples out_;
  bool last_filled_ = false;
};

// Empty when `base` lacks nothing in `where`.
MixedSamples Missed(const MixedSamples& sibling, const MissedScrapes& scrapes,
                    const TimeSpans& where) {
  MixedSamples out;
  for (const TimeSpan& span : where) {
    auto at = std::lower_bound(sibling.begin(), sibling.end(), span.from,
                               [](const MixedSample& sample, int64_t t) { return sample.t < t; });
    for (; at != sibling.end() && at->t <= span.until; ++at) {
      if (scrapes.Lacks(at->t)) out.push_back(*at);
    }
  }
  return out;
}

absl::StatusOr<RawSeries> FillPair(RawSeries base, const RawSeries& sibling,
                                   const TimeSpans& where) {
  ASSIGN_OR_RETURN(const MixedSamples own, promql::ReadMixed(base));
  ASSIGN_OR_RETURN(const MixedSamples other, promql::ReadMixed(sibling));
  MixedSamples merged = FillHoles(own, other, where);
  const auto same_sample = [](const MixedSample& a, const MixedSample& b) {
    return a.t == b.t && a.IsStale() == b.IsStale();
  };
  // Nothing filled: stay compressed.
  const bool same = std::equal(merged.begin(), merged.end(), own.begin(), own.end(), same_sample);
  if (!same) promql::SetMixed(std::move(merged), base);
  return base;
}

}  // namespace

MixedSamples FillHoles(const MixedSamples& base, const MixedSamples& sibling,
                       const TimeSpans& where) {
  const Times own = LiveTimes(base);
  const Times others = LiveTimes(sibling);
  const MissedScrapes scrapes(own, others);
  const MixedSamples filled = Missed(sibling, scrapes, where);
  if (filled.empty()) return base;
  Joiner out(base.size() + filled.size());
  auto fill = filled.begin();
  for (const MixedSample& sample : base) {
    for (; fill != filled.end() && fill->t < sample.t; ++fill) out.Add(*fill, true);
    // The base lost its target and said so; the sibling still had it: no end of the series.
    const bool ours_alone =
        sample.IsStale() && Contains(where, sample.t) && scrapes.SiblingWentOn(sample.t);
    if (!ours_alone) out.Add(sample, false);
    if (fill != filled.end() && fill->t == sample.t) {
      if (ours_alone) out.Add(*fill, true);
      ++fill;
    }
  }
  for (; fill != filled.end(); ++fill) out.Add(*fill, true);
  return out.Take();
}

absl::StatusOr<std::vector<RawSeries>> FillFrom(std::vector<RawSeries> base,
                                                std::vector<RawSeries> sibling,
                                                const TimeSpans& where) {
  std::vector<RawSeries> out;
  out.reserve(std::max(base.size(), sibling.size()));
  size_t i = 0, j = 0;
  while (i < base.size() || j < sibling.size()) {
    const bool only_sibling =
        i == base.size() || (j < sibling.size() && sibling[j].labels < base[i].labels);
    if (only_sibling) {
      ASSIGN_OR_RETURN(RawSeries added, FillPair({sibling[j].labels, {}, {}}, sibling[j], where));
      ++j;
      const auto* floats = std::get_if<promql::SampleColumns>(&added.data);
      if (floats != nullptr && floats->empty() && added.histograms.empty()) continue;
      out.push_back(std::move(added));
    } else if (j < sibling.size() && sibling[j].labels == base[i].labels) {
      ASSIGN_OR_RETURN(RawSeries merged, FillPair(std::move(base[i++]), sibling[j++], where));
      out.push_back(std::move(merged));
    } else {
      out.push_back(std::move(base[i++]));
    }
  }
  return out;
}

}  // namespace synoptic::aggregator
