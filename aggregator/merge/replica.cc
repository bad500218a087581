// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/merge/replica.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <limits>
#include <optional>
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
  Joiner(const MixedSamples& base, const MixedSamples& sibling, size_t most, const TimeSpans& where,
         const ScrapedTargets::OfSeries& targets)
      : base_(base), sibling_(sibling), where_(where), targets_(targets) {
    out_.reserve(most);
  }
  void Add(const MixedSample& sample, bool filled) {
    EndBefore(sample.t);
    out_.push_back(sample);
    if (std::exchange(last_filled_, filled) != filled) promql::ForgetResetHint(out_.back());
  }
  MixedSamples Take() {
    EndBefore(std::numeric_limits<int64_t>::max());
    return std::move(out_);
  }

 private:
  // Neither replica says that a series ended when one had it and the other, who did not, scraped
  // next, or itself after a restart: one server would have.
  void EndBefore(int64_t next) {
    if (out_.empty() || out_.back().IsStale() || !Contains(where_, out_.back().t)) return;
    const MixedSamples& source = last_filled_ ? sibling_ : base_;
    const int64_t t = out_.back().t;
    const auto after = std::upper_bound(source.begin(), source.end(), t, BeforeSample);
    const int64_t said = after == source.end() ? std::numeric_limits<int64_t>::max() : after->t;
    const auto end = targets_.EndedBy({t, said, last_filled_}, next, where_);
    if (end.has_value()) out_.push_back({*end, promql::StaleNaN(), nullptr});
  }

  static bool BeforeSample(int64_t t, const MixedSample& sample) { return t < sample.t; }

  const MixedSamples& base_;
  const MixedSamples& sibling_;
  const TimeSpans& where_;
  const ScrapedTargets::OfSeries& targets_;
  MixedSamples out_;
  bool last_filled_ = false;
};

// Empty when `base` lacks nothing in `where`.
MixedSamples Missed(const MixedSamples& sibling, const MissedScrapes& scrapes,
                    const TimeSpans& where, const ScrapedTargets::OfSeries& targets) {
  MixedSamples out;
  for (const TimeSpan& span : where) {
    auto at = std::lower_bound(sibling.begin(), sibling.end(), span.from,
                               [](const MixedSample& sample, int64_t t) { return sample.t < t; });
    for (; at != sibling.end() && at->t <= span.until; ++at) {
      const std::optional<bool> lacks = targets.Lacks(at->t);
      if (lacks.has_value() ? *lacks : scrapes.Lacks(at->t)) out.push_back(*at);
    }
  }
  return out;
}

// Whether the base's own sample gives way: it says that the target was lost (a stale marker, an
// `up` of 0) where the sibling still had it.
bool GivesWay(const MixedSample& sample, const MixedSamples& filled, const MissedScrapes& scrapes,
              const TimeSpans& where, const ScrapedTargets::OfSeries& targets) {
  if (filled.empty() || !Contains(where, sample.t)) return false;
  const std::optional<bool> failed = targets.Failed(sample.t);
  if (!failed.has_value()) return sample.IsStale() && scrapes.SiblingWentOn(sample.t);
  if (!*failed) return false;
  const auto after = std::lower_bound(filled.begin(), filled.end(), sample.t,
                                      [](const MixedSample& a, int64_t t) { return a.t < t; });
  return (after != filled.end() && targets.SameSlot(sample.t, after->t)) ||
         (after != filled.begin() && targets.SameSlot(sample.t, std::prev(after)->t));
}

absl::StatusOr<RawSeries> FillPair(RawSeries base, const RawSeries& sibling, const TimeSpans& where,
                                   ScrapedTargets& targets) {
  ASSIGN_OR_RETURN(const MixedSamples own, promql::ReadMixed(base));
  ASSIGN_OR_RETURN(const MixedSamples other, promql::ReadMixed(sibling));
  MixedSamples merged = FillHoles(own, other, where, targets.For(sibling.labels));
  const auto same_sample = [](const MixedSample& a, const MixedSample& b) {
    return a.t == b.t && std::bit_cast<uint64_t>(a.v) == std::bit_cast<uint64_t>(b.v) && a.h == b.h;
  };
  // Nothing filled: stay compressed.
  const bool same = std::equal(merged.begin(), merged.end(), own.begin(), own.end(), same_sample);
  if (!same) promql::SetMixed(std::move(merged), base);
  return base;
}

}  // namespace

MixedSamples FillHoles(const MixedSamples& base, const MixedSamples& sibling,
                       const TimeSpans& where, const ScrapedTargets::OfSeries& targets) {
  const Times own = LiveTimes(base);
  const Times others = LiveTimes(sibling);
  const MissedScrapes scrapes(own, others);
  const MixedSamples filled = Missed(sibling, scrapes, where, targets);
  Joiner out(base, sibling, base.size() + filled.size(), where, targets);
  auto fill = filled.begin();
  for (const MixedSample& sample : base) {
    for (; fill != filled.end() && fill->t < sample.t; ++fill) out.Add(*fill, true);
    const bool ours_alone = GivesWay(sample, filled, scrapes, where, targets);
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
                                                const TimeSpans& where, ScrapedTargets& targets) {
  std::vector<RawSeries> out;
  out.reserve(std::max(base.size(), sibling.size()));
  size_t i = 0, j = 0;
  while (i < base.size() || j < sibling.size()) {
    const bool only_sibling =
        i == base.size() || (j < sibling.size() && sibling[j].labels < base[i].labels);
    if (only_sibling) {
      ASSIGN_OR_RETURN(RawSeries added,
                       FillPair({sibling[j].labels, {}, {}}, sibling[j], where, targets));
      ++j;
      const auto* floats = std::get_if<promql::SampleColumns>(&added.data);
      if (floats != nullptr && floats->empty() && added.histograms.empty()) continue;
      out.push_back(std::move(added));
    } else if (j < sibling.size() && sibling[j].labels == base[i].labels) {
      ASSIGN_OR_RETURN(RawSeries merged,
                       FillPair(std::move(base[i++]), sibling[j++], where, targets));
      out.push_back(std::move(merged));
    } else {
      const RawSeries none{base[i].labels, {}, {}};
      ASSIGN_OR_RETURN(RawSeries kept, FillPair(std::move(base[i++]), none, where, targets));
      out.push_back(std::move(kept));
    }
  }
  return out;
}

}  // namespace synoptic::aggregator
