// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/slo/openslo_parts.h"

#include <charconv>

#include "alerting/slo/decimal.h"
#include "base/go_format.h"
#include "base/status.h"
#include "base/strings.h"

namespace synoptic::alerting {
namespace {

// One number and one of m h d w M Q Y; m is minutes and M months.
std::optional<int64_t> ShorthandSeconds(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number <= 0 || end + 1 != text.data() + text.size()) {
    return std::nullopt;
  }
  switch (*end) {
    case 'm':
      return number * 60;
    case 'h':
      return number * 3600;
    case 'd':
      return number * 86'400;
    case 'w':
      return number * 7 * 86'400;
    case 'M':
      return number * 30 * 86'400;
    case 'Q':
      return number * 90 * 86'400;
    case 'Y':
      return number * 365 * 86'400;
    default:
      return std::nullopt;
  }
}

void ReadCondition(const YamlValue& spec, Slo* slo) {
  YamlMap map = spec.ReadMap();
  map.Find("description");
  std::string severity;
  map.String("severity", &severity);
  const auto condition = map.Require("condition", "when to alert");
  map.Finish();
  if (!condition) return;
  YamlMap inner = condition->ReadMap();
  if (auto v = inner.Find("kind"); v && !v->is_null()) v->ReadChoice({"burnrate"});
  std::string op = "gt";
  inner.String("op", &op);
  double factor = 0;
  inner.Number("threshold", &factor);
  BurnWindow burn;
  burn.page = ToLowerAscii(severity) == "page" || ToLowerAscii(severity) == "critical";
  if (auto v = inner.Require("lookbackWindow", "a length like 1h")) {
    burn.long_s = ReadOpenSloDuration(*v).value_or(0);
  }
  if (auto v = inner.Find("alertAfter"); v && !v->is_null()) {
    const auto text = v->ReadString().value_or("");
    burn.for_s = text.starts_with('0') ? 0 : ReadOpenSloDuration(*v).value_or(0);
  }
  inner.Finish();
  if (op == "lte" || op == "lt") {
    slo->notes.push_back(fmt::format(
        "an alert condition says op {}: read literally it alerts while the burn rate is low; "
        "imported as gt",
        op));
  }
  burn.factor = GoFloatG(factor);
  const auto decimal = Decimal::Parse(burn.factor);
  const auto budget = Decimal::Parse(slo->budget_text);
  if (decimal.ok() && budget.ok()) {
    burn.threshold = (*decimal * *budget).ToString();
    burn.threshold_value = (*decimal * *budget).value();
    slo->windows.push_back(std::move(burn));
  }
}

}  // namespace

std::optional<int64_t> ReadOpenSloDuration(const YamlValue& value) {
  const auto text = value.ReadString();
  if (!text) return std::nullopt;
  const auto seconds = ShorthandSeconds(*text);
  if (!seconds) value.Expected("one number and one of m, h, d, w, M, Q, Y, like 28d");
  return seconds;
}

void ResolveOpenSlo(YamlMap& map, const char* ref, const std::map<std::string, YamlValue>& known,
                    const std::function<void(const YamlValue&)>& body) {
  if (auto v = map.Find(ref); v && !v->is_null()) {
    const auto name = v->ReadString().value_or("");
    const auto it = known.find(name);
    if (it == known.end()) {
      v->Fail(fmt::format("{} is not in this file", GoQuote(name)));
    } else {
      body(it->second);
    }
  }
}

void ReadOpenSloPolicy(const YamlValue& spec,
                       const std::map<std::string, YamlValue>& known_conditions, Slo* slo) {
  YamlMap map = spec.ReadMap();
  for (const char* key : {"description", "alertWhenNoData", "alertWhenResolved",
                          "alertWhenBreaching", "notificationTargets"}) {
    map.Find(key);
  }
  const auto conditions = map.Require("conditions", "exactly one condition");
  map.Finish();
  if (!conditions) return;
  const std::vector<YamlValue> items = conditions->ReadList();
  if (items.size() != 1) return conditions->Expected("exactly one condition");
  YamlMap item = items[0].ReadMap();
  ResolveOpenSlo(item, "conditionRef", known_conditions,
                 [&](const YamlValue& value) { ReadCondition(value, slo); });
  if (auto v = item.Find("spec"); v && !v->is_null()) ReadCondition(*v, slo);
}

}  // namespace synoptic::alerting
