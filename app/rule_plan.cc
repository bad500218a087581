// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/rule_plan.h"

#include <algorithm>
#include <map>

#include "base/duration.h"
#include "base/json.h"
#include "base/status.h"

namespace synoptic::app {
namespace {

using alerting::Rule;
using alerting::RuleGroup;
using alerting::RulePlacement;
using alerting::Tier;

// JSON's strings are YAML's.
std::string Quoted(std::string_view text) {
  std::string out;
  AppendJsonString(text, out);
  return out;
}

void AppendMap(const char* name, const std::map<std::string, std::string>& map, std::string& out) {
  if (map.empty()) return;
  out += fmt::format("        {}:\n", name);
  for (const auto& [key, value] : map) {
    out += fmt::format("          {}: {}\n", Quoted(key), Quoted(value));
  }
}

void AppendOurs(const Rule& rule, std::string& out) {
  if (!rule.clear.empty()) out += "        clear: " + Quoted(rule.clear) + "\n";
  if (!rule.rolls_up_to.empty()) out += "        rolls_up_to: " + Quoted(rule.rolls_up_to) + "\n";
  if (rule.assume.any()) {
    out += fmt::format("        assume: [{}{}{}]\n", rule.assume.lag ? "lag" : "",
                       rule.assume.lag && rule.assume.change ? ", " : "",
                       rule.assume.change ? "change" : "");
  }
  if (!rule.expect) return;
  out += "        expect: {regions: [";
  for (const std::string& region : rule.expect->regions) {
    out += (out.back() == '[' ? "" : ", ") + Quoted(region);
  }
  out += fmt::format("], min_series: {}}}\n", rule.expect->min_series);
}

std::string RuleText(const Rule& rule, const std::string& expr,
                     const std::map<std::string, std::string>& labels, bool ours) {
  std::string out =
      fmt::format("      - {}: {}\n        expr: {}\n", rule.alerting() ? "alert" : "record",
                  Quoted(rule.name()), Quoted(expr));
  if (rule.for_ms != 0) out += "        for: " + FormatDurationMillis(rule.for_ms) + "\n";
  if (rule.keep_firing_for_ms != 0) {
    out += "        keep_firing_for: " + FormatDurationMillis(rule.keep_firing_for_ms) + "\n";
  }
  AppendMap("labels", labels, out);
  AppendMap("annotations", rule.annotations, out);
  if (ours) AppendOurs(rule, out);
  return out;
}

std::string GroupText(const RuleGroup& group, Tier tier) {
  std::string out = fmt::format("  - name: {}\n    interval: {}\n", Quoted(group.name),
                                FormatDurationMillis(group.interval_ms));
  if (group.query_offset_ms != 0) {
    out += "    query_offset: " + FormatDurationMillis(group.query_offset_ms) + "\n";
  }
  if (group.limit != 0) out += fmt::format("    limit: {}\n", group.limit);
  if (tier != Tier::kLocal) {
    constexpr const char* kPolicies[] = {"evaluate_if_safe", "hold", "evaluate", "fail"};
    if (group.set_tier_label) out += fmt::format("    tier: {}\n", TierName(tier));
    out += fmt::format("    on_partial: {}\n    hold_for: {}\n",
                       kPolicies[static_cast<int>(group.on_partial)],
                       FormatDurationMillis(group.hold_for_ms));
    if (group.freshness) {
      out += fmt::format("    freshness: {{max_offset: {}, max_age: {}}}\n",
                         FormatDurationMillis(group.freshness->max_offset_ms),
                         FormatDurationMillis(group.freshness->max_age_ms));
    }
  }
  return out + "    rules:\n";
}

// Names for output files: the source's last part, made unique.
std::map<std::string, std::string> Names(const std::vector<RuleGroup>& groups) {
  std::map<std::string, std::string> names;
  std::map<std::string, int> taken;
  for (const RuleGroup& group : groups) {
    if (names.contains(group.file)) continue;
    const std::string base = group.file.substr(group.file.rfind('/') + 1);
    const int before = taken[base]++;
    names[group.file] = before == 0 ? base : fmt::format("{}-{}", before + 1, base);
  }
  return names;
}

// Writes the rules of one place, group by group.
class Writer {
 public:
  Writer(const std::vector<RuleGroup>& groups, const std::vector<RulePlacement>& placed,
         const promql::Topology& topology)
      : groups_(groups), placed_(placed), topology_(topology), names_(Names(groups)) {}

  // `shard` counts for the local tier only.
  void Write(Tier tier, size_t shard, const std::string& folder, std::vector<PlannedFile>& out) {
    std::map<std::string, PlannedFile> files;
    size_t last_group = groups_.size();
    for (const RulePlacement& place : placed_) {
      if (std::max(place.tier, place.needs) != tier) continue;
      const RuleGroup& group = groups_[place.group];
      const Rule& rule = group.rules[place.rule];
      const std::string expr = tier == Tier::kLocal ? LocalText(rule, topology_, shard, 60'000)
                               : rule.at_each_place ? rule.expr
                                                    : rule.expr_as_written;
      if (expr.empty()) continue;
      PlannedFile& file = files[group.file];
      if (file.content.empty()) file.content = "groups:\n";
      if (place.group != last_group) file.content += GroupText(group, tier);
      last_group = place.group;
      auto labels = rule.labels;
      if (group.set_tier_label && tier == Tier::kLocal && rule.alerting()) {
        labels.emplace("tier", "local");
      }
      file.content += RuleText(rule, expr, labels, tier != Tier::kLocal);
      ++file.rules;
    }
    for (auto& [source, file] : files) {
      file.path = folder + "/" + names_.at(source);
      out.push_back(std::move(file));
    }
  }

 private:
  const std::vector<RuleGroup>& groups_;
  const std::vector<RulePlacement>& placed_;
  const promql::Topology& topology_;
  const std::map<std::string, std::string> names_;
};

}  // namespace

std::vector<PlannedFile> PlannedFiles(const std::vector<RuleGroup>& groups,
                                      const std::vector<RulePlacement>& placed,
                                      const promql::Topology& topology) {
  std::vector<PlannedFile> files;
  Writer writer(groups, placed, topology);
  for (size_t i = 0; i < topology.shards.size(); ++i) {
    const promql::TopologyShard& shard = topology.shards[i];
    const auto shards = std::count_if(
        topology.shards.begin(), topology.shards.end(),
        [&shard](const promql::TopologyShard& other) { return other.region == shard.region; });
    writer.Write(Tier::kLocal, i, "local/" + shard.region + (shards > 1 ? "/" + shard.shard : ""),
                 files);
  }
  writer.Write(Tier::kRegional, 0, "regional", files);
  writer.Write(Tier::kGlobal, 0, "global", files);
  return files;
}

}  // namespace synoptic::app
