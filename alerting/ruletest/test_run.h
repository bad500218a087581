// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Runs a unit-test file of rules with the real rule groups and the real evaluator.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "alerting/ruletest/test_file.h"
#include "promql/parse/parser.h"

namespace synoptic::alerting {

struct RuleTestOptions {
  promql::ParseOptions language;
  bool delayed_name_removal = false;
  // Runs the tests whose name one of these regular expressions matches somewhere; empty: all.
  std::vector<std::string> run;
};

struct RuleTestReport {
  struct Case {
    std::string name;                 // or unnamed#<n>
    std::vector<std::string> errors;  // as promtool words them
  };
  std::vector<std::string> warnings;
  std::vector<Case> cases;

  bool ok() const;
};

// An error is a file that cannot be read; tests that fail are in the report.
absl::StatusOr<RuleTestReport> RunRuleTests(const std::string& file, const Fs& fs,
                                            const RuleTestOptions& options);

}  // namespace synoptic::alerting
