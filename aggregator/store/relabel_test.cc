// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/store/relabel.h"

#include <gtest/gtest.h>

#include "base/status.h"

namespace synoptic::aggregator {
namespace {

using Action = RelabelAction;

std::string Relabelled(const std::vector<RelabelRule>& rules) {
  const auto relabeller = NewRelabeller(rules);
  if (!relabeller.ok()) return std::string(MessageOf(relabeller.status()));
  const auto labels =
      (*relabeller)
          ->Apply(promql::Labels::From({{"a", "foo"}, {"b", "bar"}, {"c", "baz"}, {"d", "BäZ-7"}}));
  return labels.has_value() ? labels->ToString() : "dropped";
}

struct Case {
  std::vector<RelabelRule> rules;
  const char* want;
};

// What Prometheus 3.15 makes of the same rules and labels.
TEST(Relabel, DoesWhatPrometheusDoes) {
  const Case kCases[] = {
      {{}, R"({a="foo", b="bar", c="baz", d="BäZ-7"})"},
      {{{.source_labels = {"a", "b"},
         .regex = "f(.*);(.*)r",
         .target_label = "a",
         .replacement = "b${1}${2}m"}},
       R"({a="boobam", b="bar", c="baz", d="BäZ-7"})"},
      {{{.source_labels = {"a"}, .regex = "f", .target_label = "b", .replacement = "x"}},
       R"({a="foo", b="bar", c="baz", d="BäZ-7"})"},
      {{{.source_labels = {"a"}, .regex = "(f).*", .target_label = "${1}x"}},
       R"({a="foo", b="bar", c="baz", d="BäZ-7", fx="f"})"},
      {{{.target_label = "e", .replacement = "plain"}},
       R"({a="foo", b="bar", c="baz", d="BäZ-7", e="plain"})"},
      {{{.source_labels = {"a"}, .regex = ".*", .target_label = "b", .replacement = ""}},
       R"({a="foo", c="baz", d="BäZ-7"})"},
      {{{.action = Action::kKeep, .source_labels = {"a"}, .regex = "foo"}},
       R"({a="foo", b="bar", c="baz", d="BäZ-7"})"},
      {{{.action = Action::kKeep, .source_labels = {"a"}, .regex = "fo"}}, "dropped"},
      {{{.action = Action::kDrop,
         .source_labels = {"a", "b"},
         .separator = "-",
         .regex = "foo-bar"}},
       "dropped"},
      {{{.action = Action::kDrop, .source_labels = {"none"}, .regex = "x"}},
       R"({a="foo", b="bar", c="baz", d="BäZ-7"})"},
      {{{.action = Action::kKeepEqual, .source_labels = {"a"}, .target_label = "b"}}, "dropped"},
      {{{.action = Action::kDropEqual, .source_labels = {"a"}, .target_label = "b"}},
       R"({a="foo", b="bar", c="baz", d="BäZ-7"})"},
      {{{.action = Action::kHashMod, .source_labels = {"c"}, .modulus = 1000, .target_label = "d"}},
       R"({a="foo", b="bar", c="baz", d="976"})"},
      {{{.action = Action::kLabelMap, .regex = "(a|b)", .replacement = "x_$1"}},
       R"({a="foo", b="bar", c="baz", d="BäZ-7", x_a="foo", x_b="bar"})"},
      {{{.action = Action::kLabelDrop, .regex = "[ab]"}}, R"({c="baz", d="BäZ-7"})"},
      {{{.action = Action::kLabelKeep, .regex = "[ab]"}}, R"({a="foo", b="bar"})"},
      {{{.action = Action::kLabelDrop, .regex = ".*"}}, "dropped"},
      {{{.action = Action::kUppercase, .source_labels = {"a"}, .target_label = "a"}},
       R"({a="FOO", b="bar", c="baz", d="BäZ-7"})"},
      {{{.action = Action::kLowercase, .source_labels = {"d"}, .target_label = "d"}},
       R"({a="foo", b="bar", c="baz", d="bäz-7"})"},
      // Later rules see what earlier ones made; what one drops no later one brings back.
      {{{.source_labels = {"a"}, .target_label = "b"},
        {.action = Action::kKeepEqual, .source_labels = {"a"}, .target_label = "b"},
        {.action = Action::kLabelKeep, .regex = "b"}},
       R"({b="foo"})"},
      {{{.action = Action::kDrop, .source_labels = {"a"}},
        {.target_label = "b", .replacement = "x"}},
       "dropped"},
  };
  for (const Case& c : kCases) EXPECT_EQ(Relabelled(c.rules), c.want);
}

TEST(Relabel, WhatARuleLacksOrHasTooMuchIsSaid) {
  const Case kCases[] = {
      {{{.regex = "(", .target_label = "a"}}, "invalid regex \"(\": missing ): ^(?s:()$"},
      {{{}}, "relabel configuration for replace action requires 'target_label' value"},
      {{{.action = Action::kHashMod, .target_label = "a"}},
       "relabel configuration for hashmod requires non-zero modulus"},
      {{{.action = Action::kUppercase, .target_label = "a", .replacement = "x"}},
       "'replacement' can not be set for uppercase action"},
      {{{.action = Action::kDropEqual, .regex = "x", .target_label = "a"}},
       "dropequal action requires only 'source_labels' and `target_label`, and no other fields"},
      {{{.action = Action::kLabelDrop, .source_labels = {"a"}}},
       "labeldrop action requires only 'regex', and no other fields"},
      {{{.action = Action::kLabelMap, .replacement = ""}},
       "\"\" is invalid 'replacement' for labelmap action"},
  };
  for (const Case& c : kCases) EXPECT_EQ(Relabelled(c.rules), c.want);
}

}  // namespace
}  // namespace synoptic::aggregator
