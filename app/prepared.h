// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Everything a configuration means, read and validated before anything changes: the file itself
// and the rule files it names. `serve`, a reload and `check config` all come by here.
#pragma once

#include <string>
#include <vector>

#include "alerting/rule/rule.h"
#include "alerting/slo/slo.h"
#include "app/config.h"

namespace synoptic::app {

struct Prepared {
  Config config;
  std::vector<alerting::RuleGroup> groups;
  size_t rule_files = 0;
  std::vector<alerting::Slo> slos;
};

// Errors are one line each, with file, line and column.
// `named`: as in LoadConfig.
absl::StatusOr<Prepared> Prepare(const std::string& file, const Environment& environment,
                                 const Fs& fs, const Fs* named = nullptr);

// Looks up the process' environment.
std::optional<std::string> ProcessEnvironment(const std::string& name);

}  // namespace synoptic::app
