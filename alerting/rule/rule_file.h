// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Rule files: Prometheus' format with Synoptic's additions. Strict: every mistake in
// a file is reported at once, each with file, line, column and path.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "alerting/rule/rule.h"
#include "promql/model/topology.h"
#include "promql/parse/parser.h"

namespace synoptic::alerting {

struct RuleFileDefaults {
  int64_t interval_ms = 60'000;
  int64_t query_offset_ms = 0;
  promql::ParseOptions language;
};

// `topology` decides each rule's locality.
absl::StatusOr<std::vector<RuleGroup>> LoadRuleFile(const std::string& file,
                                                    std::string_view content,
                                                    const RuleFileDefaults& defaults,
                                                    const promql::Topology& topology);

}  // namespace synoptic::alerting
