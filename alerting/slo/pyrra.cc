// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Pyrra (pyrra.dev/v1alpha1): windows scale with the period and factors stay 14, 7, 2, 1.
#include "alerting/slo/decimal.h"
#include "alerting/slo/slo_file.h"
#include "base/go_format.h"
#include "base/status.h"
#include "domain/slo/imports.h"

namespace synoptic::alerting {
namespace {

std::string ReadMetric(YamlMap& map, const char* key) {
  const auto value = map.Require(key, "a metric");
  if (!value) return "";
  YamlMap inner = value->ReadMap();
  std::string metric;
  if (auto v = inner.Require("metric", "a vector selector")) {
    metric = v->ReadString().value_or("");
    // Only a plain selector has a range put behind it.
    if (const absl::Status status = CheckTemplate("rate(" + metric + "[5m])"); !status.ok()) {
      v->Fail(MessageOf(status));
    }
  }
  inner.Finish();
  return metric;
}

void ReadIndicator(const YamlValue& value, const SloOptions& options, Slo* slo) {
  YamlMap map = value.ReadMap();
  int found = 0;
  std::vector<std::string> grouping;
  slo->sli.by_region = true;
  if (auto v = map.Find("ratio"); v && !v->is_null()) {
    ++found;
    YamlMap ratio = v->ReadMap();
    slo->sli.bad = CountOver(ReadMetric(ratio, "errors"), options);
    slo->sli.total = CountOver(ReadMetric(ratio, "total"), options);
    ratio.Strings("grouping", &grouping);
    ratio.Finish();
  }
  if (auto v = map.Find("latency"); v && !v->is_null()) {
    ++found;
    YamlMap latency = v->ReadMap();
    const std::string good = CountOver(ReadMetric(latency, "success"), options);
    slo->sli.total = CountOver(ReadMetric(latency, "total"), options);
    slo->sli.bad = slo->sli.total + " - " + good;
    latency.Strings("grouping", &grouping);
    latency.Finish();
  }
  if (auto v = map.Find("latencyNative"); v && !v->is_null()) {
    ++found;
    YamlMap latency = v->ReadMap();
    const std::string metric = ReadMetric(latency, "total");
    int64_t ms = 0;
    latency.DurationMillis("latency", &ms);
    latency.Strings("grouping", &grouping);
    latency.Finish();
    const std::string rate = CountOver(metric, options);
    slo->sli.total = fmt::format("histogram_count({})", rate);
    slo->sli.bad = fmt::format("{} - histogram_fraction(0, {}, {}) * {}", slo->sli.total,
                               GoFloatG(static_cast<double>(ms) / 1000), rate, slo->sli.total);
  }
  if (auto v = map.Find("bool_gauge"); v && !v->is_null()) {
    ++found;
    YamlMap gauge = v->ReadMap();
    std::string metric;
    if (auto m = gauge.Require("metric", "a vector selector")) {
      metric = m->ReadString().value_or("");
      if (const absl::Status status = CheckTemplate(metric); !status.ok()) {
        m->Fail(MessageOf(status));
      }
    }
    gauge.Strings("grouping", &grouping);
    gauge.Finish();
    const std::string by = options.region_labels.empty() ? "region" : options.region_labels[0];
    slo->sli.total = fmt::format("sum by ({}) (count_over_time({}[{}]))", by, metric, kWindow);
    slo->sli.bad = fmt::format("{} - sum by ({}) (sum_over_time({}[{}]))", slo->sli.total, by,
                               metric, kWindow);
  }
  map.Finish();
  if (found != 1) value.Expected("one of ratio, latency, latencyNative and bool_gauge");
  if (!grouping.empty()) {
    slo->notes.push_back("grouping makes one objective a group in Pyrra; here it is one over all");
  }
}

void ReadAlerting(const YamlValue& value, Slo* slo, bool* absent) {
  YamlMap map = value.ReadMap();
  bool disabled = false, burnrates = true;
  map.Bool("disabled", &disabled);
  map.Bool("burnrates", &burnrates);
  map.Bool("absent", absent);
  map.String("name", &slo->alert_name);
  map.Find("absentName");
  if (auto v = map.Find("severities"); v && !v->IsEmpty()) {
    slo->notes.push_back("severities: page is critical and ticket is warning here");
  }
  map.Finish();
  slo->page_disabled = slo->ticket_disabled = disabled || !burnrates;
  if (disabled) *absent = false;
}

void AddWindows(const YamlValue& at, bool absent, Slo* slo) {
  const auto windows = domain::PyrraWindows(slo->period_s);
  if (!windows.ok()) return at.Fail(MessageOf(windows.status()));
  for (const domain::PyrraWindow& window : *windows) {
    BurnWindow burn;
    burn.page = window.critical;
    burn.short_s = window.short_s;
    burn.long_s = window.long_s;
    burn.for_s = window.for_s;
    burn.factor = std::to_string(window.factor);
    burn.threshold = fmt::format("({} * (1-{}))", window.factor, slo->objective_text);
    burn.threshold_value = window.factor * (1 - slo->objective);
    slo->windows.push_back(std::move(burn));
  }
  if (!absent) return;
  if (const auto seconds = domain::PyrraAbsentFor(slo->period_s, slo->objective); seconds.ok()) {
    slo->absent_for_s = *seconds;
  }
}

}  // namespace

void ReadPyrra(YamlMap map, const SloOptions& options, std::vector<Slo>* out) {
  Slo slo;
  slo.origin = SloOrigin::kPyrra;
  slo.line = map.self().position().line;
  slo.alert_name = "ErrorBudgetBurn";
  slo.page_labels = {{"severity", "critical"}};
  slo.ticket_labels = {{"severity", "warning"}};
  map.Find("apiVersion");
  map.Find("status");
  if (auto v = map.Find("kind"); v) v->ReadChoice({"ServiceLevelObjective"});
  if (auto v = map.Require("metadata", "name and labels")) {
    YamlMap metadata = v->ReadMap();
    if (auto name = metadata.Require("name", "the objective's name")) {
      slo.name = name->ReadString().value_or("");
    }
    std::string space;
    metadata.String("namespace", &space);
    slo.service = space.empty() ? "default" : space;
    if (auto labels = metadata.Find("labels"); labels && !labels->is_null()) {
      for (auto& [key, text] : labels->ReadStringMap()) {
        // Pyrra carries its own prefixed ones on to alerts.
        const std::string_view prefix = "pyrra.dev/";
        if (key.starts_with(prefix)) slo.labels[key.substr(prefix.size())] = text;
      }
    }
    metadata.Find("annotations");
    metadata.Finish();
  }
  const auto spec = map.Require("spec", "the objective");
  map.Finish();
  if (!spec) return;
  YamlMap body = spec->ReadMap();
  bool good = false, absent = true;
  if (auto v = body.Require("target", "a percentage as text, like \"99.5\"")) {
    if (const auto text = v->ReadString()) good = SetObjective(*v, *text, true, &slo);
  }
  if (auto v = body.Require("window", "a duration like 4w")) {
    const auto ms = v->ReadDurationMillis();
    slo.period_s = ms.value_or(0) / 1000;
    good = good && slo.period_s > 0;
  }
  body.String("description", &slo.description);
  if (auto v = body.Require("indicator", "what is counted")) ReadIndicator(*v, options, &slo);
  if (auto v = body.Find("alerting"); v && !v->is_null()) ReadAlerting(*v, &slo, &absent);
  for (const char* key : {"partial_response_strategy", "performanceOverAccuracy", "ruleOutput"}) {
    body.Find(key);
  }
  body.Finish();
  if (good) AddWindows(*spec, absent, &slo);
  out->push_back(std::move(slo));
}

}  // namespace synoptic::alerting
