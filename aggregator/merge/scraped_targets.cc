// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/merge/scraped_targets.h"

#include <algorithm>
#include <iterator>

#include "base/status.h"
#include "promql/model/mixed_samples.h"

namespace synoptic::aggregator {
namespace {

using promql::Labels;
using promql::RawSeries;
using Times = MissedScrapes::Times;

bool Has(const Times& times, int64_t t) {
  return std::binary_search(times.begin(), times.end(), t);
}

// The values of `names` where `wanted`, so that no two lists read alike.
std::string KeyOf(const Labels& labels, const std::vector<std::string>& names,
                  const std::vector<bool>& wanted) {
  std::string key;
  for (size_t i = 0; i < names.size(); ++i) {
    if (!wanted[i]) continue;
    const std::string_view value = labels.Get(names[i]);
    key += std::to_string(value.size());
    key += ':';
    key += value;
  }
  return key;
}

void SortByTime(std::vector<std::pair<int64_t, const ScrapedTargets::Target*>>& index) {
  std::sort(index.begin(), index.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
}

}  // namespace

absl::StatusOr<Scrapes> ScrapesOf(const RawSeries& series) {
  ASSIGN_OR_RETURN(const promql::MixedSamples samples, promql::ReadMixed(series));
  const bool is_up = series.labels.Get(promql::kMetricName) == "up";
  Scrapes scrapes;
  scrapes.all.reserve(samples.size());
  scrapes.live.reserve(samples.size());
  for (const promql::MixedSample& sample : samples) {
    if (sample.IsStale()) continue;
    scrapes.all.push_back(sample.t);
    if (!is_up || sample.h != nullptr || sample.v != 0) scrapes.live.push_back(sample.t);
  }
  return scrapes;
}

ScrapedTargets::Target::Target(Scrapes own_scrapes, Scrapes sibling_scrapes)
    : own(std::move(own_scrapes)),
      sibling(std::move(sibling_scrapes)),
      lacks_live(own.live, own.all, sibling.all),
      lacks_any(own.all, own.all, sibling.all),
      takes_(sibling.all.size()) {}

bool ScrapedTargets::Target::Takes(int64_t sibling_time) const {
  const auto at = std::lower_bound(sibling.all.begin(), sibling.all.end(), sibling_time);
  std::optional<bool>& takes = takes_[static_cast<size_t>(at - sibling.all.begin())];
  if (!takes.has_value()) {
    takes = Has(sibling.live, sibling_time) ? lacks_live.Lacks(sibling_time)
                                            : lacks_any.Lacks(sibling_time);
  }
  return *takes;
}

bool ScrapedTargets::Target::GaveWay(int64_t own_time) const {
  if (Has(own.live, own_time)) return false;
  const auto after = std::lower_bound(sibling.live.begin(), sibling.live.end(), own_time);
  return (after != sibling.live.end() && lacks_any.SameSlot(own_time, *after)) ||
         (after != sibling.live.begin() && lacks_any.SameSlot(own_time, *std::prev(after)));
}

bool ScrapedTargets::Target::WentOnWithout(int64_t t, int64_t next, bool is_sibling,
                                           const TimeSpans& where) const {
  const Scrapes& scrapes = is_sibling ? sibling : own;
  const auto slot = std::upper_bound(scrapes.all.begin(), scrapes.all.end(), t);
  if (slot == scrapes.all.end() || *slot >= next || !Contains(where, *slot)) return false;
  const int64_t interval = lacks_any.IntervalNear(t);
  return *slot - t <= interval + interval / 2 && Has(scrapes.live, *slot);
}

absl::StatusOr<ScrapedTargets> ScrapedTargets::Learn(const std::vector<RawSeries>& own,
                                                     const std::vector<RawSeries>& sibling) {
  std::map<Labels, std::pair<Scrapes, Scrapes>> by_labels;
  for (const RawSeries& series : own) {
    ASSIGN_OR_RETURN(by_labels[series.labels].first, ScrapesOf(series));
  }
  for (const RawSeries& series : sibling) {
    ASSIGN_OR_RETURN(by_labels[series.labels].second, ScrapesOf(series));
  }
  ScrapedTargets out;
  std::map<std::vector<std::string>, size_t> group_of;
  for (auto& [labels, scrapes] : by_labels) {
    std::vector<std::string> names;
    for (const promql::Label label : labels) {
      if (label.name != promql::kMetricName) names.emplace_back(label.name);
    }
    const auto [at, fresh] = group_of.try_emplace(names, out.groups_.size());
    if (fresh) out.groups_.push_back({std::move(names), {}, {}});
    const Target& target =
        out.targets_.emplace_back(std::move(scrapes.first), std::move(scrapes.second));
    out.groups_[at->second].targets.emplace_back(labels, &target);
  }
  return out;
}

ScrapedTargets::OfSeries ScrapedTargets::For(const Labels& series) {
  struct Found {
    std::ptrdiff_t common;  // labels
    const Group* group;
    const OfSeries::Bucket* bucket;
  };
  std::vector<Found> found;
  for (Group& group : groups_) {
    std::vector<bool> common;
    for (const std::string& name : group.names) common.push_back(!series.Get(name).empty());
    auto [buckets, fresh] = group.buckets.try_emplace(common);
    if (fresh) {
      for (const auto& [labels, target] : group.targets) {
        OfSeries::Bucket& bucket = buckets->second[KeyOf(labels, group.names, common)];
        for (const int64_t t : target->own.all) bucket.own.emplace_back(t, target);
        for (const int64_t t : target->sibling.all) bucket.sibling.emplace_back(t, target);
      }
      for (auto& [key, bucket] : buckets->second) {
        SortByTime(bucket.own);
        SortByTime(bucket.sibling);
      }
    }
    const auto bucket = buckets->second.find(KeyOf(series, group.names, common));
    if (bucket == buckets->second.end()) continue;
    found.push_back({std::count(common.begin(), common.end(), true), &group, &bucket->second});
  }
  std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) {
    return a.common != b.common ? a.common > b.common : a.group->names < b.group->names;
  });
  OfSeries out;
  for (const Found& one : found) out.buckets_.push_back(one.bucket);
  return out;
}

