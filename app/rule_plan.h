// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Rule files for each tier: plain Prometheus ones for the regional servers, ours for regional and
// global Synoptics. Pure.
#pragma once

#include <string>
#include <vector>

#include "alerting/rule/placement.h"

namespace synoptic::app {

struct PlannedFile {
  std::string path;  // local/<region>/[<shard>/]<file>, regional/<file> or global/<file>
  std::string content;
  size_t rules = 0;
};

// `placed` is PlaceRules of `groups`. A rule that is placed lower than it can be decided is written
// for the tier that can.
std::vector<PlannedFile> PlannedFiles(const std::vector<alerting::RuleGroup>& groups,
                                      const std::vector<alerting::RulePlacement>& placed,
                                      const promql::Topology& topology);

}  // namespace synoptic::app
