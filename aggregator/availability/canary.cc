// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/availability/canary.h"

#include <algorithm>
#include <limits>
#include <map>

#include "aggregator/merge/missed_scrapes.h"
#include "aggregator/merge/scraped_targets.h"
#include "base/status.h"

namespace synoptic::aggregator {
namespace {

using promql::Labels;
using promql::RawSeries;
using Times = MissedScrapes::Times;

constexpr int64_t kMin = std::numeric_limits<int64_t>::min() / 2;
constexpr int64_t kMax = std::numeric_limits<int64_t>::max() / 2;
// A scrape may last that long before its samples are there.
constexpr int64_t kScrapeTimeoutMs = 15'000;
// Samples with times of their own (cAdvisor's) can be older than the scrape that brought them.
constexpr int64_t kWidenMs = 60'000;

// One series at each replica that answered; empty where it has none.
using ByReplica = std::vector<Scrapes>;

// What `own` missed of `sibling` by `scrapes`, as stretches between own samples.
void AddMissed(const MissedScrapes& scrapes, const Times& own, const Times& sibling, int64_t as_of,
               std::vector<TimeSpan>& gaps) {
  for (const int64_t t : sibling) {
    if (!gaps.empty() && t >= gaps.back().from && t <= gaps.back().until) continue;
    if (!scrapes.Lacks(t)) continue;
    const auto after = std::upper_bound(own.begin(), own.end(), t);
    const bool last = after == own.end();
    // Its own scrape may be under way.
    if (last && t + scrapes.IntervalNear(t) + kScrapeTimeoutMs > as_of) continue;
    gaps.push_back({after == own.begin() ? kMin : *std::prev(after) + 1, last ? kMax : *after - 1});
  }
}

// Without a sibling to compare with: stretches in which nothing was scraped.
void AddSilence(const std::map<Labels, ByReplica>& series, size_t replica, int64_t as_of,
                std::vector<TimeSpan>& gaps) {
  Times all;
  int64_t longest = 0;  // interval of any series
  for (const auto& [labels, times] : series) {
    const Times& own = times[replica].all;
    all.insert(all.end(), own.begin(), own.end());
    if (own.size() < 2) continue;
    longest = std::max(longest, MissedScrapes(own, own).IntervalNear(own[own.size() / 2]));
  }
  std::sort(all.begin(), all.end());
  if (all.empty()) return;
  const int64_t most = longest + longest / 2;
  for (size_t i = 1; i < all.size(); ++i) {
    if (all[i] - all[i - 1] > most) gaps.push_back({all[i - 1] + 1, all[i] - 1});
  }
  if (as_of - all.back() > most + kScrapeTimeoutMs) gaps.push_back({all.back() + 1, kMax});
}

// Where no canary tells anything about anybody.
std::vector<TimeSpan> WithoutCanary(const std::map<Labels, ByReplica>& series) {
  std::vector<TimeSpan> near;
  for (const auto& [labels, replicas] : series) {
    for (const Scrapes& scrapes : replicas) {
      for (const int64_t t : scrapes.all) {
        if (!near.empty() && t >= near.back().from && t <= near.back().until) {
          near.back().until = std::max(near.back().until, t + kNearMs);
        } else {
          near.push_back({t - kNearMs, t + kNearMs});
        }
      }
    }
  }
  std::vector<TimeSpan> out;
  int64_t next = kMin;
  for (const TimeSpan& span : Unite(std::move(near))) {
    if (next < span.from) out.push_back({next, span.from - 1});
    next = span.until + 1;
  }
  out.push_back({next, kMax});
  return out;
}

}  // namespace

absl::StatusOr<std::vector<TimeSpans>> FindGaps(const std::vector<CanarySeries>& replicas,
                                                int64_t from, int64_t until, int64_t as_of) {
  std::map<Labels, ByReplica> series;
  size_t known = 0;
  for (size_t r = 0; r < replicas.size(); ++r) {
    if (!replicas[r].has_value()) continue;
    ++known;
    for (const RawSeries& one : *replicas[r]) {
      ByReplica& times = series[one.labels];
      times.resize(replicas.size());
      ASSIGN_OR_RETURN(times[r], ScrapesOf(one));
    }
  }
  const std::vector<TimeSpan> unknown = WithoutCanary(series);
  std::vector<TimeSpans> out;
  for (size_t r = 0; r < replicas.size(); ++r) {
    if (!replicas[r].has_value()) {
      out.push_back({{from, until}});
      continue;
    }
    std::vector<TimeSpan> gaps = unknown;
    for (const auto& [labels, times] : series) {
      for (size_t other = 0; other < replicas.size(); ++other) {
        if (other == r) continue;
        const Scrapes &own = times[r], &sibling = times[other];
        std::vector<TimeSpan> missed;
        // A scrape that failed has an `up` of 0 and stale markers; one that never was has nothing.
        AddMissed({own.live, own.all, sibling.all}, own.live, sibling.live, as_of, missed);
        gaps.insert(gaps.end(), missed.begin(), missed.end());
        missed.clear();
        AddMissed({own.all, sibling.all}, own.all, sibling.all, as_of, missed);
        gaps.insert(gaps.end(), missed.begin(), missed.end());
      }
    }
    if (known == 1) AddSilence(series, r, as_of, gaps);
    out.push_back(Clip(Unite(std::move(gaps), kWidenMs), from, until));
  }
  return out;
}

}  // namespace synoptic::aggregator
