// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/packs/pack.h"

#include <algorithm>

#include "base/status.h"

namespace synoptic::alerting {
namespace internal {
namespace {

PackThreshold ReadThreshold(const std::string& name, const YamlValue& value, const Pack& pack) {
  PackThreshold threshold;
  threshold.name = name;
  YamlMap map = value.ReadMap();
  if (auto v = map.Require("unit", "what it is measured in")) {
    threshold.unit = v->ReadString().value_or("");
  }
  if (auto v = map.Require("default", "what stands in the rules")) {
    if (threshold.is_text()) {
      threshold.text = v->ReadString().value_or("");
    } else {
      threshold.number = v->ReadNumber().value_or(0);
    }
  }
  map.String("about", &threshold.about);
  map.Strings("rules", &threshold.rules);
  map.Finish();
  if (threshold.about.empty()) value.Fail("expected `about`, a few words");
  if (threshold.rules.empty()) value.Fail("expected `rules`, where it stands");
  for (const std::string& rule : threshold.rules) {
    if (!pack.Has(rule)) value.Fail(fmt::format("rules: no rule {} in the pack", rule));
  }
  return threshold;
}

void ReadDefinition(YamlMap map, Pack* pack) {
  map.String("about", &pack->about);
  if (auto thresholds = map.Find("thresholds")) {
    for (const auto& [name, value] : thresholds->ReadEntries()) {
      pack->thresholds.push_back(ReadThreshold(name, value, *pack));
    }
  }
  if (auto policies = map.Find("on_partial")) {
    for (const auto& [rule, value] : policies->ReadEntries()) {
      if (!pack->Has(rule)) value.Fail(fmt::format("no rule {} in the pack", rule));
      if (auto choice = value.ReadChoice({"evaluate_if_safe", "hold", "evaluate", "fail"})) {
        pack->on_partial[rule] = static_cast<OnPartial>(*choice);
      }
    }
  }
  map.Finish();
}

}  // namespace

absl::StatusOr<Pack> ReadPack(const PackText& text) {
  Pack pack;
  pack.name = text.name;
  pack.alerts = text.alerts;
  pack.series = text.series;
  for (const auto& [part, content] :
       {std::pair("alerts.yaml", text.alerts), {"series.yaml", text.series}}) {
    ASSIGN_OR_RETURN(const auto groups,
                     LoadRuleFile(fmt::format("{}/{}", text.name, part), content, {}, {}));
    for (const RuleGroup& group : groups) {
      for (const Rule& rule : group.rules) {
        if (!pack.Has(rule.name())) pack.rules.push_back(rule.name());
      }
    }
  }
  const std::string file = fmt::format("{}/pack.yaml", text.name);
  ASSIGN_OR_RETURN(const YamlDocument document, ParseYaml(file, text.pack));
  YamlContext context(file);
  ReadDefinition(YamlValue(&context, document.root.get(), "").ReadMap(), &pack);
  RETURN_IF_ERROR(context.status());
  return pack;
}

}  // namespace internal

std::string PackThreshold::DefaultText() const {
  return is_text() ? text : fmt::format("{}", number);
}

const PackThreshold* Pack::Find(std::string_view threshold) const {
  const auto it = std::find_if(thresholds.begin(), thresholds.end(),
                               [&](const PackThreshold& t) { return t.name == threshold; });
  return it == thresholds.end() ? nullptr : &*it;
}

bool Pack::Has(std::string_view rule) const {
  return std::find(rules.begin(), rules.end(), rule) != rules.end();
}

const std::vector<Pack>& ShippedPacks() {
  static const std::vector<Pack>* const packs = [] {
    auto* list = new std::vector<Pack>;
    for (const internal::PackText& text : internal::PackTexts()) {
      auto pack = internal::ReadPack(text);
      // packs_test proves that each can be read.
      if (pack.ok()) list->push_back(*std::move(pack));
    }
    return list;
  }();
  return *packs;
}

const Pack* FindPack(std::string_view name) {
  for (const Pack& pack : ShippedPacks()) {
    if (pack.name == name) return &pack;
  }
  return nullptr;
}

}  // namespace synoptic::alerting
