// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The running objectives: a tracker each, fed with what was not counted yet.
//
// Lives on the event loop's executor.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "alerting/slo/tracker.h"
#include "app/own_series.h"
#include "app/slo_counts.h"
#include "net/async/compute_pool.h"
#include "reports/capacity_spec.h"
#include "reports/document.h"
#include "reports/drill.h"
#include "reports/querier.h"

namespace synoptic::app {

class SloDesk {
 public:
  // Objectives that did not change keep what was counted.
  void Apply(const std::vector<alerting::Slo>& slos, std::vector<reports::RegionInfo> regions);
  bool empty() const { return trackers_.empty(); }
  // Where counts are kept, and read again by the next process. Once, before Refresh; `pool`
  // outlives this object. Without it a restart asks the regions for the whole period.
  void KeepIn(std::shared_ptr<aggregator::SeriesStore> store, ComputePool& pool) {
    store_ = std::move(store);
    pool_ = &pool;
  }

  // When the next minute can be counted: just after its scrapes are done.
  static int64_t NextCountMs(int64_t now_ms);
  // Asks for what is missing of every objective.
  Task<> Refresh(reports::Door door, int64_t now_ms, Deadline deadline);

  // Of one objective by id, or of all when it is empty. NotFound for an unknown one.
  absl::StatusOr<reports::Document> DocumentOf(std::string_view id, int64_t now_ms) const;
  absl::StatusOr<std::string> JsonOf(std::string_view id, int64_t now_ms) const;
  void Tell(OwnSeries& series, int64_t now_ms) const;

  // What each objective and region spent of its budget between two times.
  std::vector<reports::Drill::Spent> SpentBetween(int64_t from_ms, int64_t to_ms,
                                                  int64_t now_ms) const;

  // Whether an objective's pages, or tickets, burn: the greatest burn rate of those that do.
  struct Burning {
    std::optional<double> rate;
    bool unknown = false;  // it depends on what nobody saw
    std::string missing;
  };
  Burning BurningOf(std::string_view question, int64_t now_ms) const;

 private:
  struct Entry {
    std::string key;  // all of the specification: equal ones count the same
    std::shared_ptr<alerting::SloTracker> tracker;
    std::shared_ptr<SloSeries> series;
    bool restored = false;
    std::string problem;   // of the last question; empty: none
    std::string coverage;  // of the last answers
  };
  absl::StatusOr<std::vector<const Entry*>> Chosen(std::string_view id) const;
  using Wanted = std::pair<std::shared_ptr<Entry>, alerting::SloTracker::Question>;
  static Task<> Feed(reports::Door door, std::vector<reports::RegionInfo> regions,
                     std::vector<Wanted> wanted, Deadline deadline);
  // What an earlier process kept, of those who did not look yet.
  Task<> Restore(std::vector<std::shared_ptr<Entry>> entries, int64_t now_ms);
  Task<> Keep(std::vector<std::shared_ptr<Entry>> entries);
  void Index();

  std::shared_ptr<aggregator::SeriesStore> store_;  // null: nowhere
  ComputePool* pool_ = nullptr;
  std::vector<reports::RegionInfo> regions_;
  std::vector<std::shared_ptr<Entry>> trackers_;
  std::map<std::string, std::pair<std::shared_ptr<Entry>, std::vector<alerting::BurnWindow>>>
      questions_;
};

}  // namespace synoptic::app
