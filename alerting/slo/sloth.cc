// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Sloth: its YAML (version: prometheus/v1, snake case) and its Kubernetes form (camel case). The
// numbers are Sloth's own doubles, so that an imported objective gives the alerts it gave there.
#include "alerting/slo/slo_file.h"
#include "base/go_format.h"
#include "base/status.h"
#include "domain/slo/imports.h"

namespace synoptic::alerting {
namespace {

// Keys by form.
struct Names {
  const char* error_query;
  const char* total_query;
  const char* error_ratio_query;
  const char* page_alert;
  const char* ticket_alert;
  const char* slo_plugins;
};
constexpr Names kSnake = {"error_query", "total_query",  "error_ratio_query",
                          "page_alert",  "ticket_alert", "slo_plugins"};
constexpr Names kCamel = {"errorQuery", "totalQuery",  "errorRatioQuery",
                          "pageAlert",  "ticketAlert", "sloPlugins"};

void ReadTexts(YamlMap& map, std::string_view key, std::map<std::string, std::string>* out) {
  const auto value = map.Find(key);
  if (!value || value->is_null()) return;
  for (auto& [name, text] : value->ReadStringMap()) (*out)[name] = text;
}

std::string ReadQuery(YamlMap& map, const char* key) {
  const auto value = map.Require(key, "PromQL with {{.window}}");
  const auto text = value ? value->ReadString() : std::nullopt;
  if (!text) return "";
  if (text->find(kWindow) == std::string::npos) {
    value->Fail("expected {{.window}} in the query, as Sloth does");
  } else if (const absl::Status status = CheckTemplate(*text); !status.ok()) {
    value->Fail(MessageOf(status));
  }
  return *text;
}

void ReadSli(const YamlValue& value, const Names& names, Slo* slo) {
  YamlMap map = value.ReadMap();
  const auto events = map.Find("events");
  const auto raw = map.Find("raw");
  if (auto plugin = map.Find("plugin"); plugin && !plugin->is_null()) {
    plugin->Fail("SLI plugins are programs of Sloth's: write out the queries they give");
  } else if (events.has_value() == raw.has_value()) {
    value.Expected("one of `events` and `raw`");
  } else if (events) {
    YamlMap queries = events->ReadMap();
    slo->sli.bad = ReadQuery(queries, names.error_query);
    slo->sli.total = ReadQuery(queries, names.total_query);
    queries.Finish();
  } else {
    YamlMap queries = raw->ReadMap();
    slo->sli.error_ratio = ReadQuery(queries, names.error_ratio_query);
    queries.Finish();
  }
  map.Finish();
}

void ReadAlerting(const YamlValue& value, const Names& names, Slo* slo) {
  YamlMap map = value.ReadMap();
  map.String("name", &slo->alert_name);
  ReadTexts(map, "labels", &slo->alert_labels);
  ReadTexts(map, "annotations", &slo->alert_annotations);
  for (const auto& [key, labels, disabled] :
       {std::tuple(names.page_alert, &slo->page_labels, &slo->page_disabled),
        {names.ticket_alert, &slo->ticket_labels, &slo->ticket_disabled}}) {
    if (auto v = map.Find(key); v && !v->is_null()) {
      YamlMap one = v->ReadMap();
      one.Bool("disable", disabled);
      ReadTexts(one, "labels", labels);
      std::map<std::string, std::string> annotations;
      ReadTexts(one, "annotations", &annotations);
      for (auto& [name, text] : annotations) slo->alert_annotations.emplace(name, text);
      one.Finish();
    }
  }
  map.Finish();
}

void SetNumbers(const YamlValue& at, double percent, Slo* slo) {
  const auto numbers = domain::SlothObjective(percent);
  if (!numbers.ok() || percent >= 100) {
    return at.Expected("a percentage above 0 and below 100");
  }
  slo->objective = numbers->objective_ratio;
  slo->objective_text = GoFloatG(numbers->objective_ratio);
  slo->budget = numbers->recorded_error_budget;
  slo->budget_text = "1-" + slo->objective_text;
  for (const WorkbookWindow& window : WorkbookWindows()) {
    BurnWindow burn;
    burn.page = window.page;
    burn.short_s = window.short_s;
    burn.long_s = window.long_s;
    const double factor = window.budget_percent / 100.0 * static_cast<double>(slo->period_s) /
                          static_cast<double>(window.long_s);
    burn.factor = GoFloatG(factor);
    burn.threshold = fmt::format("({} * {})", burn.factor, GoFloatG(numbers->alert_error_budget));
    burn.threshold_value = numbers->Threshold(factor);
    slo->windows.push_back(std::move(burn));
  }
}

Slo ReadOne(const YamlValue& item, const Names& names, const std::string& service,
            const std::map<std::string, std::string>& labels) {
  Slo slo;
  slo.origin = SloOrigin::kSloth;
  slo.line = item.position().line;
  slo.service = service;
  slo.labels = labels;
  slo.period_s = 30 * 86'400;
  // Its period's ratio is the mean of slices' ratios.
  slo.method = BudgetMethod::kRatioTimeslices;
  YamlMap map = item.ReadMap();
  if (auto v = map.Require("name", "the objective's name")) slo.name = v->ReadString().value_or("");
  map.String("description", &slo.description);
  ReadTexts(map, "labels", &slo.labels);
  if (auto v = map.Require("objective", "a percentage like 99.9")) {
    if (const auto percent = v->ReadNumber()) SetNumbers(*v, *percent, &slo);
  }
  if (auto v = map.Require("sli", "what is counted")) ReadSli(*v, names, &slo);
  if (auto v = map.Require("alerting", "the alerts' name, or both disabled")) {
    ReadAlerting(*v, names, &slo);
  }
  if (auto v = map.Find("plugins"); v && !v->IsEmpty()) {
    slo.notes.push_back("plugins are programs of Sloth's and were left out");
  }
  map.Finish();
  slo.notes.push_back(
      "Sloth's period ratio is the mean of the ratios of what was evaluated, not bad events over "
      "all events");
  return slo;
}

}  // namespace

void ReadSloth(YamlMap map, bool kubernetes, std::vector<Slo>* out) {
  const Names& names = kubernetes ? kCamel : kSnake;
  map.Find("apiVersion");
  map.Find("version");
  std::optional<YamlMap> spec;
  if (kubernetes) {
    if (auto v = map.Find("kind"); v) v->ReadChoice({"PrometheusServiceLevel"});
    map.Find("metadata");
    if (auto v = map.Require("spec", "the service's objectives")) spec = v->ReadMap();
    map.Finish();
    if (!spec) return;
  }
  YamlMap& body = spec ? *spec : map;
  std::string service;
  if (auto v = body.Require("service", "the service's name")) {
    service = v->ReadString().value_or("");
  }
  std::map<std::string, std::string> labels;
  ReadTexts(body, "labels", &labels);
  body.Find(names.slo_plugins);
  if (auto v = body.Require("slos", "the list of objectives")) {
    for (const YamlValue& item : v->ReadList()) {
      out->push_back(ReadOne(item, names, service, labels));
    }
  }
  body.Finish();
}

}  // namespace synoptic::alerting
