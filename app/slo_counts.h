// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Counts of objectives among the recorded series, so that a restart does not ask the regions again
// and everybody can query them:
//
//   synoptic_slo_events{slo, service, region, slot="1m", sli="<hash>"}       at the end of each
//   slot synoptic_slo_bad_events{...}
//
// `sli` changes with what is counted: counts of another expression are never mixed in. `over` is
// there where a slot looks back further than its length.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/statusor.h"
#include "aggregator/store/series_store.h"
#include "alerting/slo/tracker.h"

namespace synoptic::app {

// Of one objective. Plain values: made on the event loop, used there or on a pool.
class SloSeries {
 public:
  // `regions`: names, or none when they are not kept apart.
  SloSeries(const alerting::Slo& slo, std::vector<std::string> regions);

  using Kept = alerting::SloTracker::Kept;
  promql::Labels LabelsOf(const Kept& slot, int64_t slot_ms, bool bad) const;
  // Those that belong to this objective: what was kept of a series, in pairs of bad and all.
  std::vector<promql::Matcher> Selector() const;
  // REQUIRES: series that Selector() matches.
  absl::StatusOr<std::vector<Kept>> Read(const std::vector<promql::RawSeries>& series,
                                         int64_t fine_ms, int64_t coarse_ms) const;

  // Notes that the slot is kept; whether it is newer than all that were.
  bool Advance(const Kept& slot);

 private:
  std::string name_, service_, sli_;
  std::vector<std::string> regions_;
  std::map<std::tuple<alerting::SloTracker::Grain, size_t, int64_t>, int64_t> newest_;
};

// What is on its way to the store. One at a time; blocks on the disk: call Write on a pool.
class SloNews {
 public:
  void Add(SloSeries& series, alerting::SloTracker& tracker);
  bool empty() const { return rising_.empty() && older_.empty(); }
  // The first error; what could be taken was.
  absl::Status Write(aggregator::SeriesStore& store) const;

 private:
  std::map<int64_t, std::vector<aggregator::NewSample>> rising_;  // by time
  std::vector<aggregator::LoggedSample> older_;  // what a region that was away told later
};

}  // namespace synoptic::app