// The answer of those scraped at `t`, when they are of one mind. Fewer labels in common count only
// where nobody with more was scraped then.
template <class Ask>
std::optional<bool> ScrapedTargets::OfSeries::Agreed(const std::vector<const Bucket*>& buckets,
                                                     Index Bucket::* index, int64_t t, Ask ask) {
  for (const Bucket* bucket : buckets) {
    const Index& times = bucket->*index;
    auto at = std::lower_bound(times.begin(), times.end(), t,
                               [](const auto& entry, int64_t time) { return entry.first < time; });
    if (at == times.end() || at->first != t) continue;
    const bool first = ask(*at->second);
    for (++at; at != times.end() && at->first == t; ++at) {
      if (ask(*at->second) != first) return std::nullopt;
    }
    return first;
  }
  return std::nullopt;
}

std::optional<bool> ScrapedTargets::OfSeries::Lacks(int64_t t) const {
  return Agreed(buckets_, &Bucket::sibling, t,
                [&](const Target& target) { return target.Takes(t); });
}

std::optional<bool> ScrapedTargets::OfSeries::Failed(int64_t t) const {
  return Agreed(buckets_, &Bucket::own, t,
                [&](const Target& target) { return !Has(target.own.live, t); });
}

bool ScrapedTargets::OfSeries::SameSlot(int64_t own, int64_t sibling) const {
  return Agreed(buckets_, &Bucket::own, own,
                [&](const Target& target) { return target.lacks_any.SameSlot(own, sibling); })
      .value_or(false);
}

std::optional<int64_t> ScrapedTargets::OfSeries::EndedBy(const Last& last, int64_t until,
                                                         const TimeSpans& where) const {
  const auto [t, next, filled] = last;
  Index Bucket::* index = filled ? &Bucket::sibling : &Bucket::own;
  for (const Bucket* bucket : buckets_) {
    const Index& times = bucket->*index;
    auto at = std::lower_bound(times.begin(), times.end(), t,
                               [](const auto& entry, int64_t time) { return entry.first < time; });
    if (at == times.end() || at->first != t) continue;
    const Target& target = *at->second;
    ++at;
    if (at != times.end() && at->first == t) return std::nullopt;
    if (target.WentOnWithout(t, next, filled, where)) return std::nullopt;
    const auto first = [&](const Times& slots, auto counts) {
      auto slot = std::upper_bound(slots.begin(), slots.end(), t);
      while (slot != slots.end() && *slot < until && !counts(*slot)) ++slot;
      return slot != slots.end() ? *slot : until;
    };
    // A replica that went on says itself what a scrape no longer brought, but not what failed after
    // a restart.
    const int64_t end =
        std::min(first(target.own.all,
                       [&](int64_t slot) {
                         return !target.GaveWay(slot) && (filled || !Has(target.own.live, slot));
                       }),
                 first(target.sibling.all, [&](int64_t slot) {
                   return target.Takes(slot) && (!filled || !Has(target.sibling.live, slot));
                 }));
    if (end < until && Contains(where, end)) return end;
    return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace synoptic::aggregator
