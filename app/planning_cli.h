// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The planner's part of the command line: whatif and its kin, with their options.
#pragma once

#include <optional>

#include "CLI/CLI.hpp"
#include "app/planning_commands.h"

namespace synoptic::app {

// Lives as long as `root` is used.
class PlanningCli {
 public:
  explicit PlanningCli(CLI::App& root);
  // The exit code of the command that was given; nothing when it is none of these.
  std::optional<int> Run() const;

 private:
  CLI::App& root_;
  WhatIfArguments what_if_;
  FailoverCheckArguments failover_check_;
  DrillArguments drill_start_;
  DrillArguments drill_finish_;
  PlanningArguments drill_list_;
  SloArguments slo_;
  SloFileArguments slo_files_;
  ReportArguments report_;
};

}  // namespace synoptic::app
