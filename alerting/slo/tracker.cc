// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/slo/tracker.h"

#include <algorithm>
#include <cmath>

#include "base/status.h"
#include "domain/slo/burn.h"
#include "domain/slo/low_traffic.h"
#include "domain/slo/rollup.h"

namespace synoptic::alerting {
namespace {

constexpr int64_t kMinute = 60'000;
constexpr int64_t kFineMs = kMinute;  // the base interval
constexpr size_t kFineSlots = 384;    // more than 6 h, the longest short window
// A period has at most about that many coarse slots, and months are longer than their nominal 30 d.
constexpr int64_t kCoarseSlots = 720;
constexpr size_t kCoarseKept = 800;

// The shortest part of a day that gives few enough slots: windows of days are whole numbers of it.
int64_t CoarseMs(int64_t period_s) {
  for (const int64_t minutes : {5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 720}) {
    if (minutes * 60 * kCoarseSlots >= period_s) return minutes * kMinute;
  }
  return 1440 * kMinute;
}

int64_t FloorTo(int64_t ms, int64_t slot_ms) { return ms / slot_ms * slot_ms; }

std::vector<Exclusion> Merged(std::vector<Exclusion> exclusions) {
  std::sort(exclusions.begin(), exclusions.end(),
            [](const Exclusion& a, const Exclusion& b) { return a.start_ms < b.start_ms; });
  std::vector<Exclusion> merged;
  for (const Exclusion& e : exclusions) {
    if (!merged.empty() && e.start_ms <= merged.back().end_ms) {
      merged.back().end_ms = std::max(merged.back().end_ms, e.end_ms);
    } else {
      merged.push_back(e);
    }
  }
  return merged;
}

}  // namespace

SloTracker::SloTracker(Slo slo, size_t regions, int64_t settle_ms)
    : slo_(std::move(slo)),
      settle_ms_(settle_ms),
      fine_(std::max<size_t>(1, regions), SlotCounts(kFineMs, kFineSlots)),
      coarse_(std::max<size_t>(1, regions), SlotCounts(CoarseMs(slo_.period_s), kCoarseKept)),
      fine_range_ms_(kFineMs),
      exclusions_(Merged(slo_.exclusions)) {}

int64_t SloTracker::Newest(Grain grain, int64_t now_ms) const {
  return FloorTo(now_ms - settle_ms_, slot_ms(grain));
}

int64_t SloTracker::PeriodStart(int64_t now_ms) const {
  if (slo_.calendar) {
    const auto window = domain::WindowAt(*slo_.calendar, absl::FromUnixMillis(now_ms));
    if (window.ok()) return absl::ToUnixMillis(window->start);
  }
  return now_ms - slo_.period_s * 1000;
}

bool SloTracker::Excluded(int64_t end_ms, int64_t slot_ms) const {
  return std::any_of(exclusions_.begin(), exclusions_.end(), [&](const Exclusion& e) {
    return end_ms > e.start_ms && end_ms - slot_ms < e.end_ms;
  });
}

int64_t SloTracker::Expected(int64_t first_ms, int64_t last_ms, int64_t slot_ms) const {
  if (last_ms < first_ms) return 0;
  int64_t slots = (last_ms - first_ms) / slot_ms + 1;
  int64_t counted_to = first_ms - slot_ms;  // two exclusions may touch one slot
  for (const Exclusion& e : exclusions_) {
    // Slots that touch it end in (start, end + slot).
    const int64_t from = std::max(FloorTo(e.start_ms, slot_ms) + slot_ms, counted_to + slot_ms);
    const int64_t to = std::min(FloorTo(e.end_ms + slot_ms - 1, slot_ms), last_ms);
    if (to < from) continue;
    slots -= (to - from) / slot_ms + 1;
    counted_to = to;
  }
  return slots;
}

// Whole hours, or whatever coarse slots are, come from the base interval's: nothing is asked twice.
void SloTracker::Derive(int64_t now_ms) {
  const int64_t slot = slot_ms(Grain::kCoarse);
  constexpr int64_t kFineSpan = kFineMs * static_cast<int64_t>(kFineSlots);
  const int64_t last = std::min(Newest(Grain::kCoarse, now_ms), FloorTo(asked_fine_ms_, slot));
  // Before the history was asked for, nobody knows whether minutes show all there is.
  if (slot > kFineSpan || !asked_coarse_) return;
  for (int64_t end = std::max(derived_ms_, last - kFineSpan / slot * slot) + slot; end <= last;
       end += slot) {
    if (Excluded(end, slot)) continue;
    for (size_t r = 0; r < fine_.size(); ++r) {
      const SlotSum sum = fine_[r].Over(end - slot + kFineMs, end);
      if (sum.seen == slot / kFineMs) Set(Grain::kCoarse, r, end, sum.bad, sum.total);
    }
  }
  derived_ms_ = last;
}

// From the first to the last slot that misses in some region; regions that do not answer just now
// are left alone, unless `all`.
std::optional<SloTracker::Question> SloTracker::Holes(Grain grain, int64_t first_ms,
                                                      int64_t last_ms, bool all) const {
  const int64_t slot = slot_ms(grain);
  const int64_t expected = Expected(first_ms, last_ms, slot);
  int64_t first = 0, last = 0;
  for (size_t r = 0; r < fine_.size(); ++r) {
    const SlotCounts& counts = CountsOf(grain)[r];
    if (!all && !fine_[r].Has(asked_fine_ms_)) continue;
    if (counts.Over(first_ms, last_ms).seen >= expected) continue;
    for (int64_t end = first_ms; end <= last_ms; end += slot) {
      if (counts.Has(end) || Excluded(end, slot)) continue;
      if (first == 0 || end < first) first = end;
      last = std::max(last, end);
    }
  }
  if (first == 0) return std::nullopt;
  return Question{grain, slot, grain == Grain::kFine ? fine_range_ms_ : slot, first, last};
}

std::optional<SloTracker::Question> SloTracker::Next(int64_t now_ms) {
  Derive(now_ms);
  const int64_t newest = Newest(Grain::kFine, now_ms);
  const int64_t oldest = newest - kFineMs * static_cast<int64_t>(kFineSlots - 1);
  if (asked_fine_ms_ < newest) {
    return Question{Grain::kFine, kFineMs, fine_range_ms_,
                    std::max(asked_fine_ms_ + kFineMs, oldest), newest};
  }
  if (auto holes = Holes(Grain::kFine, oldest, newest, false)) return holes;
  const int64_t slot = slot_ms(Grain::kCoarse);
  const int64_t first = FloorTo(PeriodStart(now_ms), slot) + slot;
  return Holes(Grain::kCoarse, first, Newest(Grain::kCoarse, now_ms), !asked_coarse_);
}

void SloTracker::Asked(const Question& question) {
  if (question.grain == Grain::kCoarse) {
    asked_coarse_ = true;
  } else {
    asked_fine_ms_ = std::max(asked_fine_ms_, question.last_ms);
  }
  if (asked_coarse_ && question.first_ms < question.last_ms) CheckFine();
}

// A minute of a counter that is scraped once a minute shows no increase. Whole coarse slots do:
// where minutes sum up to less, each looks back further and counts its share.
void SloTracker::CheckFine() {
  constexpr int64_t kRanges[] = {kFineMs, 5 * kFineMs, 15 * kFineMs, 60 * kFineMs};
  const int64_t slot = slot_ms(Grain::kCoarse);
  const int64_t last = FloorTo(asked_fine_ms_, slot);
  const int64_t first =
      FloorTo(asked_fine_ms_ - kFineMs * static_cast<int64_t>(kFineSlots), slot) + 2 * slot;
  double fine = 0, coarse = 0;
  for (size_t r = 0; r < fine_.size(); ++r) {
    fine += fine_[r].Over(first - slot + kFineMs, last).total;
    coarse += coarse_[r].Over(first, last).total;
  }
  if (fine >= 0.9 * coarse) return;
  for (const int64_t range : kRanges) {
    if (range <= fine_range_ms_) continue;
    fine_range_ms_ = range;
    asked_fine_ms_ = 0;  // all of them once more
    return;
  }
}

void SloTracker::Count(Grain grain, size_t region, int64_t end_ms, double bad, double total) {
  if (Excluded(end_ms, slot_ms(grain))) return;
  // No number is no event. Counters are extrapolated: a little more bad than all, or less than
  // none, is rounding.
  if (!std::isfinite(bad) || !std::isfinite(total)) bad = total = 0;
  total = std::max(0.0, total);
  Set(grain, region, end_ms, std::clamp(bad, 0.0, total), total);
}

void SloTracker::Set(Grain grain, size_t region, int64_t end_ms, double bad, double total) {
  SlotCounts& counts = (grain == Grain::kFine ? fine_ : coarse_)[region];
  // Of a range that was widened all is news.
  const int64_t range_ms = grain == Grain::kFine ? fine_range_ms_ : slot_ms(grain);
  const bool widened = grain == Grain::kFine && asked_fine_ms_ == 0;
  if (collecting_ && (widened || !counts.Has(end_ms))) {
    news_.push_back({grain, region, end_ms, range_ms, bad, total});
  }
  counts.Set(end_ms, bad, total);
}

void SloTracker::Restore(std::vector<Kept> kept) {
  std::sort(kept.begin(), kept.end(),
            [](const Kept& a, const Kept& b) { return a.end_ms < b.end_ms; });
  for (const Kept& slot : kept) {
    if (slot.grain == Grain::kFine) fine_range_ms_ = std::max(fine_range_ms_, slot.range_ms);
  }
  for (const Kept& slot : kept) {
    if (slot.region >= fine_.size() || Excluded(slot.end_ms, slot_ms(slot.grain))) continue;
    if (slot.grain == Grain::kFine) {
      if (slot.range_ms != fine_range_ms_) continue;
      fine_[slot.region].Set(slot.end_ms, slot.bad, slot.total);
      asked_fine_ms_ = std::max(asked_fine_ms_, slot.end_ms);
    } else {
      coarse_[slot.region].Set(slot.end_ms, slot.bad, slot.total);
      asked_coarse_ = true;
    }
  }
}

void SloTracker::AddRange(Grain grain, int64_t first_ms, int64_t last_ms,
                          std::vector<Sum>* sums) const {
  const int64_t slot = slot_ms(grain);
  const int64_t expected = Expected(first_ms, last_ms, slot);
  std::vector<SlotSum> parts;
  double most_anywhere = 0;
  for (const SlotCounts& counts : CountsOf(grain)) {
    parts.push_back(counts.Over(first_ms, last_ms));
    most_anywhere = std::max(most_anywhere, parts.back().most);
  }
  for (size_t r = 0; r < parts.size(); ++r) {
    const int64_t missing = std::max<int64_t>(0, expected - parts[r].seen);
    Sum& sum = (*sums)[r];
    sum.bad += parts[r].bad;
    sum.total += parts[r].total;
    // A high estimate widens both ends (C2).
    sum.missing_total +=
        static_cast<double>(missing) * (parts[r].most > 0 ? parts[r].most : most_anywhere);
    sum.missing_ms += missing * slot;
    sum.expected_ms += expected * slot;
  }
}

// What fits into the base interval's slots comes from them; otherwise coarse slots, of which the
// first may begin before `start_ms`, and fine ones for the time since the last coarse one.
std::vector<SloTracker::Sum> SloTracker::SumsFrom(int64_t start_ms, int64_t now_ms) const {
  std::vector<Sum> sums(fine_.size());
  const int64_t newest = Newest(Grain::kFine, now_ms);
  constexpr int64_t kFineSpan = kFineMs * static_cast<int64_t>(kFineSlots);
  if (newest - start_ms <= kFineSpan) {
    AddRange(Grain::kFine, FloorTo(start_ms, kFineMs) + kFineMs, newest, &sums);
    return sums;
  }
  const int64_t slot = slot_ms(Grain::kCoarse);
  const int64_t last = Newest(Grain::kCoarse, now_ms);
  AddRange(Grain::kCoarse, FloorTo(start_ms, slot) + slot, last, &sums);
  if (slot <= kFineSpan) AddRange(Grain::kFine, last + kFineMs, newest, &sums);
  return sums;
}

domain::Interval SloTracker::RatioOf(const std::vector<Sum>& sums) const {
  domain::EventCount known;
  double missing = 0;
  int64_t missing_ms = 0;
  for (const Sum& sum : sums) {
    known.bad += sum.bad;
    known.total += sum.total;
    missing += sum.missing_total;
    missing_ms += sum.missing_ms;
  }
  const auto ratio = domain::PartialErrorRatio(known, missing);
  if (ratio.ok()) return ratio->error_ratio;
  // No events at all: nothing failed, unless nobody looked.
  return {0, missing_ms > 0 ? 1.0 : 0.0};
}

domain::Interval SloTracker::ErrorRatio(int64_t window_s, int64_t now_ms) const {
  return RatioOf(SumsFrom(Newest(Grain::kFine, now_ms) - window_s * 1000, now_ms));
}

BurnStatus SloTracker::Burn(const BurnWindow& window, int64_t now_ms) const {
  BurnStatus status;
  const std::vector<Sum> sums =
      SumsFrom(Newest(Grain::kFine, now_ms) - window.long_s * 1000, now_ms);
  status.long_ratio = RatioOf(sums);
  status.short_ratio = window.short_s > 0 ? ErrorRatio(window.short_s, now_ms) : status.long_ratio;
  for (const Sum& sum : sums) {
    status.bad += sum.bad;
    status.total += sum.total;
  }
  const double threshold = window.threshold_value;
  const bool certain =
      domain::BurnAlertFires(status.short_ratio.lo, status.long_ratio.lo, threshold);
  const bool possible =
      domain::BurnAlertFires(status.short_ratio.hi, status.long_ratio.hi, threshold);
  if (certain && slo_.min_bad > 0 && slo_.sli.events()) {
    const auto gate = domain::LowTrafficGate(static_cast<int64_t>(std::llround(status.total)),
                                             static_cast<int64_t>(std::llround(status.bad)),
                                             std::min(threshold, 1.0), {.min_bad = slo_.min_bad});
    status.gated = gate.ok() && !gate->page;
  }
  status.firing = certain && !status.gated;
  status.unknown = possible && !certain;
  return status;
}

absl::StatusOr<SloStatus> SloTracker::Status(int64_t now_ms) const {
  SloStatus status;
  status.start_ms = PeriodStart(now_ms);
  status.end_ms = now_ms;
  const std::vector<Sum> sums = SumsFrom(status.start_ms, now_ms);
  std::vector<domain::EventCount> counts;
  domain::EventCount known;
  int64_t missing_ms = 0, expected_ms = 0;
  for (const Sum& sum : sums) {
    counts.push_back({.total = sum.total, .bad = sum.bad});
    known.bad += sum.bad;
    known.total += sum.total;
    missing_ms += sum.missing_ms;
    expected_ms += sum.expected_ms;
    SloStatus::Region region;
    region.bad = sum.bad;
    region.total = sum.total;
    if (sum.expected_ms > 0) {
      region.unobserved_share =
          static_cast<double>(sum.missing_ms) / static_cast<double>(sum.expected_ms);
    }
    status.regions.push_back(region);
  }
  if (expected_ms > 0) {
    status.unobserved_share = static_cast<double>(missing_ms) / static_cast<double>(expected_ms);
  }
  status.any = known.total > 0;
  status.error_ratio = RatioOf(sums);
  status.remaining = {1 - status.error_ratio.hi / slo_.budget,
                      1 - status.error_ratio.lo / slo_.budget};
  status.known_remaining = status.any ? 1 - known.bad / known.total / slo_.budget : 1;
  if (const auto rollup = domain::RollUp(counts, slo_.objective); rollup.ok()) {
    for (size_t r = 0; r < sums.size(); ++r) {
      status.regions[r].bad_share = rollup->bad_share[r];
      status.regions[r].ratio_if_not = rollup->ratio_if_not[r];
    }
  }
  return status;
}

std::vector<double> SloTracker::SpentBetween(int64_t from_ms, int64_t to_ms, int64_t now_ms) const {
  // A period's events are estimated from those seen of it.
  double total = 0, seen_ms = 0;
  for (const Sum& sum : SumsFrom(PeriodStart(now_ms), now_ms)) {
    total += sum.total;
    seen_ms += static_cast<double>(sum.expected_ms - sum.missing_ms);
  }
  const double regions = static_cast<double>(fine_.size());
  const double period_ms = static_cast<double>(slo_.period_s) * 1000;
  const double budget = slo_.budget * (seen_ms > 0 ? total * regions * period_ms / seen_ms : 0);
  const int64_t oldest = asked_fine_ms_ - kFineMs * static_cast<int64_t>(kFineSlots - 1);
  const Grain grain = from_ms >= oldest ? Grain::kFine : Grain::kCoarse;
  const int64_t slot = slot_ms(grain);
  std::vector<double> spent;
  for (const SlotCounts& counts : CountsOf(grain)) {
    const double bad =
        counts.Over(FloorTo(from_ms, slot) + slot, FloorTo(to_ms + slot - 1, slot)).bad;
    spent.push_back(budget > 0 ? bad / budget : 0);
  }
  return spent;
}

size_t SloTracker::work() const {
  size_t work = 0;
  for (const ByRegion* counts : {&fine_, &coarse_}) {
    for (const SlotCounts& of_region : *counts) work += of_region.work();
  }
  return work;
}

}  // namespace synoptic::alerting
