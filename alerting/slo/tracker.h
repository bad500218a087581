// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// How an objective is doing, from counts a slot of time and region. Events are counted once a base
// interval and added up for any window: 30 days cost no more questions, and hardly more additions,
// than one. The base interval's slots are kept for the short windows; older time lies in slots of
// about a 720th of the period. Slots that nobody saw make every answer an interval, and are asked
// for again once their region is back: then the past is corrected.
//
// Pure: `app` asks the questions. Not thread-safe.
#pragma once

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "alerting/slo/slo.h"
#include "alerting/slo/slot_counts.h"
#include "domain/verdict/interval.h"

namespace synoptic::alerting {

struct SloStatus {
  struct Region {
    double bad = 0;
    double total = 0;
    double bad_share = 0;         // its part of all that was bad
    double ratio_if_not = 0;      // the error ratio without it
    double unobserved_share = 0;  // of the period so far
  };
  std::vector<Region> regions;
  int64_t start_ms = 0;  // of the period
  int64_t end_ms = 0;
  bool any = false;  // something was counted
  domain::Interval error_ratio;
  domain::Interval remaining;  // of the budget: 1 untouched, negative overspent
  double known_remaining = 0;  // by what was seen alone
  double unobserved_share = 0;
};

// One multi-window alert just now. Both windows end at the same slot and see the same regions.
struct BurnStatus {
  domain::Interval long_ratio;
  domain::Interval short_ratio;  // of the long window when there is no short one
  double bad = 0;                // seen in the long window
  double total = 0;
  bool firing = false;   // whatever the unseen regions hold
  bool unknown = false;  // it depends on what was not seen
  bool gated = false;    // above the threshold, but so few events may be chance (B13)
};

class SloTracker {
 public:
  enum class Grain { kFine, kCoarse };

  // `regions`: how many there are; 1 for an objective that does not keep them apart. A slot is
  // asked for `settle_ms` after its end, when scrapes under way are done.
  SloTracker(Slo slo, size_t regions, int64_t settle_ms = 0);
  const Slo& slo() const { return slo_; }
  size_t regions() const { return fine_.size(); }
  int64_t slot_ms(Grain grain) const { return CountsOf(grain)[0].slot_ms(); }

  // What to ask for now: the ends of slots, first and last, a slot apart. None when all is known
  // that can be. Say Asked() when the answer is in, for whatever regions it has.
  struct Question {
    Grain grain = Grain::kFine;
    int64_t slot_ms = 0;
    int64_t range_ms = 0;  // how far each slot looks back: counts are to be scaled to the slot
    int64_t first_ms = 0;
    int64_t last_ms = 0;
  };
  std::optional<Question> Next(int64_t now_ms);
  void Asked(const Question& question);

  // What one region had in the slot that ends then; nothing is a count, too.
  void Count(Grain grain, size_t region, int64_t end_ms, double bad, double total);

  // Counts as they are kept elsewhere, so that a restart need not ask for them again.
  struct Kept {
    Grain grain = Grain::kFine;
    size_t region = 0;
    int64_t end_ms = 0;
    int64_t range_ms = 0;  // how far the slot looked back
    double bad = 0;
    double total = 0;
  };
  // From now on TakeNews() gives what was counted for the first time since it was last called.
  void CollectNews() { collecting_ = true; }
  std::vector<Kept> TakeNews() { return std::exchange(news_, {}); }
  // Takes up what was kept. Slots of another range than the widest are left out. REQUIRES: nothing
  // was counted yet.
  void Restore(std::vector<Kept> kept);

  absl::StatusOr<SloStatus> Status(int64_t now_ms) const;
  // REQUIRES: a window of slo().windows.
  BurnStatus Burn(const BurnWindow& window, int64_t now_ms) const;
  // The error ratio of the newest `window_s` seconds.
  domain::Interval ErrorRatio(int64_t window_s, int64_t now_ms) const;
  // By region: the share of the whole period's budget that was spent between two times, of what was
  // seen; to the slots that touch them.
  std::vector<double> SpentBetween(int64_t from_ms, int64_t to_ms, int64_t now_ms) const;
  // Additions made for answers since the beginning.
  size_t work() const;

 private:
  struct Sum {
    double bad = 0;
    double total = 0;
    double missing_total = 0;  // a high estimate of what was not seen
    int64_t missing_ms = 0;
    int64_t expected_ms = 0;
  };
  using ByRegion = std::vector<SlotCounts>;

  const ByRegion& CountsOf(Grain grain) const { return grain == Grain::kFine ? fine_ : coarse_; }
  int64_t Newest(Grain grain, int64_t now_ms) const;
  int64_t PeriodStart(int64_t now_ms) const;
  bool Excluded(int64_t end_ms, int64_t slot_ms) const;
  // Slots that end in [first, last] and count.
  int64_t Expected(int64_t first_ms, int64_t last_ms, int64_t slot_ms) const;
  void Derive(int64_t now_ms);
  void CheckFine();
  void Set(Grain grain, size_t region, int64_t end_ms, double bad, double total);
  std::optional<Question> Holes(Grain grain, int64_t first_ms, int64_t last_ms, bool all) const;
  std::vector<Sum> SumsFrom(int64_t start_ms, int64_t now_ms) const;
  void AddRange(Grain grain, int64_t first_ms, int64_t last_ms, std::vector<Sum>* sums) const;
  domain::Interval RatioOf(const std::vector<Sum>& sums) const;

  const Slo slo_;
  const int64_t settle_ms_;
  ByRegion fine_, coarse_;
  int64_t asked_fine_ms_ = 0;          // the newest slot that was asked for; 0: none
  bool asked_coarse_ = false;          // the history was
  int64_t fine_range_ms_;              // longer than a slot where scrapes are too rare for that
  int64_t derived_ms_ = 0;             // coarse slots up to here were added up from fine ones
  std::vector<Exclusion> exclusions_;  // in order, none touching another
  bool collecting_ = false;
  std::vector<Kept> news_;
};

}  // namespace synoptic::alerting
