// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <optional>

#include "app/check_live.h"
#include "app/commands.h"
#include "app/prepared.h"
#include "base/json.h"
#include "base/status.h"
#include "base/strings.h"

namespace synoptic::app {
namespace {

struct Counts {
  size_t regions = 0, shards = 0, replicas = 0, rule_files = 0, groups = 0, rules = 0;
};

Counts CountsOf(const Prepared& prepared) {
  Counts counts;
  counts.regions = prepared.config.inventory.regions.size();
  for (const aggregator::Region& region : prepared.config.inventory.regions) {
    counts.shards += region.shards.size();
    for (const aggregator::Shard& shard : region.shards) counts.replicas += shard.replicas.size();
  }
  counts.rule_files = prepared.rule_files;
  counts.groups = prepared.groups.size();
  for (const alerting::RuleGroup& group : prepared.groups) counts.rules += group.rules.size();
  return counts;
}

// Quoted where it holds what would end it.
std::string CsvField(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

std::string Lines(std::string_view name, const std::vector<std::string>& lines) {
  std::string out = fmt::format(",\"{}\":[", name);
  for (size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) out += ',';
    AppendJsonString(lines[i], out);
  }
  return out + "]";
}

using Findings = std::vector<LiveFinding>;

bool HasErrors(const Findings& findings) {
  return std::any_of(findings.begin(), findings.end(), [](const LiveFinding& finding) {
    return finding.level == LiveFinding::Level::kError;
  });
}

std::string FindingsJson(const Findings& findings) {
  std::string out = ",\"live\":[";
  for (const LiveFinding& finding : findings) {
    if (&finding != findings.data()) out += ',';
    out += fmt::format("{{\"level\":\"{}\",\"what\":\"{}\",\"where\":", NameOf(finding.level),
                       finding.what);
    AppendJsonString(finding.where, out);
    out += ",\"text\":";
    AppendJsonString(finding.text, out);
    out += '}';
  }
  return out + "]";
}

int PrintJson(const std::string& file, const absl::StatusOr<Prepared>& prepared,
              const std::optional<Findings>& live) {
  const bool good = prepared.ok() && !HasErrors(live.value_or(Findings()));
  std::string out = "{\"file\":";
  AppendJsonString(file, out);
  out += fmt::format(",\"ok\":{}", good);
  if (prepared.ok()) {
    const Counts c = CountsOf(*prepared);
    out += fmt::format(
        R"(,"regions":{},"shards":{},"replicas":{},"rule_files":{},"groups":{},"rules":{})",
        c.regions, c.shards, c.replicas, c.rule_files, c.groups, c.rules);
    out += Lines("warnings", prepared->config.warnings);
    if (live) out += FindingsJson(*live);
  } else {
    std::vector<std::string> errors;
    for (const std::string_view line : Split(MessageOf(prepared.status()), '\n')) {
      errors.emplace_back(line);
    }
    out += Lines("errors", errors);
  }
  fmt::print("{}}}\n", out);
  return good ? 0 : 1;
}

// Data to stdout: a line a finding.
int PrintFindings(const Findings& findings, OutputForm output) {
  if (output == OutputForm::kCsv) fmt::print("level,what,where,text\n");
  for (const LiveFinding& finding : findings) {
    if (output == OutputForm::kCsv) {
      fmt::print("{},{},{},{}\n", NameOf(finding.level), finding.what, CsvField(finding.where),
                 CsvField(finding.text));
    } else {
      fmt::print("{}: {}: {}\n", NameOf(finding.level), finding.where, finding.text);
    }
  }
  return HasErrors(findings) ? 1 : 0;
}

}  // namespace

int CheckConfig(const CheckConfigArguments& arguments) {
  const std::unique_ptr<Fs> fs = NewRealFs();
  const auto prepared = Prepare(arguments.file, ProcessEnvironment, *fs);
  std::optional<Findings> live;
  if (arguments.live && prepared.ok()) {
    auto findings = CheckLive(prepared->config.inventory);
    if (!findings.ok()) {
      fmt::print(stderr, "{}: {}\n", arguments.file, MessageOf(findings.status()));
      return 1;
    }
    live = *std::move(findings);
  }
  if (arguments.output == OutputForm::kJson) return PrintJson(arguments.file, prepared, live);
  if (!prepared.ok()) {
    fmt::print(stderr, "{}\n", MessageOf(prepared.status()));
    fmt::print("{}: not valid\n", arguments.file);
    return 1;
  }
  for (const std::string& warning : prepared->config.warnings) {
    fmt::print(stderr, "warning: {}\n", warning);
  }
  const Counts c = CountsOf(*prepared);
  if (arguments.output == OutputForm::kCsv) {
    fmt::print("file,ok,regions,shards,replicas,rule_files,groups,rules\n");
    fmt::print("{},true,{},{},{},{},{},{}\n", arguments.file, c.regions, c.shards, c.replicas,
               c.rule_files, c.groups, c.rules);
    return 0;
  }
  fmt::print("{}: valid: {} regions, {} shards, {} replicas; {} rule files with {} rules\n",
             arguments.file, c.regions, c.shards, c.replicas, c.rule_files, c.rules);
  return live ? PrintFindings(*live, arguments.output) : 0;
}

}  // namespace synoptic::app
