// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/rule/rule_file.h"

#include <algorithm>
#include <set>

#include "alerting/rule/said_tier.h"
#include "alerting/template/template.h"
#include "base/go_format.h"
#include "base/status.h"
#include "base/strings.h"
#include "base/yaml_reader.h"
#include "promql/parse/parser.h"
#include "promql/parse/printer.h"

namespace synoptic::alerting {
namespace {

// Rules nest deeply only by mistake or malice; the file cap of the YAML reader bounds the rest.
constexpr int kMaxGroupsPerFile = 10'000;

class Loader {
 public:
  Loader(const std::string& file, const RuleFileDefaults& defaults,
         const promql::Topology& topology)
      : file_(file), defaults_(defaults), topology_(topology) {}

  std::vector<RuleGroup> File(YamlMap root) {
    std::vector<RuleGroup> groups;
    std::set<std::string> names;
    if (auto list = root.Find("groups")) {
      const std::vector<YamlValue> items = list->ReadList();
      if (items.size() > kMaxGroupsPerFile) list->Fail("more than 10000 groups in one file");
      for (const YamlValue& item : items) {
        groups.push_back(Group(item.ReadMap()));
        if (!names.insert(groups.back().name).second) {
          item.Fail(fmt::format("groupname: {} is repeated in the same file",
                                GoQuote(groups.back().name)));
        }
      }
    }
    root.Finish();
    return groups;
  }

 private:
  RuleGroup Group(YamlMap map) {
    RuleGroup group;
    group.file = file_;
    group.interval_ms = defaults_.interval_ms;
    group.query_offset_ms = defaults_.query_offset_ms;
    map.String("name", &group.name);
    if (group.name.empty()) map.self().Fail("Groupname must not be empty");
    map.DurationMillis("interval", &group.interval_ms);
    if (group.interval_ms <= 0) map.self().Fail("interval must be greater than 0");
    map.DurationMillis("query_offset", &group.query_offset_ms);
    int64_t limit = 0;
    map.Int("limit", 0, 1'000'000, &limit);
    group.limit = static_cast<int>(limit);
    Additions(map, group);
    std::map<std::string, std::string> labels;
    if (auto value = map.Find("labels")) labels = Names(*value, "label");
    if (auto list = map.Find("rules")) {
      for (const YamlValue& item : list->ReadList()) {
        group.rules.push_back(OneRule(item, labels, group));
      }
    }
    map.Finish();
    const bool records = std::any_of(group.rules.begin(), group.rules.end(),
                                     [](const Rule& rule) { return !rule.alerting(); });
    if (group.freshness && records) {
      map.self().Fail("freshness is for groups of alerting rules: samples are recorded on time");
    }
    HonourTiers(group, topology_);
    return group;
  }

  static void Additions(YamlMap& map, RuleGroup& group) {
    if (auto value = map.Find("tier")) {
      group.set_tier_label = true;
      if (auto choice = value->ReadChoice({"auto", "local", "regional", "global"}); choice > 0u) {
        group.tier = static_cast<Tier>(*choice - 1);
      }
    }
    if (auto value = map.Find("on_partial")) {
      if (auto choice = value->ReadChoice({"evaluate_if_safe", "hold", "evaluate", "fail"})) {
        group.on_partial = static_cast<OnPartial>(*choice);
      }
    }
    map.DurationMillis("hold_for", &group.hold_for_ms);
    if (auto value = map.Find("freshness")) group.freshness = ReadFreshness(*value);
  }

  static FreshnessBounds ReadFreshness(const YamlValue& value) {
    constexpr int64_t kMostMs = 15 * 60'000;  // what is measured sees half an hour
    FreshnessBounds bounds;
    YamlMap map = value.ReadMap();
    map.DurationMillis("max_offset", &bounds.max_offset_ms);
    map.DurationMillis("max_age", &bounds.max_age_ms);
    map.Finish();
    if (bounds.max_offset_ms > kMostMs || bounds.max_age_ms > kMostMs) {
      value.Fail("expected max_offset and max_age of at most 15m");
    }
    return bounds;
  }

