// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "alerting/packs/pack.h"
#include "base/duration.h"
#include "base/go_format.h"
#include "base/go_number.h"
#include "base/status.h"
#include "base/strings.h"
#include "promql/model/matcher.h"

namespace synoptic::alerting {
namespace {

std::string ThresholdNames(const Pack& pack) {
  std::vector<std::string> names;
  for (const PackThreshold& t : pack.thresholds) {
    names.push_back(fmt::format("{} ({})", t.name, t.unit));
  }
  return names.empty() ? "none" : Join(names, ", ");
}

// A plain number, or one in the spelling of its unit: 15m, 256MiB, 80%.
std::optional<double> ReadNumberIn(const YamlValue& value, const PackThreshold& threshold) {
  const auto text = value.ReadString();
  if (!text) return std::nullopt;
  std::optional<double> number;
  std::string expected = fmt::format("a number above 0 ({})", threshold.unit);
  const auto plain = GoParseFloat(*text);
  if (plain.ok()) number = *plain;
  if (threshold.unit == "seconds") {
    expected = "seconds or a duration, like 90 or 15m";
    const auto ms = ParseDurationMillis(*text);
    if (!plain.ok() && ms.ok()) number = static_cast<double>(*ms) / 1000;
  } else if (threshold.unit == "bytes") {
    expected = "bytes, like 1e9 or 256MiB";
    if (!plain.ok()) {
      const auto bytes = value.ReadBytes();
      if (!bytes) return std::nullopt;
      number = static_cast<double>(*bytes);
    }
  } else if (threshold.unit == "ratio") {
    expected = "a ratio above 0 and at most 1, like 0.8 or 80%";
    if (!plain.ok() && text->ends_with('%')) {
      const auto percent = GoParseFloat(std::string_view(*text).substr(0, text->size() - 1));
      if (percent.ok()) number = *percent / 100;
    }
    if (number > 1) number.reset();
  }
  if (number && std::isfinite(*number) && *number > 0) return number;
  value.Expected(fmt::format("{}; the default is {}", expected, threshold.DefaultText()));
  return std::nullopt;
}

void ReadThresholds(const YamlValue& value, PackChoice* out) {
  for (const auto& [name, item] : value.ReadEntries()) {
    const PackThreshold* threshold = out->pack->Find(name);
    if (threshold == nullptr) {
      item.Fail(fmt::format("pack {} has no threshold {}; it has {}", out->pack->name,
                            GoQuote(name), ThresholdNames(*out->pack)));
    } else if (!threshold->is_text()) {
      if (const auto number = ReadNumberIn(item, *threshold)) out->numbers[name] = *number;
    } else if (const auto text = item.ReadString()) {
      const auto op =
          threshold->unit == "pattern" ? promql::MatchOp::kRegex : promql::MatchOp::kEqual;
      const auto matcher = promql::Matcher::Create(op, "x", *text);
      if (text->empty() || !matcher.ok()) {
        item.Fail(text->empty() ? "expected a text" : std::string(MessageOf(matcher.status())));
      } else {
        out->texts[name] = *text;
      }
    }
  }
}

void CheckRule(const YamlValue& at, const Pack& pack, std::string_view rule) {
  if (pack.Has(rule)) return;
  at.Fail(fmt::format("pack {} has no rule {}; it has {}", pack.name, GoQuote(rule),
                      Join(pack.rules, ", ")));
}

void ReadLabels(const YamlValue& value, PackChoice* out) {
  for (const auto& [name, item] : value.ReadEntries()) {
    // What decides where an alert is evaluated, and by what it is told apart.
    if (name == "tier" || name == "alertname" || name == promql::kMetricName) {
      item.Fail(fmt::format("label {} is the pack's own", name));
    } else if (name.empty() || !IsValidUtf8(name)) {
      item.Fail(fmt::format("expected a label's name, got {}", GoQuote(name)));
    } else if (const auto text = item.ReadString()) {
      out->labels[name] = *text;
    }
  }
}

PackChoice ReadChoice(const YamlValue& value) {
  PackChoice choice;
  std::optional<YamlMap> map;
  std::optional<YamlValue> name = value;
  if (value.kind() != YamlNode::Kind::kScalar) {
    map = value.ReadMap();
    name = map->Require("name", "a pack");
  }
  if (!name) return choice;
  const auto text = name->ReadString();
  if (!text) return choice;
  choice.pack = FindPack(*text);
  if (choice.pack == nullptr) {
    std::vector<std::string> names;
    for (const Pack& pack : ShippedPacks()) names.push_back(pack.name);
    name->Expected(fmt::format("one of the packs {}", Join(names, ", ")));
    return choice;
  }
  if (!map) return choice;
  if (auto v = map->Find("thresholds")) ReadThresholds(*v, &choice);
  if (auto v = map->Find("labels")) ReadLabels(*v, &choice);
  if (auto v = map->Find("for")) {
    for (const auto& [rule, item] : v->ReadEntries()) {
      CheckRule(item, *choice.pack, rule);
      if (const auto ms = item.ReadDurationMillis()) choice.for_ms[rule] = *ms;
    }
  }
  if (auto v = map->Find("without")) {
    for (const YamlValue& item : v->ReadList()) {
      const auto rule = item.ReadString();
      if (!rule) continue;
      CheckRule(item, *choice.pack, *rule);
      choice.without.insert(*rule);
    }
  }
  if (auto v = map->Find("interval"); v && !v->is_null()) {
    choice.interval_ms = v->ReadDurationMillis();
    if (choice.interval_ms && *choice.interval_ms < 1000) v->Expected("an interval of at least 1s");
  }
  map->Finish();
  return choice;
}

absl::Status Tune(const PackChoice& choice, Rule* rule) {
  for (const PackThreshold& threshold : choice.pack->thresholds) {
    const auto number = choice.numbers.find(threshold.name);
    const auto text = choice.texts.find(threshold.name);
    const bool here = std::find(threshold.rules.begin(), threshold.rules.end(), rule->name()) !=
                      threshold.rules.end();
    int count = 0;
    if (here && number != choice.numbers.end()) {
      ASSIGN_OR_RETURN(rule->expr,
                       WithNumber(rule->expr, threshold.number, number->second, &count));
    } else if (here && text != choice.texts.end()) {
      ASSIGN_OR_RETURN(rule->expr, WithText(rule->expr, threshold.text, text->second, &count));
    }
    if (count > 0) rule->expr_as_written = rule->expr;
  }
  for (const auto& [name, value] : choice.labels) rule->labels[name] = value;
  if (const auto it = choice.for_ms.find(rule->name()); it != choice.for_ms.end()) {
    rule->for_ms = it->second;
  }
  return absl::OkStatus();
}

// The group's rules by what a missing region means to them.
void AddGroups(const PackChoice& choice, RuleGroup group, std::vector<RuleGroup>* out) {
  if (choice.interval_ms) group.interval_ms = *choice.interval_ms;
  std::map<OnPartial, RuleGroup> apart;
  for (Rule& rule : group.rules) {
    const auto it = choice.pack->on_partial.find(rule.name());
    const OnPartial policy = it == choice.pack->on_partial.end() ? group.on_partial : it->second;
    RuleGroup& own = apart[policy];
    if (own.rules.empty()) {
      own.file = group.file;
      own.interval_ms = group.interval_ms;
      own.query_offset_ms = group.query_offset_ms;
      own.freshness = group.freshness;
      own.limit = group.limit;
      own.on_partial = policy;
      own.name = group.name;
      if (policy == OnPartial::kHold) own.name += "-hold";
      if (policy == OnPartial::kEvaluate) own.name += "-evaluate";
    }
    own.rules.push_back(std::move(rule));
  }
  for (auto& [policy, own] : apart) out->push_back(std::move(own));
}

}  // namespace

std::vector<PackChoice> ReadPacks(const YamlValue& value) {
  std::vector<PackChoice> choices;
  std::set<const Pack*> chosen;
  for (const YamlValue& item : value.ReadList()) {
    PackChoice choice = ReadChoice(item);
    if (choice.pack == nullptr) continue;
    if (!chosen.insert(choice.pack).second) {
      item.Fail(fmt::format("pack {} is there twice", choice.pack->name));
    }
    choices.push_back(std::move(choice));
  }
  return choices;
}

absl::StatusOr<std::vector<RuleGroup>> GroupsOf(const PackChoice& choice,
                                                const RuleFileDefaults& defaults,
                                                const promql::Topology& topology) {
  std::vector<RuleGroup> groups;
  for (const auto& [part, content] :
       {std::pair("alerts.yaml", choice.pack->alerts), {"series.yaml", choice.pack->series}}) {
    const std::string file = fmt::format("packs/{}/{}", choice.pack->name, part);
    ASSIGN_OR_RETURN(std::vector<RuleGroup> loaded,
                     LoadRuleFile(file, content, defaults, topology));
    for (RuleGroup& group : loaded) {
      std::erase_if(group.rules,
                    [&](const Rule& rule) { return choice.without.contains(rule.name()); });
      for (Rule& rule : group.rules) RETURN_IF_ERROR(Tune(choice, &rule));
      if (!group.rules.empty()) AddGroups(choice, std::move(group), &groups);
    }
  }
  return groups;
}

}  // namespace synoptic::alerting
