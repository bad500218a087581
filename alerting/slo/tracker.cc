// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/slo/tracker.h"

#include <algorithm>
#include <cmath>

#include "base/status.h"
#include "domain/slo/burn.h"
#include "domain/slo/rollup.h"

namespace synoptic::alerting {
namespace {

// About that many slots make a period; whole minutes.
constexpr int64_t kSlots = 720;

int64_t SlotMs(int64_t period_s) {
  const int64_t minutes = std::max<int64_t>(1, (period_s + kSlots * 60 - 1) / (kSlots * 60));
  return minutes * 60'000;
}

}  // namespace

SloTracker::SloTracker(Slo slo, size_t regions)
    : slo_(std::move(slo)), slot_ms_(SlotMs(slo_.period_s)), seen_(std::max<size_t>(1, regions)) {}

int64_t SloTracker::PeriodStart(int64_t now_ms) const {
  if (slo_.calendar) {
    const auto window = domain::WindowAt(*slo_.calendar, absl::FromUnixMillis(now_ms));
    if (window.ok()) return absl::ToUnixMillis(window->start);
  }
  return now_ms - slo_.period_s * 1000;
}

bool SloTracker::Excluded(int64_t end_ms) const {
  return std::any_of(slo_.exclusions.begin(), slo_.exclusions.end(), [&](const Exclusion& e) {
    return end_ms > e.start_ms && end_ms - slot_ms_ < e.end_ms;
  });
}

std::optional<SloTracker::Range> SloTracker::Missing(int64_t now_ms, int64_t most) const {
  const int64_t last = now_ms / slot_ms_ * slot_ms_;
  int64_t first = (PeriodStart(now_ms) / slot_ms_ + 1) * slot_ms_;
  first = std::max(first, last - (most - 1) * slot_ms_);
  for (; first <= last; first += slot_ms_) {
    if (Excluded(first)) continue;
    for (const auto& slots : seen_) {
      if (!slots.contains(first)) return Range{first, last};
    }
  }
  return std::nullopt;
}

void SloTracker::Count(size_t region, int64_t end_ms, double bad, double total) {
  if (!std::isfinite(bad) || !std::isfinite(total)) return Seen(region, end_ms);
  // Counters are extrapolated: a little more bad than all, or less than none, is rounding.
  total = std::max(0.0, total);
  seen_[region][end_ms] = {std::clamp(bad, 0.0, total), total};
}

void SloTracker::Seen(size_t region, int64_t end_ms) { seen_[region].try_emplace(end_ms); }

absl::StatusOr<SloStatus> SloTracker::Status(int64_t now_ms) const {
  SloStatus status;
  status.start_ms = PeriodStart(now_ms);
  status.end_ms = now_ms;
  const int64_t last = now_ms / slot_ms_ * slot_ms_;
  const int64_t first = (status.start_ms / slot_ms_ + 1) * slot_ms_;
  std::vector<domain::EventCount> counts(seen_.size());
  double most_anywhere = 0, missing_total = 0;
  std::vector<double> most(seen_.size());
  std::vector<int64_t> missing(seen_.size());
  int64_t slots = 0;
  for (int64_t at = first; at <= last; at += slot_ms_) slots += Excluded(at) ? 0 : 1;
  for (size_t r = 0; r < seen_.size(); ++r) {
    int64_t seen = 0;
    for (auto it = seen_[r].lower_bound(first); it != seen_[r].end() && it->first <= last; ++it) {
      if (Excluded(it->first)) continue;
      ++seen;
      counts[r].bad += it->second.bad;
      counts[r].total += it->second.total;
      most[r] = std::max(most[r], it->second.total);
    }
    most_anywhere = std::max(most_anywhere, most[r]);
    missing[r] = slots - seen;
  }
  domain::EventCount known;
  int64_t unseen = 0;
  for (size_t r = 0; r < seen_.size(); ++r) {
    // A high estimate of what was not seen: it widens both ends.
    missing_total += static_cast<double>(missing[r]) * (most[r] > 0 ? most[r] : most_anywhere);
    known.bad += counts[r].bad;
    known.total += counts[r].total;
    unseen += missing[r];
    SloStatus::Region region;
    region.bad = counts[r].bad;
    region.total = counts[r].total;
    if (slots > 0) {
      region.unobserved_share = static_cast<double>(missing[r]) / static_cast<double>(slots);
    }
    status.regions.push_back(region);
  }
  if (slots > 0) {
    status.unobserved_share = static_cast<double>(unseen) /
                              (static_cast<double>(slots) * static_cast<double>(seen_.size()));
  }
  status.any = known.total > 0;
  if (!status.any && missing_total <= 0) {
    // No events at all: nothing is spent, unless nobody looked.
    status.remaining =
        unseen > 0 ? domain::Interval{1 - 1 / slo_.budget, 1} : domain::Interval{1, 1};
    status.known_remaining = 1;
    return status;
  }
  ASSIGN_OR_RETURN(const domain::PartialRatio ratio,
                   domain::PartialErrorRatio(known, missing_total));
  status.error_ratio = ratio.error_ratio;
  status.remaining = {1 - ratio.error_ratio.hi / slo_.budget,
                      1 - ratio.error_ratio.lo / slo_.budget};
  status.known_remaining = 1 - ratio.known_only / slo_.budget;
  if (const auto rollup = domain::RollUp(counts, slo_.objective); rollup.ok()) {
    for (size_t r = 0; r < seen_.size(); ++r) {
      status.regions[r].bad_share = rollup->bad_share[r];
      status.regions[r].ratio_if_not = rollup->ratio_if_not[r];
    }
  }
  return status;
}

}  // namespace synoptic::alerting
