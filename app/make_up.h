// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Makes up for what recording rules missed, at the original times, once the data are back: in the
// lane of those for whom nobody waits. A rule that reads another's recordings waits for those by
// itself: while they lack something, its answer is not complete. One that reads its own is made up
// for slot by slot, each with those before it.
//
// Lives on the event loop's executor.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "aggregator/store/series_store.h"
#include "alerting/rule/querier.h"
#include "alerting/rule/rule.h"
#include "app/missed_slots.h"
#include "base/clock.h"
#include "net/async/compute_pool.h"

namespace synoptic::app {

// What `rule` would have recorded over `grid`, stale markers where a series ends within it.
// `before`: the series it recorded last; in and out.
absl::StatusOr<std::vector<aggregator::LoggedSample>> RecordingsOver(
    const alerting::Rule& rule, int limit, const promql::Grid& grid,
    const promql::QueryValue& value, std::set<promql::Labels>& before);

class MakeUp {
 public:
  using FindGroup =
      std::function<const alerting::RuleGroup*(const std::string& file, const std::string& name)>;
  struct Stats {
    int64_t slots = 0;     // made up for
    int64_t given_up = 0;  // their rule is gone
  };

  // References outlive the object. `querier` asks in a low lane.
  MakeUp(std::shared_ptr<aggregator::SeriesStore> store, std::shared_ptr<MissedSlots> missed,
         alerting::Querier& querier, FindGroup find_group, ComputePool& pool, const Clock& clock);

  // Until it is cancelled.
  Task<> Run();
  // One look at what is due. Cancelled, or OK.
  Task<> Round();
  const Stats& stats() const { return stats_; }

 private:
  // OK: done or given up. Anything else: not yet.
  Task<> Try(MissedSlots::Work work);
  // A rule, and the series that it recorded last.
  struct Making {
    alerting::Rule rule;
    std::set<promql::Labels> before;
  };
  Task<> Make(std::vector<Making>& rules, int limit, const MissedSlots::Work& work);

  const std::shared_ptr<aggregator::SeriesStore> store_;
  const std::shared_ptr<MissedSlots> missed_;
  alerting::Querier& querier_;
  const FindGroup find_group_;
  ComputePool& pool_;
  const Clock& clock_;
  std::map<std::string, MonoTime> not_before_;  // by file, group and rule
  Stats stats_;
};

}  // namespace synoptic::app