  Rule OneRule(const YamlValue& item, const std::map<std::string, std::string>& group_labels,
               const RuleGroup& group) {
    YamlMap map = item.ReadMap();
    Rule rule;
    rule.line = item.position().line;
    map.String("record", &rule.record);
    map.String("alert", &rule.alert);
    map.String("expr", &rule.expr_as_written);
    map.DurationMillis("for", &rule.for_ms);
    map.DurationMillis("keep_firing_for", &rule.keep_firing_for_ms);
    if (auto labels = map.Find("labels")) rule.labels = Names(*labels, "label");
    rule.labels.insert(group_labels.begin(), group_labels.end());  // the rule's own win
    if (auto notes = map.Find("annotations")) rule.annotations = Names(*notes, "annotation");
    map.String("rolls_up_to", &rule.rolls_up_to);
    if (auto value = map.Find("expect")) rule.expect = ReadExpect(*value);
    if (auto value = map.Find("clear")) ReadClear(*value, rule);
    if (auto value = map.Find("assume")) ReadAssume(*value, group, rule);
    map.Finish();
    const bool ours =
        !rule.rolls_up_to.empty() || rule.expect || !rule.clear.empty() || rule.assume.any();
    if (ours && !rule.alerting()) {
      item.Fail("clear, rolls_up_to, expect and assume are for alerting rules");
    }
    if (rule.rolls_up_to == rule.alert && !rule.alert.empty()) {
      item.Fail(fmt::format("rolls_up_to: {} cannot stand for itself", GoQuote(rule.alert)));
    }
    CheckKind(item, rule);
    if (rule.alerting()) CheckTemplates(item, rule);
    CheckExpression(item, rule);
    return rule;
  }

  static void ReadAssume(const YamlValue& value, const RuleGroup& group, Rule& rule) {
    for (const std::string& word : value.ReadStrings()) {
      if (word == "lag") {
        rule.assume.lag = true;
      } else if (word == "change") {
        rule.assume.change = true;
      } else {
        value.Fail(fmt::format("expected lag or change, got {}", GoQuote(word)));
      }
    }
    if (group.on_partial != OnPartial::kEvaluateIfSafe) {
      value.Fail("only where on_partial is evaluate_if_safe is anything assumed");
    }
  }

