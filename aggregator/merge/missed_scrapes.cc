// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/merge/missed_scrapes.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>

namespace synoptic::aggregator {
namespace {

using Times = MissedScrapes::Times;

// Prometheus moves a scrape by up to 2 ms to where it should have been.
constexpr int64_t kSameScrapeMs = 10;
constexpr int64_t kFar = kNearMs + 1;

// Distances of neighbours among the times within kNearMs of `t`.
void AppendDistances(const Times& times, int64_t t, Times& out) {
  auto at = std::lower_bound(times.begin(), times.end(), t - kNearMs);
  if (at == times.end()) return;
  for (auto next = std::next(at); next != times.end() && *next <= t + kNearMs; at = next++) {
    out.push_back(*next - *at);
  }
}

int64_t DistanceBefore(const Times& times, int64_t t) {
  const auto after = std::upper_bound(times.begin(), times.end(), t);
  return after == times.begin() ? kFar : std::min(kFar, t - *std::prev(after));
}

int64_t DistanceAfter(const Times& times, int64_t t) {
  const auto after = std::upper_bound(times.begin(), times.end(), t);
  return after == times.end() ? kFar : std::min(kFar, *after - t);
}

}  // namespace

MissedScrapes::MissedScrapes(const Times& own, const Times& own_all, const Times& sibling)
    : own_(own), own_all_(own_all), sibling_(sibling) {
  std::set_intersection(own_all.begin(), own_all.end(), sibling.begin(), sibling.end(),
                        std::back_inserter(common_));
}

bool MissedScrapes::SameTimesNear(int64_t t) const {
  const auto at = std::lower_bound(common_.begin(), common_.end(), t - kNearMs);
  return at != common_.end() && *at <= t + kNearMs;
}

int64_t MissedScrapes::IntervalNear(int64_t t) const {
  Times distances;
  AppendDistances(own_all_, t, distances);
  AppendDistances(sibling_, t, distances);
  if (distances.empty()) return kNearMs / 2;
  // The shortest that occurs again: holes make distances longer, a restart makes one shorter.
  std::sort(distances.begin(), distances.end());
  const auto alike = [](int64_t a, int64_t b) { return b - a <= a / 10; };
  const auto again = std::adjacent_find(distances.begin(), distances.end(), alike);
  return std::min(again == distances.end() ? distances.front() : *again, kNearMs / 2);
}

bool MissedScrapes::Lacks(int64_t t) const {
  const int64_t before = DistanceBefore(own_, t);
  if (before == 0) return false;
  const int64_t after = DistanceAfter(own_, t);
  if (before == kFar && after == kFar) return true;
  const int64_t interval = IntervalNear(t);
  const int64_t half = interval / 2;
  if (SameTimesNear(t)) return std::min(before, after) > std::min(half, kSameScrapeMs);
  // Half open, so that k missed scrapes are filled by k samples.
  return before + after > interval + half && before > half && after >= half;
}

bool MissedScrapes::SameSlot(int64_t own, int64_t sibling) const {
  const int64_t half = IntervalNear(sibling) / 2;
  if (SameTimesNear(sibling)) return std::abs(own - sibling) <= std::min(half, kSameScrapeMs);
  return own <= sibling ? sibling - own <= half : own - sibling < half;
}

bool MissedScrapes::SiblingWentOn(int64_t t) const {
  const int64_t before = DistanceBefore(sibling_, t);
  const int64_t after = DistanceAfter(sibling_, t);
  const int64_t interval = IntervalNear(t);
  return before == 0 || (after != kFar && before + after <= interval + interval / 2);
}

}  // namespace synoptic::aggregator
