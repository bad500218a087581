// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/rule/dependencies.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace synoptic::alerting {
namespace {

// `name = expr`; a name that starts with an upper-case letter is an alert.
std::string RunsOf(const std::vector<std::pair<std::string, std::string>>& rules) {
  RuleGroup group;
  for (const auto& [name, expr] : rules) {
    Rule& rule = group.rules.emplace_back();
    (std::isupper(name[0]) != 0 ? rule.alert : rule.record) = name;
    rule.expr = expr;
  }
  std::string text;
  for (const std::vector<size_t>& run : ConcurrentRuns(group)) {
    absl::StrAppend(&text, text.empty() ? "" : " | ");
    for (const size_t i : run) absl::StrAppend(&text, i == run[0] ? "" : " ", i);
  }
  return text;
}

TEST(ConcurrentRuns, CutWhereARuleReadsWhatTheRunWrites) {
  const struct {
    std::vector<std::pair<std::string, std::string>> rules;
    const char* runs;
  } kCases[] = {
      {{}, ""},
      {{{"a", "up"}, {"b", "up"}, {"c", "up"}}, "0 1 2"},
      {{{"a", "up"}, {"b", "sum(a)"}, {"c", "sum(b)"}}, "0 | 1 | 2"},
      {{{"a", "up"}, {"x", "up"}, {"b", "sum(a)"}, {"y", "x"}}, "0 1 | 2 3"},
      // A rule may read a later one: it sees the slot before.
      {{{"a", "b"}, {"b", "up"}}, "0 1"},
      {{{"a:x", "up"}, {"b", "{__name__=~\"a:.*\"}"}}, "0 | 1"},
      {{{"a:x", "up"}, {"b", "{__name__=~\"a:.*\",__name__!=\"a:x\"}"}}, "0 1"},
      // Any name: reads everything before it.
      {{{"a", "up"}, {"b", "{job=\"x\"}"}, {"c", "up"}}, "0 | 1 2"},
      {{{"Down", "up == 0"}, {"b", "count(ALERTS)"}}, "0 | 1"},
      {{{"Down", "up == 0"}, {"b", "ALERTS_FOR_STATE{alertname=\"Other\"}"}}, "0 1"},
      {{{"Down", "up == 0"}, {"b", "count_over_time(ALERTS{alertname=~\"D.*\"}[5m:])"}}, "0 | 1"},
      {{{"up2", "up"}, {"b", "up unless on () up2"}}, "0 | 1"},
  };
  for (const auto& c : kCases) EXPECT_EQ(RunsOf(c.rules), c.runs);
}

}  // namespace
}  // namespace synoptic::alerting
