// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/observer/judgement.h"

#include <algorithm>

#include "base/strings.h"

namespace synoptic::alerting {
namespace {

std::vector<std::string> Confirming(const std::string& region,
                                    const std::vector<PeerSight>& peers) {
  std::vector<std::string> names;
  for (const PeerSight& peer : peers) {
    // One that is cut off itself confirms nothing but that.
    if (!peer.fresh || peer.report.isolated) continue;
    const bool confirms =
        std::any_of(peer.report.regions.begin(), peer.report.regions.end(),
                    [&region](const RegionSight& s) { return s.region == region && !s.reachable; });
    if (confirms) names.push_back(peer.name);
  }
  return names;
}

}  // namespace

Judgement JudgeRegions(const ObserverReport& own, const std::vector<PeerSight>& peers) {
  Judgement result;
  int remotes = 0;
  for (const RegionSight& sight : own.regions) {
    if (sight.region == own.region) continue;
    ++remotes;
    result.unreachable += sight.reachable ? 0 : 1;
  }
  for (const RegionSight& sight : own.regions) {
    if (sight.reachable) continue;
    RegionJudgement& region = result.regions.emplace_back();
    region.region = sight.region;
    region.confirmed_by = Confirming(sight.region, peers);
    if (sight.region == own.region) {
      region.verdict = domain::Reachability::kRegionUnreachable;
      continue;
    }
    const auto verdict =
        domain::Judge({remotes, result.unreachable, static_cast<int>(region.confirmed_by.size())});
    region.verdict = verdict.ok() ? *verdict : domain::Reachability::kSuspect;
    if (region.verdict == domain::Reachability::kObserverIsolated) result.isolated = true;
  }
  return result;
}

bool NamesOnly(std::string_view unseen, const std::set<std::string, std::less<>>& unreachable) {
  for (std::string_view part : Split(unseen, ',')) {
    part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
    if (!unreachable.contains(part.substr(0, part.find(" (")))) return false;
  }
  return !unseen.empty();
}

}  // namespace synoptic::alerting
