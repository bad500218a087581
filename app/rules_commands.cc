// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/rules_commands.h"

#include <cstdio>

#include "alerting/rule/lint.h"
#include "alerting/rule/rule_file.h"
#include "app/prepared.h"
#include "app/rule_plan.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/status.h"
#include "base/strings.h"

namespace synoptic::app {
namespace {

using alerting::LintNote;
using alerting::RuleGroup;
using alerting::RulePlacement;
using alerting::TierName;

constexpr size_t kMaxRuleFileBytes = 4 << 20;

int Fail(const absl::Status& status) {
  std::fflush(stdout);
  fmt::print(stderr, "{}\n", MessageOf(status));
  return 1;
}

// CSV's quotes, where they are needed.
std::string Cell(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

std::string Members(const std::vector<std::pair<const char*, std::string>>& members) {
  std::string out = "{";
  for (const auto& [name, value] : members) {
    out += fmt::format("{}\"{}\":", out.size() > 1 ? "," : "", name);
    AppendJsonString(value, out);
  }
  return out;
}

void PrintPlaced(const std::vector<RuleGroup>& groups, const std::vector<RulePlacement>& placed,
                 const std::vector<LintNote>& notes, OutputForm form) {
  std::string json = "[";
  if (form == OutputForm::kCsv) fmt::print("file,line,group,rule,tier,needs,reason,notes\n");
  for (const RulePlacement& place : placed) {
    const RuleGroup& group = groups[place.group];
    const alerting::Rule& rule = group.rules[place.rule];
    std::vector<std::string> own;
    for (const LintNote& note : notes) {
      if (note.group == place.group && note.rule == place.rule) {
        own.push_back(note.id + ": " + note.text);
      }
    }
    const std::string tier(TierName(place.tier)), needs(TierName(place.needs));
    if (form == OutputForm::kJson) {
      json += json.size() > 1 ? ",\n " : "";
      json += Members({{"file", group.file},
                       {"group", group.name},
                       {"rule", rule.name()},
                       {"tier", tier},
                       {"needs", needs},
                       {"reason", place.reason}});
      json += fmt::format(",\"line\":{},\"notes\":[", rule.line);
      for (const std::string& note : own) {
        if (json.back() != '[') json += ',';
        AppendJsonString(note, json);
      }
      json += "]}";
    } else if (form == OutputForm::kCsv) {
      fmt::print("{},{},{},{},{},{},{},{}\n", Cell(group.file), rule.line, Cell(group.name),
                 Cell(rule.name()), tier, needs, Cell(place.reason), Cell(Join(own, "; ")));
    } else {
      fmt::print("{:<9} {:<40} {}\n", tier, rule.name(), place.reason);
      for (const std::string& note : own) {
        std::fflush(stdout);
        fmt::print(stderr, "{}:{}: {}: {}\n", group.file, rule.line, rule.name(), note);
      }
    }
  }
  if (form == OutputForm::kJson) fmt::print("{}]\n", json);
}

absl::StatusOr<promql::Topology> TopologyFor(const std::string& config, const Fs& fs,
                                             alerting::RuleFileDefaults& defaults) {
  promql::Topology topology;
  if (config.empty()) {
    for (const char* region : {"a", "b"}) {
      topology.shards.push_back({region, "main", promql::Labels::From({{"region", region}})});
    }
    return topology;
  }
  ASSIGN_OR_RETURN(const Config loaded, LoadConfig(config, ProcessEnvironment, fs));
  defaults.interval_ms = loaded.global.evaluation_interval_ms;
  defaults.query_offset_ms = loaded.global.rule_query_offset_ms;
  defaults.language = loaded.global.query.features.language;
  return loaded.inventory.MakeTopology();
}

}  // namespace

int PlanRules(const PlanRulesArguments& arguments) {
  const std::unique_ptr<Fs> fs = NewRealFs();
  const auto prepared = Prepare(arguments.config, ProcessEnvironment, *fs);
  if (!prepared.ok()) return Fail(prepared.status());
  const promql::Topology topology = prepared->config.inventory.MakeTopology();
  const auto placed = alerting::PlaceRules(prepared->groups, topology);
  std::vector<LintNote> warnings;
  for (const RulePlacement& place : placed) {
    if (!place.warning.empty()) warnings.push_back({place.group, place.rule, "L12", place.warning});
  }
  PrintPlaced(prepared->groups, placed, warnings, arguments.output);
  if (arguments.out.empty()) return 0;
  for (const PlannedFile& file : PlannedFiles(prepared->groups, placed, topology)) {
    const std::string path = arguments.out + "/" + file.path;
    absl::Status written = fs->CreateDirectories(path.substr(0, path.rfind('/')));
    if (written.ok()) written = fs->WriteFileAtomically(path, file.content);
    if (!written.ok()) return Fail(written);
    fmt::print(stderr, "{}: {} rules\n", path, file.rules);
  }
  return 0;
}

int CheckRules(const CheckRulesArguments& arguments) {
  const std::unique_ptr<Fs> fs = NewRealFs();
  alerting::RuleFileDefaults defaults;
  const auto topology = TopologyFor(arguments.config, *fs, defaults);
  if (!topology.ok()) return Fail(topology.status());
  std::vector<RuleGroup> groups;
  bool valid = true;
  for (const std::string& file : arguments.files) {
    const auto content = fs->ReadFile(file, kMaxRuleFileBytes);
    auto loaded = content.ok() ? alerting::LoadRuleFile(file, *content, defaults, *topology)
                               : absl::StatusOr<std::vector<RuleGroup>>(content.status());
    if (!loaded.ok()) {
      valid = Fail(loaded.status()) == 0;
      continue;
    }
    std::move(loaded->begin(), loaded->end(), std::back_inserter(groups));
  }
  const auto placed = alerting::PlaceRules(groups, *topology);
  const auto notes = alerting::LintRules(groups, placed);
  PrintPlaced(groups, placed, notes, arguments.output);
  return valid && (!arguments.strict || notes.empty()) ? 0 : 1;
}

}  // namespace synoptic::app
