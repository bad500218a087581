// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/prepared.h"

#include <algorithm>
#include <cstdlib>

#include "alerting/rule/rule_file.h"
#include "alerting/slo/slo_file.h"
#include "base/go_format.h"
#include "base/status.h"
#include "base/strings.h"

namespace synoptic::app {
namespace {

constexpr size_t kMaxRuleFileBytes = 4 << 20;
constexpr int64_t kObjectivesSlackMs = int64_t{2} * 86'400'000;  // whole days go; months are longer

absl::StatusOr<std::vector<std::string>> RuleFiles(const std::vector<std::string>& patterns,
                                                   const Fs& fs) {
  std::vector<std::string> files;
  for (const std::string& pattern : patterns) {
    ASSIGN_OR_RETURN(std::vector<std::string> found, fs.Glob(pattern));
    // A plain name that is not there is a mistake; a pattern may well match nothing.
    if (found.empty() && pattern.find_first_of("*?[") == std::string::npos) {
      return MakeStatus(absl::StatusCode::kNotFound, "{}: no such rule file", pattern);
    }
    for (std::string& file : found) {
      if (std::find(files.begin(), files.end(), file) == files.end()) {
        files.push_back(std::move(file));
      }
    }
  }
  return files;
}

void LoadSlos(const std::vector<std::string>& files, const Fs& fs, Prepared* prepared,
              std::vector<std::string>* errors) {
  // The labels that tell regions apart: sums of counters keep them.
  alerting::SloOptions options;
  options.region_labels.clear();
  for (const std::string& label : prepared->config.inventory.MakeTopology().LabelNames()) {
    bool of_region = false;
    for (const aggregator::Region& region : prepared->config.inventory.regions) {
      of_region = of_region || !region.labels.Get(label).empty();
    }
    if (of_region) options.region_labels.push_back(label);
  }
  for (const std::string& file : files) {
    auto content = fs.ReadFile(file, kMaxRuleFileBytes);
    auto slos = content.ok() ? alerting::LoadSloFile(file, *content, options)
                             : absl::StatusOr<std::vector<alerting::Slo>>(content.status());
    if (!slos.ok()) {
      errors->emplace_back(MessageOf(slos.status()));
      continue;
    }
    std::move(slos->begin(), slos->end(), std::back_inserter(prepared->slos));
  }
}

}  // namespace

absl::StatusOr<Prepared> Prepare(const std::string& file, const Environment& environment,
                                 const Fs& fs, const Fs* named) {
  Prepared prepared;
  ASSIGN_OR_RETURN(prepared.config, LoadConfig(file, environment, fs, named));
  ASSIGN_OR_RETURN(const auto files, RuleFiles(prepared.config.rule_files, fs));
  prepared.rule_files = files.size();
  const promql::Topology topology = prepared.config.inventory.MakeTopology();
  const alerting::RuleFileDefaults defaults{prepared.config.global.evaluation_interval_ms,
                                            prepared.config.global.rule_query_offset_ms,
                                            prepared.config.global.query.features.language};
  std::vector<std::string> errors;
  for (const std::string& rule_file : files) {
    auto content = fs.ReadFile(rule_file, kMaxRuleFileBytes);
    absl::StatusOr<std::vector<alerting::RuleGroup>> groups =
        content.ok() ? alerting::LoadRuleFile(rule_file, *content, defaults, topology)
                     : content.status();
    if (!groups.ok()) {
      errors.emplace_back(MessageOf(groups.status()));
      continue;
    }
    std::move(groups->begin(), groups->end(), std::back_inserter(prepared.groups));
  }
  for (const alerting::PackChoice& choice : prepared.config.packs) {
    ASSIGN_OR_RETURN(auto groups, alerting::GroupsOf(choice, defaults, topology));
    std::move(groups.begin(), groups.end(), std::back_inserter(prepared.groups));
  }
  ASSIGN_OR_RETURN(const auto slo_files, RuleFiles(prepared.config.slo_files, fs));
  LoadSlos(slo_files, fs, &prepared, &errors);
  if (!errors.empty()) return InvalidArgument("{}", Join(errors, "\n"));
  if (!prepared.config.store.retention_given) {
    // Counts of an objective that are gone would be asked of the regions again.
    int64_t& retention_ms = prepared.config.store.retention_ms;
    for (const alerting::Slo& slo : prepared.slos) {
      retention_ms = std::max(retention_ms, slo.period_s * 1000 + kObjectivesSlackMs);
    }
  }
  return prepared;
}

std::optional<std::string> ProcessEnvironment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

}  // namespace synoptic::app
