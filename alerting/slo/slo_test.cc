// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Objectives of all four forms, against golden rule files (UPDATE_GOLDEN=1 rewrites them), and what
// is left of their budgets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "alerting/slo/decimal.h"
#include "alerting/slo/rules.h"
#include "alerting/slo/slo_file.h"
#include "base/status.h"
#include "promql/parse/parser.h"

namespace synoptic::alerting {
namespace {

std::string FileText(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<Slo> Load(const std::string& name) {
  const std::string path = "alerting/slo/testdata/" + name + ".yaml";
  auto slos = LoadSloFile(name + ".yaml", FileText(path));
  EXPECT_TRUE(slos.ok()) << slos.status();
  return slos.ok() ? *std::move(slos) : std::vector<Slo>();
}

std::string ErrorOf(std::string_view text) {
  const auto slos = LoadSloFile("s.yaml", text);
  return slos.ok() ? "ok" : std::string(MessageOf(slos.status()));
}

TEST(Decimal, IsExact) {
  const Decimal one(1, 0);
  EXPECT_EQ((one - Decimal::Parse("99.9")->Percent()).ToString(), "0.001");
  EXPECT_EQ((*Decimal::Parse("14.4") * *Decimal::Parse("0.001")).ToString(), "0.0144");
  EXPECT_EQ((*Decimal::Parse("14.4") * *Decimal::Parse("0.001")).value(), 0.0144);
  EXPECT_EQ(Decimal::Parse("100.00")->ToString(), "100");
  EXPECT_EQ(Decimal::Parse("-0.5")->ToString(), "-0.5");
  for (const char* bad : {"", ".", "1e3", "1,5", "1234567890123456"}) {
    EXPECT_FALSE(Decimal::Parse(bad).ok()) << bad;
  }
}

class Golden : public testing::TestWithParam<std::pair<const char*, size_t>> {};

TEST_P(Golden, RuleFileIsAsWritten) {
  const auto& [name, at_least] = GetParam();
  const std::vector<Slo> slos = Load(name);
  EXPECT_GE(slos.size(), at_least);
  const std::string rules = RuleFileOf(slos);
  const std::string path = fmt::format("alerting/slo/testdata/{}.rules.yaml", name);
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(path) << rules;
  EXPECT_EQ(rules, FileText(path)) << path;
}

// Whatever is generated must be YAML and PromQL.
TEST_P(Golden, EveryExpressionParses) {
  const auto document = ParseYaml("rules", RuleFileOf(Load(GetParam().first)));
  ASSERT_TRUE(document.ok()) << document.status();
  YamlContext context("rules");
  YamlMap root = YamlValue(&context, document->root.get(), "").ReadMap();
  int expressions = 0;
  for (const YamlValue& group : root.Require("groups", "")->ReadList()) {
    for (const YamlValue& rule : group.ReadMap().Require("rules", "")->ReadList()) {
      const std::string expr = *rule.ReadMap().Require("expr", "")->ReadString();
      EXPECT_TRUE(promql::ParseExpr(expr).ok()) << expr << promql::ParseExpr(expr).status();
      ++expressions;
    }
  }
  EXPECT_GT(expressions, 10);
}

INSTANTIATE_TEST_SUITE_P(Forms, Golden,
                         testing::Values(std::pair("native", size_t{3}),
                                         std::pair("sloth", size_t{11}),
                                         std::pair("pyrra", size_t{10}),
                                         std::pair("openslo", size_t{11})),
                         [](const auto& info) { return std::string(info.param.first); });

std::string Thresholds(const Slo& slo) {
  std::string text;
  for (const BurnWindow& window : slo.windows) {
    text += fmt::format("{}{}/{} > {}{}; ", window.page ? "page " : "ticket ",
                        window.short_s > 0 ? WindowText(window.short_s) : "-",
                        WindowText(window.long_s), window.threshold,
                        window.for_s > 0 ? " for " + WindowText(window.for_s) : "");
  }
  return text;
}

TEST(Native, ThresholdsAreExactDecimals) {
  EXPECT_EQ(Thresholds(Load("native")[0]),
            "page 5m/1h > 0.0144; page 30m/6h > 0.006; ticket 2h/1d > 0.003; ticket 6h/3d > "
            "0.001; ");
}

// B1 and B19.
TEST(Sloth, ThresholdsAreItsOwnDoubles) {
  const Slo slo = Load("sloth")[0];
  EXPECT_EQ(Thresholds(slo),
            "page 5m/1h > (14.4 * 0.0009999999999999432); page 30m/6h > (6 * "
            "0.0009999999999999432); ticket 2h/1d > (3 * 0.0009999999999999432); ticket 6h/3d > (1 "
            "* 0.0009999999999999432); ");
  EXPECT_EQ(slo.windows[0].threshold_value, 0.014399999999999183);
  EXPECT_EQ(slo.objective_text, "0.9990000000000001");
}

// B15 and B16.
TEST(Pyrra, WindowsScaleAndFactorsStay) {
  const std::vector<Slo> slos = Load("pyrra");
  EXPECT_EQ(Thresholds(slos[1]),
            "page 5m/64m > (14 * (1-0.999)) for 2m; page 32m/386m > (7 * (1-0.999)) for 16m; "
            "ticket 129m/1543m > (2 * (1-0.999)) for 64m; ticket 386m/6171m > (1 * (1-0.999)) for "
            "193m; ");
  EXPECT_EQ(slos[0].absent_for_s, 180);
  EXPECT_TRUE(slos[6].page_disabled && slos[6].absent_for_s == 0);
}

TEST(OpenSlo, TrapsAreNoted) {
  const std::vector<Slo> slos = Load("openslo");
  const auto named = [&](std::string_view name) -> const Slo& {
    for (const Slo& slo : slos) {
      if (slo.name == name) return slo;
    }
    ADD_FAILURE() << name;
    return slos[0];
  };
  EXPECT_EQ(Thresholds(named("policy")), "page -/1h > 0.0144 for 5m; ");
  EXPECT_THAT(named("policy").notes[0], testing::HasSubstr("op lte"));
  EXPECT_EQ(named("slices").method, BudgetMethod::kTimeslices);
  EXPECT_EQ(named("slices").slice_s, 60);
  EXPECT_THAT(named("slices").notes[0], testing::HasSubstr("TimeSlices is Timeslices"));
  EXPECT_EQ(named("good").labels.at("team"), "web,core");
  ASSERT_TRUE(named("calendar").calendar.has_value());
  // 28 days: 13.44 and not 14.4.
  EXPECT_EQ(named("good").windows[0].threshold, "0.01344");
}

TEST(SloFile, EveryMistakeIsNamedWithItsPlace) {
  const std::string head = "slos:\n- name: a\n  service: s\n";
  const std::string sli = "  sli: {events: {bad: e, total: t}}\n";
  const struct {
    std::string text;
    const char* error;
  } kCases[] = {
      {head + "  objective: 0.999\n" + sli,
       "s.yaml:4:14: slos[0].objective: expected a share like 99.9%, got \"0.999\""},
      {head + "  objective: 101%\n" + sli,
       "s.yaml:4:14: slos[0].objective: expected an objective above 0% and below 100%, got "
       "\"101%\""},
      {head + "  objective: 99%\n  period: 90s\n" + sli,
       "s.yaml:5:11: slos[0].period: expected a whole number of minutes, at least 1h, got \"90s\""},
      {head + "  objective: 99%\n  sli: {events: {bad: e, good: g, total: t}}\n",
       "s.yaml:5:17: slos[0].sli.events: expected one of `bad` and `good`, got a map"},
      {head + "  objective: 99%\n  sli: {events: {bad: 'sum(', total: t}}\n",
       "s.yaml:5:23: slos[0].sli.events.bad: 1:31: parse error: unexpected \"[\" in aggregation"},
      {head + "  objective: 99%\n  period: {calendar: month, timezone: Mars}\n" + sli,
       "s.yaml:5:11: slos[0].period: time zone \"Mars\": expected a name of the IANA "
       "database, as \"Europe/Berlin\""},
      {head + "  objective: 99%\n" + sli +
           "  exclusions: [{start: \"2026-03-02T00:00:00Z\", end: "
           "\"2026-03-01T00:00:00Z\", reason: x}]\n",
       "s.yaml:6:16: slos[0].exclusions[0]: expected an end after the start"},
      {"version: prometheus/v1\nservice: s\nslos:\n- name: a\n  objective: 100\n  sli: {events: "
       "{error_query: 'e', total_query: 't[{{.window}}]'}}\n  alerting: {}\n",
       "s.yaml:5:14: slos[0].objective: expected a percentage above 0 and below 100, got "
       "\"100\"\n"},
      {"apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: a}\nspec:\n  service: s\n  timeWindow: "
       "[{duration: 28d, isRolling: true}]\n  budgetingMethod: Timeslices\n  indicatorRef: x\n  "
       "objectives: [{target: 0.9, timeSliceTarget: 0.9, timeSliceWindow: 11m}]\n",
       "s.yaml:8:17: spec.indicatorRef: \"x\" is not in this file\ns.yaml:9:69: "
       "spec.objectives[0].timeSliceWindow: expected a window that divides the period of 28d, got "
       "\"11m\""},
      {"apiVersion: openslo/v2\n",
       "s.yaml:1:1: \"openslo/v2\": expected openslo/v1, sloth.slok.dev/v1, prometheus/v1 (Sloth) "
       "or pyrra.dev/v1alpha1"},
      {"apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: a}\nspec:\n  service: s\n  timeWindow: "
       "[{duration: 1h30m, isRolling: true}]\n  indicatorRef: x\n  objectives: [{target: 0.9}]\n",
       "s.yaml:6:27: spec.timeWindow[0].duration: expected one number and one of m, h, d, w, M, Q, "
       "Y, like 28d, got \"1h30m\"\ns.yaml:7:17: spec.indicatorRef: \"x\" is not in this file"},
  };
  for (const auto& c : kCases) EXPECT_THAT(ErrorOf(c.text), testing::StartsWith(c.error)) << c.text;
}

}  // namespace
}  // namespace synoptic::alerting
