// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Is a region gone, or am I? The observers' reports laid side by side and judged by
// domain/verdict/observers.h (vector D7), region by region.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "alerting/observer/report.h"
#include "domain/verdict/observers.h"

namespace synoptic::alerting {

struct RegionJudgement {
  std::string region;
  domain::Reachability verdict = domain::Reachability::kOk;
  std::vector<std::string> confirmed_by;  // peers that cannot reach it either
};

struct Judgement {
  std::vector<RegionJudgement> regions;  // those that are not reachable
  bool isolated = false;                 // most is unreachable to this observer alone
  int unreachable = 0;                   // regions, the own one left out
};

// A region that the observer stands in is no remote: when it is dark, the link is not to blame.
Judgement JudgeRegions(const ObserverReport& own, const std::vector<PeerSight>& peers);

// Whether `unseen` (`us (timeout), eu (down)`, or what else a rule says of why it is blind) names
// nothing but regions of `unreachable`.
bool NamesOnly(std::string_view unseen, const std::set<std::string, std::less<>>& unreachable);

}  // namespace synoptic::alerting
