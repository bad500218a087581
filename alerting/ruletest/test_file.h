// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Unit-test files of rules: promtool's format, with regions and outages added.
//
//   tests:
//     - input_series:
//         - {series: 'lag{db="a"}', values: '90x20', region: us}   # added: where the series lives
//       outages:                                                   # added: who does not answer
//         - {region: us, from: 5m, to: 10m}                        # without `to`: until the end
//       alert_rule_test:
//         - {eval_time: 7m, alertname: LagHigh,
//            exp_alerts: [{exp_labels: {db: a, region: us}, exp_held: true}]}   # added: exp_held
//
// A series with a region gets the label `region`, as the region's Prometheus would give it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "alerting/ruletest/memory_querier.h"
#include "base/fs.h"
#include "promql/model/labels.h"

namespace synoptic::alerting {

struct InputSeries {
  std::string series;
  std::string values;
  std::string region;
};

struct ExpectedAlert {
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
  std::optional<bool> held;
};

struct AlertCase {
  int64_t eval_time_ms = 0;
  std::string alertname;
  std::vector<ExpectedAlert> alerts;
};

struct ExpectedSample {
  std::string labels;
  double value = 0;
  std::string histogram;  // not empty: value is ignored
};

struct ExprCase {
  std::string expr;
  int64_t eval_time_ms = 0;
  std::vector<ExpectedSample> samples;
};

struct RuleTestGroup {
  std::string name;
  int64_t interval_ms = 0;
  int64_t start_ms = 0;
  std::vector<InputSeries> input;
  std::vector<std::string> regions;  // in order of mention
  std::vector<Outage> outages;       // times from the start of the test
  std::vector<AlertCase> alert_cases;
  std::vector<ExprCase> expr_cases;
  promql::Labels external_labels;
  std::string external_url;
};

struct RuleTestFile {
  std::vector<std::string> rule_files;  // existing files
  std::vector<std::string> warnings;    // patterns that match none
  int64_t evaluation_interval_ms = 60'000;
  std::map<std::string, int> group_order;
  bool fuzzy_compare = false;
  std::vector<RuleTestGroup> tests;
};

// Errors are lines with file, line, column and path.
absl::StatusOr<RuleTestFile> LoadRuleTestFile(const std::string& file, const Fs& fs);

}  // namespace synoptic::alerting
