// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/ruletest/test_file.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "absl/time/time.h"
#include "base/go_format.h"
#include "base/status.h"
#include "base/strings.h"
#include "base/yaml_reader.h"

namespace synoptic::alerting {
namespace {

constexpr size_t kMaxFileBytes = 16 << 20;

void Mention(const std::string& region, RuleTestGroup& group) {
  if (region.empty()) return;
  if (std::find(group.regions.begin(), group.regions.end(), region) == group.regions.end()) {
    group.regions.push_back(region);
  }
}

// RFC 3339 or Unix seconds.
void ReadTime(YamlMap& map, std::string_view key, int64_t* out) {
  const auto value = map.Find(key);
  if (!value || value->is_null()) return;
  const auto text = value->ReadString();
  if (!text) return;
  double seconds = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  if (error == std::errc() && end == text->data() + text->size() && std::abs(seconds) < 1e11) {
    *out = std::llround(seconds * 1000);
    return;
  }
  absl::Time time;
  if (absl::ParseTime(absl::RFC3339_full, ToAbsl(*text), &time, nullptr)) {
    *out = absl::ToUnixMillis(time);
    return;
  }
  value->Expected("a time in RFC 3339 or Unix seconds");
}

// Any float, as YAML and Go spell it.
void ReadFloat(YamlMap& map, std::string_view key, double* out) {
  const auto value = map.Find(key);
  if (!value || value->is_null()) return;
  const auto text = value->ReadString();
  if (!text) return;
  std::string plain = ToLowerAscii(*text);
  std::erase(plain, '_');
  std::string_view digits = plain;
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  if (digits.starts_with(".inf") || digits.starts_with(".nan")) digits.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    return value->Expected("a number");
  }
  *out = negative ? -number : number;
}

std::map<std::string, std::string> ReadMapOf(YamlMap& map, std::string_view key) {
  std::map<std::string, std::string> out;
  const auto value = map.Find(key);
  if (!value || value->is_null()) return out;
  for (auto& [name, text] : value->ReadStringMap()) out[name] = text;
  return out;
}

std::vector<YamlValue> ListOf(YamlMap& map, std::string_view key) {
  const auto value = map.Find(key);
  return value ? value->ReadList() : std::vector<YamlValue>();
}

void ReadInput(YamlMap& map, RuleTestGroup& group) {
  for (const YamlValue& item : ListOf(map, "input_series")) {
    YamlMap entry = item.ReadMap();
    InputSeries& input = group.input.emplace_back();
    entry.String("series", &input.series);
    entry.String("values", &input.values);
    entry.String("region", &input.region);
    Mention(input.region, group);
    entry.Finish();
  }
  for (const YamlValue& item : ListOf(map, "outages")) {
    YamlMap entry = item.ReadMap();
    Outage& outage = group.outages.emplace_back();
    entry.String("region", &outage.region);
    if (outage.region.empty()) item.Fail("an outage needs a region");
    entry.DurationMillis("from", &outage.from_ms);
    entry.DurationMillis("to", &outage.to_ms);
    if (outage.to_ms <= outage.from_ms) item.Fail("an outage ends after it begins");
    Mention(outage.region, group);
    entry.Finish();
  }
}

void ReadAlertCases(YamlMap& map, RuleTestGroup& group) {
  for (const YamlValue& item : ListOf(map, "alert_rule_test")) {
    YamlMap entry = item.ReadMap();
    AlertCase& alert_case = group.alert_cases.emplace_back();
    entry.DurationMillis("eval_time", &alert_case.eval_time_ms);
    entry.String("alertname", &alert_case.alertname);
    if (alert_case.alertname.empty()) {
      item.Fail(fmt::format(
          "an item under alert_rule_test misses required attribute alertname at eval_time {}{}",
          absl::FormatDuration(absl::Milliseconds(alert_case.eval_time_ms)),
          group.name.empty() ? "" : fmt::format(" (in TestGroup {})", group.name)));
    }
    for (const YamlValue& alert : ListOf(entry, "exp_alerts")) {
      YamlMap fields = alert.ReadMap();
      ExpectedAlert& expected = alert_case.alerts.emplace_back();
      expected.labels = ReadMapOf(fields, "exp_labels");
      expected.annotations = ReadMapOf(fields, "exp_annotations");
      if (const auto held = fields.Find("exp_held")) expected.held = held->ReadBool();
      fields.Finish();
    }
    entry.Finish();
  }
}

void ReadExprCases(YamlMap& map, RuleTestGroup& group) {
  for (const YamlValue& item : ListOf(map, "promql_expr_test")) {
    YamlMap entry = item.ReadMap();
    ExprCase& expr_case = group.expr_cases.emplace_back();
    entry.String("expr", &expr_case.expr);
    entry.DurationMillis("eval_time", &expr_case.eval_time_ms);
    for (const YamlValue& sample : ListOf(entry, "exp_samples")) {
      YamlMap fields = sample.ReadMap();
      ExpectedSample& expected = expr_case.samples.emplace_back();
      fields.String("labels", &expected.labels);
      ReadFloat(fields, "value", &expected.value);
      fields.String("histogram", &expected.histogram);
      fields.Finish();
    }
    entry.Finish();
  }
}

RuleTestGroup ReadGroup(const YamlValue& item, int64_t default_interval_ms) {
  YamlMap map = item.ReadMap();
  RuleTestGroup group;
  group.interval_ms = default_interval_ms;
  map.String("name", &group.name);
  map.DurationMillis("interval", &group.interval_ms);
  if (group.interval_ms <= 0) group.interval_ms = default_interval_ms;
  ReadTime(map, "start_timestamp", &group.start_ms);
  map.Strings("regions", &group.regions);
  ReadInput(map, group);
  ReadAlertCases(map, group);
  ReadExprCases(map, group);
  const auto external = ReadMapOf(map, "external_labels");
  group.external_labels = promql::Labels::From({external.begin(), external.end()});
  map.String("external_url", &group.external_url);
  map.Finish();
  return group;
}

std::string FolderOf(const std::string& file) {
  const size_t slash = file.rfind('/');
  return slash == std::string::npos ? "" : file.substr(0, slash + 1);
}

}  // namespace

