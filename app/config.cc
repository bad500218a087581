// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/config.h"

#include <algorithm>

#include "app/config_sections.h"
#include "base/status.h"
#include "base/strings.h"
#include "base/yaml_reader.h"
#include "xxhash.h"

namespace synoptic::app {
namespace {

void ReadPatterns(const YamlContext& context, const YamlValue& value,
                  std::vector<std::string>* out) {
  for (const YamlValue& item : value.ReadList()) {
    const auto pattern = item.ReadString();
    if (!pattern) continue;
    const size_t wildcard = pattern->find_first_of("*?[");
    if (wildcard != std::string::npos && pattern->find('/', wildcard) != std::string::npos) {
      // As in Prometheus: only the last part of the path may be a pattern.
      item.Fail("expected wildcards in the last part of the path only");
      continue;
    }
    out->push_back(context.Resolve(*pattern));
  }
}

void ReadReports(const YamlContext& context, const YamlValue& value, ReportSchedule* out) {
  YamlMap map = value.ReadMap();
  if (auto v = map.Require("directory", "where reports are written")) {
    out->directory = context.Resolve(v->ReadString().value_or(""));
  }
  map.DurationMillis("every", &out->every_ms);
  if (out->every_ms < 60'000) value.Fail("every: expected at least 1m");
  for (const auto& [key, names, known] :
       {std::tuple("formats", &out->formats,
                   std::vector<std::string>{"html", "markdown", "json", "csv", "text"}),
        {"names", &out->names, {"capacity", "slo", "readiness", "drills"}}}) {
    map.Strings(key, names);
    for (const std::string& name : *names) {
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      value.Fail(fmt::format("{}: expected some of {}, got \"{}\"", key, Join(known, ", "), name));
    }
  }
  map.Finish();
}

// What needs to know the regions.
void ReadPlanning(YamlMap& map, Config* out) {
  std::vector<reports::RegionInfo> regions;
  for (const aggregator::Region& region : out->inventory.regions) {
    regions.push_back({region.name, region.labels, region.weight});
  }
  out->capacity.regions = regions;
  if (auto v = map.Find("capacity")) out->capacity = reports::ReadCapacity(*v, regions);
  if (auto v = map.Find("readiness")) out->readiness = reports::ReadReadiness(*v, regions);
}

void ReadAll(YamlContext* context, const YamlValue& root, Config* out) {
  if (!root.is_null() && root.kind() != YamlNode::Kind::kMap) return root.Expected("a map");
  YamlMap map = root.ReadMap();
  if (auto v = map.Find("global")) ReadGlobal(*v, &out->global);
  if (auto v = map.Require("regions", "the list of regions to ask")) {
    ReadRegions(context, *v, &out->inventory);
  }
  if (auto v = map.Find("resilience")) ReadResilience(*v, out);
  if (auto v = map.Find("cache")) ReadCache(context, *v, out);
  if (auto v = map.Find("rule_files")) ReadPatterns(*context, *v, &out->rule_files);
  if (auto v = map.Find("packs")) out->packs = alerting::ReadPacks(*v);
  if (auto v = map.Find("alerting")) ReadAlerting(context, *v, out);
  if (auto v = map.Find("observers")) ReadObservers(context, *v, out);
  if (auto v = map.Find("store")) ReadStore(*v, out);
  if (auto v = map.Find("web")) ReadWeb(*v, &out->web);
  if (auto v = map.Find("remote_write")) ReadRemoteWrite(context, *v, out);
  if (auto v = map.Find("slo_files")) ReadPatterns(*context, *v, &out->slo_files);
  if (auto v = map.Find("reports"); v && !v->is_null()) ReadReports(*context, *v, &out->reports);
  ReadPlanning(map, out);
  NotSupportedYet(map.Find("tenancy"), "tenancy");
  map.Finish();
}

}  // namespace

void NotSupportedYet(const std::optional<YamlValue>& value, std::string_view what) {
  if (value.has_value() && !value->IsEmpty()) {
    value->Fail(fmt::format("{}: not supported yet; leave it out", what));
  }
}

absl::StatusOr<Config> ParseConfig(const std::string& file, std::string_view text,
                                   const Environment& environment, const Fs& fs) {
  ASSIGN_OR_RETURN(YamlDocument document, ParseYaml(file, text));
  YamlContext context(file, environment, &fs);
  Config config;
  if (document.more_documents) {
    return InvalidArgument("{}: expected one YAML document, got several", file);
  }
  ReadAll(&context, YamlValue(&context, document.root.get(), ""), &config);
  RETURN_IF_ERROR(context.status());
  config.yaml = EmitYaml(*document.root);
  config.hash = XXH64(text.data(), text.size(), 0);
  return config;
}

absl::StatusOr<Config> LoadConfig(const std::string& file, const Environment& environment,
                                  const Fs& fs, const Fs* named) {
  ASSIGN_OR_RETURN(const std::string text, fs.ReadFile(file, YamlLimits().max_bytes));
  return ParseConfig(file, text, environment, named != nullptr ? *named : fs);
}

}  // namespace synoptic::app
