// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Failover drills: what was planned, what the metrics said happened, and how long each part took.
// Times are in ms since the epoch; 0 is not known.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "domain/drill/cadence.h"
#include "domain/drill/recovery.h"
#include "reports/document.h"
#include "reports/querier.h"
#include "reports/readiness_spec.h"

namespace synoptic::reports {

struct Drill {
  std::string id;    // 2026-03-04-eu-traffic
  std::string kind;  // traffic, storage, region, ...
  std::string from;
  std::string to;  // "" when the load went to several
  bool planned = true;
  int64_t fault_ms = 0;
  int64_t detected_ms = 0;
  int64_t decided_ms = 0;
  int64_t shift_start_ms = 0;  // traffic of `from` begins to leave
  int64_t shift_end_ms = 0;    // 99 % of it has left
  int64_t recovered_ms = 0;    // users are served again, and stay so
  int64_t finished_ms = 0;     // 0: it runs
  std::optional<double> rpo_s;
  // Share of each objective's budget that was spent meanwhile, by region.
  struct Spent {
    std::string objective;
    std::string region;
    double share = 0;
  };
  std::vector<Spent> budget;
  std::optional<double> budget_spent;        // of the objective that spent most, all regions
  std::optional<double> predicted_rto_s;     // what past drills had promised
  std::map<std::string, std::string> notes;  // what could not be measured, and why

  bool running() const { return finished_ms == 0; }
  std::optional<double> rto_s() const;
};

// The phases that are known, in order: detect, decide, shift, recover. Seconds.
std::vector<std::pair<std::string, double>> PhasesOf(const Drill& drill);

// Fills in what `measure` can see between the fault and `finished_ms`; what was given by hand
// stays. What cannot be measured is noted, and never an error.
Task<Drill> MeasureDrill(Door door, DrillMeasures measures, Drill drill, Deadline deadline);

// The newest finished drill of a kind and whether the next is due. Never drilled: overdue.
struct CalendarEntry {
  std::string kind;
  int64_t last_ms = 0;  // 0: never
  int64_t due_ms = 0;
  domain::DrillState state = domain::DrillState::kOverdue;
};
absl::StatusOr<std::vector<CalendarEntry>> CalendarOf(const std::vector<DrillCadence>& cadences,
                                                      const std::vector<Drill>& drills,
                                                      int64_t now_ms);

// What finished drills from that region say about the recovery time; none without any.
std::optional<domain::RtoEvidence> EvidenceOf(const std::vector<Drill>& drills,
                                              std::string_view from, double target_s);

Document DrillsDocument(const std::vector<Drill>& drills,
                        const std::vector<CalendarEntry>& calendar, double rto_target_s,
                        int64_t now_ms);
std::string DrillsJson(const std::vector<Drill>& drills,
                       const std::vector<CalendarEntry>& calendar);
std::string DrillJson(const Drill& drill);

}  // namespace synoptic::reports