absl::StatusOr<RuleTestFile> LoadRuleTestFile(const std::string& file, const Fs& fs) {
  ASSIGN_OR_RETURN(const std::string content, fs.ReadFile(file, kMaxFileBytes));
  YamlLimits limits;
  limits.max_bytes = kMaxFileBytes;
  ASSIGN_OR_RETURN(const YamlDocument document, ParseYaml(file, content, limits));
  YamlContext context(file);
  YamlMap map = YamlValue(&context, document.root.get(), "").ReadMap();
  RuleTestFile out;
  std::vector<std::string> patterns;
  map.Strings("rule_files", &patterns);
  map.DurationMillis("evaluation_interval", &out.evaluation_interval_ms);
  if (out.evaluation_interval_ms <= 0) out.evaluation_interval_ms = 60'000;
  map.Bool("fuzzy_compare", &out.fuzzy_compare);
  if (const auto order = map.Find("group_eval_order")) {
    for (const std::string& name : order->ReadStrings()) {
      const int rank = static_cast<int>(out.group_order.size());
      if (!out.group_order.emplace(name, rank).second) {
        order->Fail(fmt::format("group name repeated in evaluation order: {}", name));
      }
    }
  }
  for (const YamlValue& item : ListOf(map, "tests")) {
    out.tests.push_back(ReadGroup(item, out.evaluation_interval_ms));
  }
  map.Finish();
  RETURN_IF_ERROR(context.status());
  for (const std::string& pattern : patterns) {
    const std::string path = pattern.starts_with('/') ? pattern : FolderOf(file) + pattern;
    ASSIGN_OR_RETURN(const std::vector<std::string> found, fs.Glob(path));
    if (found.empty()) out.warnings.push_back("no file match pattern " + path);
    out.rule_files.insert(out.rule_files.end(), found.begin(), found.end());
  }
  return out;
}

}  // namespace synoptic::alerting