  Expect ReadExpect(const YamlValue& value) const {
    Expect expect;
    YamlMap map = value.ReadMap();
    map.Int("min_series", 1, 1'000'000'000, &expect.min_series);
    if (auto regions = map.Find("regions")) {
      expect.regions = regions->ReadStrings();
      for (const std::string& region : expect.regions) {
        const auto known = [&region](const promql::TopologyShard& s) { return s.region == region; };
        if (topology_.shards.empty() ||
            std::any_of(topology_.shards.begin(), topology_.shards.end(), known)) {
          continue;
        }
        regions->Fail(fmt::format("expected the name of a region, got {}", GoQuote(region)));
      }
    }
    map.Finish();
    return expect;
  }

  // A comparison is asked with `bool`: so it is known whether it has a value at all.
  void ReadClear(const YamlValue& value, Rule& rule) const {
    const auto text = value.ReadString();
    if (!text) return;
    auto parsed = promql::ParseExpr(*text, defaults_.language);
    if (!parsed.ok()) {
      return value.Fail(fmt::format("could not parse expression: {}", MessageOf(parsed.status())));
    }
    if (promql::TypeOf(**parsed) != promql::ValueType::kVector) {
      return value.Fail(fmt::format("expected an expression of type instant vector, got {}",
                                    promql::DocumentedName(promql::TypeOf(**parsed))));
    }
    for (const auto& [name, label] : rule.labels) {
      if (label.find("{{") == std::string::npos) continue;
      return value.Fail(fmt::format(
          "label {} is a template: what is clear would be another alert than what fires",
          GoQuote(name)));
    }
    rule.clear = promql::Print(**parsed);
    auto& top = const_cast<promql::Expr&>(promql::Unwrap(**parsed));
    if (top.kind == promql::ExprKind::kBinary) {
      auto& binary = promql::As<promql::Binary>(top);
      rule.clear_compares = promql::IsComparison(binary.op) && !binary.return_bool;
      if (rule.clear_compares) binary.return_bool = true;
    }
    rule.clear_question = promql::Print(**parsed);
  }

  static void CheckKind(const YamlValue& item, const Rule& rule) {
    if (!rule.record.empty() && !rule.alert.empty()) {
      item.Fail("only one of 'record' and 'alert' must be set");
    } else if (!rule.record.empty()) {
      CheckRecording(item, rule);
    } else if (rule.alert.empty()) {
      item.Fail("one of 'record' or 'alert' must be set");
    }
  }

  static void CheckRecording(const YamlValue& item, const Rule& rule) {
    if (!rule.annotations.empty()) item.Fail("invalid field 'annotations' in recording rule");
    if (rule.for_ms != 0) item.Fail("invalid field 'for' in recording rule");
    if (rule.keep_firing_for_ms != 0) {
      item.Fail("invalid field 'keep_firing_for' in recording rule");
    }
    if (!IsValidUtf8(rule.record)) {
      item.Fail(fmt::format("invalid recording rule name: {}", GoQuote(rule.record)));
    }
    if (rule.record.find_first_of("{}") != std::string::npos) {
      item.Fail(fmt::format("braces present in the recording rule name; should it be in expr?: {}",
                            rule.record));
    }
  }

  static void CheckTemplates(const YamlValue& item, const Rule& rule) {
    const std::string name = "__alert_" + rule.alert;
    for (const auto& [label, text] : rule.labels) {
      if (const absl::Status status = CheckTemplate(name, text); !status.ok()) {
        item.Fail(fmt::format("label {}: {}", GoQuote(label), MessageOf(status)));
      }
    }
    for (const auto& [annotation, text] : rule.annotations) {
      if (const absl::Status status = CheckTemplate(name, text); !status.ok()) {
        item.Fail(fmt::format("annotation {}: {}", GoQuote(annotation), MessageOf(status)));
      }
    }
  }

  void CheckExpression(const YamlValue& item, Rule& rule) const {
    if (rule.expr_as_written.empty()) {
      item.Fail("field 'expr' must be set in rule");
      return;
    }
    auto parsed = promql::ParseExpr(rule.expr_as_written, defaults_.language);
    if (!parsed.ok()) {
      item.Fail(fmt::format("could not parse expression: {}", MessageOf(parsed.status())));
      return;
    }
    const promql::ValueType type = promql::TypeOf(**parsed);
    if (type != promql::ValueType::kVector && type != promql::ValueType::kScalar) {
      item.Fail(fmt::format("expected an expression of type instant vector or scalar, got {}",
                            promql::DocumentedName(type)));
      return;
    }
    rule.expr = promql::Print(**parsed);
    rule.locality = promql::LocalityOf(**parsed, topology_);
  }

  static std::map<std::string, std::string> Names(const YamlValue& value, std::string_view what) {
    std::map<std::string, std::string> result;
    for (auto& [name, text] : value.ReadStringMap()) {
      const bool reserved = what == "label" && name == promql::kMetricName;
      if (name.empty() || reserved || !IsValidUtf8(name)) {
        value.Fail(fmt::format("invalid {} name: {}", what, name));
      }
      if (!IsValidUtf8(text)) value.Fail(fmt::format("invalid {} value: {}", what, GoQuote(text)));
      result.emplace(std::move(name), std::move(text));
    }
    return result;
  }

  const std::string& file_;
  const RuleFileDefaults& defaults_;
  const promql::Topology& topology_;
};

}  // namespace

absl::StatusOr<std::vector<RuleGroup>> LoadRuleFile(const std::string& file,
                                                    std::string_view content,
                                                    const RuleFileDefaults& defaults,
                                                    const promql::Topology& topology) {
  ASSIGN_OR_RETURN(YamlDocument document, ParseYaml(file, content));
  YamlContext context(file);
  Loader loader(file, defaults, topology);
  std::vector<RuleGroup> groups =
      loader.File(YamlValue(&context, document.root.get(), "").ReadMap());
  RETURN_IF_ERROR(context.status());
  return groups;
}

}  // namespace synoptic::alerting
