// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "alerting/ruletest/test_run.h"
#include "app/commands.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/status.h"

namespace synoptic::app {
namespace {

using alerting::RuleTestReport;
using Outcome = absl::StatusOr<RuleTestReport>;

void PrintText(const std::string& file, const Outcome& outcome) {
  fmt::print("Unit testing: {}\n", file);
  if (outcome.ok()) {
    for (const std::string& warning : outcome->warnings) {
      fmt::print(stderr, "  WARNING: {}\n", warning);
    }
  }
  if (outcome.ok() && outcome->ok()) {
    fmt::print("  SUCCESS\n\n");
    return;
  }
  std::fflush(stdout);
  fmt::print(stderr, "  FAILED:\n");
  if (!outcome.ok()) {
    fmt::print(stderr, "{}\n", MessageOf(outcome.status()));
  } else {
    for (const RuleTestReport::Case& c : outcome->cases) {
      for (const std::string& error : c.errors) fmt::print(stderr, "{}\n", error);
    }
  }
  fmt::print(stderr, "\n");
}

std::string JsonStrings(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) {
    if (out.size() > 1) out += ',';
    AppendJsonString(text, out);
  }
  return out + "]";
}

void AppendJson(const std::string& file, const Outcome& outcome, std::string& out) {
  out += "{\"file\":";
  AppendJsonString(file, out);
  out += fmt::format(",\"ok\":{}", outcome.ok() && outcome->ok());
  if (!outcome.ok()) {
    out += ",\"error\":";
    AppendJsonString(MessageOf(outcome.status()), out);
  } else {
    out += ",\"tests\":[";
    for (const RuleTestReport::Case& c : outcome->cases) {
      if (out.back() != '[') out += ',';
      out += "{\"name\":";
      AppendJsonString(c.name, out);
      out += ",\"errors\":" + JsonStrings(c.errors) + "}";
    }
    out += ']';
  }
  out += '}';
}

}  // namespace

int TestRules(const TestRulesArguments& arguments) {
  const std::unique_ptr<Fs> fs = NewRealFs();
  alerting::RuleTestOptions options;
  options.run = arguments.run;
  for (const std::string& feature : arguments.features) {
    if (feature == "promql-experimental-functions") options.language.experimental_functions = true;
    if (feature == "promql-unquoted-utf8-names") options.language.unquoted_utf8_names = true;
    if (feature == "promql-binop-fill-modifiers") options.language.binop_fill_modifiers = true;
    if (feature == "promql-delayed-name-removal") options.delayed_name_removal = true;
  }
  bool passed = true;
  std::string json;
  for (const std::string& file : arguments.files) {
    const Outcome outcome = alerting::RunRuleTests(file, *fs, options);
    passed = passed && outcome.ok() && outcome->ok();
    if (arguments.output == OutputForm::kJson) {
      json += json.empty() ? "[" : ",\n ";
      AppendJson(file, outcome, json);
    } else if (arguments.output == OutputForm::kCsv) {
      if (&file == &arguments.files.front()) fmt::print("file,test,errors\n");
      if (!outcome.ok()) fmt::print("{},,1\n", file);
      if (!outcome.ok()) continue;
      for (const RuleTestReport::Case& c : outcome->cases) {
        fmt::print("{},{},{}\n", file, c.name, c.errors.size());
      }
    } else {
      PrintText(file, outcome);
    }
  }
  if (arguments.output == OutputForm::kJson) fmt::print("{}]\n", json);
  return passed ? 0 : 1;
}

}  // namespace synoptic::app
