// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// May we fail over from one region to another, and where to? Every check with its evidence, and the
// verdict made of them. Synoptic answers; it never fails anything over.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "domain/readiness/go_no_go.h"
#include "reports/capacity_desk.h"
#include "reports/document.h"
#include "reports/drill.h"
#include "reports/readiness_spec.h"

namespace synoptic::reports {

struct Judged {
  Check check;
  domain::CheckState state = domain::CheckState::kUnknown;
  std::string evidence;  // `187 seconds at {db="orders"}, expected at most 60`
  std::optional<double> value;
  std::string query;  // as asked; empty for what is computed
  std::optional<double> age_s;
  std::string coverage;
};

// A region that could take over, the best first; those that may not follow with the reason.
struct Target {
  size_t region = 0;
  std::optional<double> lag_s;
  std::optional<double> headroom;  // after taking over, as a share of usable supply
  bool eligible = false;
};

struct PairReadiness {
  size_t from = 0;
  size_t to = 0;
  domain::Readiness verdict = domain::Readiness::kBlind;
  std::vector<Judged> checks;
  std::vector<Target> targets;
  // What past drills say of the recovery time; none without any.
  std::optional<domain::RtoEvidence> rto;
  std::optional<double> rpo_s;  // the lag check's value now
};

// What a judgement needs beside the door.
struct ReadinessDesk {
  ReadinessSpec spec;
  std::shared_ptr<CapacityDesk> capacity;
  std::vector<Drill> drills;
};

Task<PairReadiness> JudgePair(Door door, const ReadinessDesk& desk, size_t from, size_t to,
                              int64_t at_ms, Deadline deadline);

// What one query check says, from its answer and the age of its data. Pure.
Judged JudgeAnswer(const Check& check, double rpo_s, const absl::StatusOr<Answer>& answer,
                   std::optional<double> age_s);

Document ReadinessDocument(const ReadinessDesk& desk, const std::vector<PairReadiness>& pairs,
                           int64_t at_ms);
std::string ReadinessJson(const ReadinessDesk& desk, const std::vector<PairReadiness>& pairs,
                          int64_t at_ms);

// The visibility matrix: for every flow, which signals survive the loss of which region.
Section VisibilitySection(const ReadinessSpec& spec, const std::vector<RegionInfo>& regions);

}  // namespace synoptic::reports
