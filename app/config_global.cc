// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "app/config_sections.h"
#include "base/status.h"
#include "promql/model/matcher.h"

namespace synoptic::app {
namespace {

void ReadPositiveDuration(YamlMap* map, std::string_view key, int64_t* out) {
  map->DurationMillis(key, out);
  if (*out > 0) return;
  if (auto value = map->Find(key)) value->Expected("a duration above 0");
}

void ReadQuery(const YamlValue& value, QueryConfig* out) {
  YamlMap map = value.ReadMap();
  ReadPositiveDuration(&map, "timeout", &out->timeout_ms);
  ReadPositiveDuration(&map, "lookback_delta", &out->lookback_delta_ms);
  map.Int("max_samples", 1, std::numeric_limits<int64_t>::max(), &out->max_samples);
  map.Bytes("max_memory", &out->max_memory_bytes);
  map.Int("max_concurrency", 0, 10'000, &out->max_concurrency);
  if (auto features = map.Find("enable_features")) ReadFeatures(*features, &out->features);
  map.Finish();
}

}  // namespace

promql::Labels ReadLabels(const YamlValue& value) {
  std::vector<std::pair<std::string, std::string>> pairs = value.ReadStringMap();
  for (const auto& [name, text] : pairs) {
    if (name.empty()) value.Fail("expected a label name, got \"\"");
    if (name.starts_with("__")) {
      value.Fail(fmt::format("label \"{}\": names that start with __ are reserved", name));
    }
  }
  return promql::Labels::From(std::move(pairs));
}

void ReadGlobal(const YamlValue& value, GlobalConfig* out) {
  YamlMap map = value.ReadMap();
  ReadPositiveDuration(&map, "evaluation_interval", &out->evaluation_interval_ms);
  map.DurationMillis("rule_query_offset", &out->rule_query_offset_ms);
  if (auto v = map.Find("external_labels")) out->external_labels = ReadLabels(*v);
  if (auto v = map.Find("query")) ReadQuery(*v, &out->query);
  map.Finish();
}

void ReadWeb(const YamlValue& value, WebConfig* out) {
  YamlMap map = value.ReadMap();
  std::string config_file;
  map.String("config_file", &config_file);
  if (!config_file.empty()) {
    NotSupportedYet(map.Find("config_file"), "TLS and users on our own port");
  }
  map.String("cors_origin", &out->cors_origin);
  if (auto checked = promql::Matcher::Create(promql::MatchOp::kRegex, "o", out->cors_origin);
      !checked.ok()) {
    map.Find("cors_origin")->Expected("a regular expression");
  }
  map.String("external_url", &out->external_url);
  if (!out->external_url.empty() && !net::Origin::Parse(out->external_url).ok()) {
    map.Find("external_url")->Expected("a URL like https://synoptic.example/path");
  }
  bool ui = true;  // there is no console yet; the key is the documented default
  map.Bool("ui", &ui);
  map.Bool("search", &out->search);
  if (auto v = map.Find("grafana")) {
    YamlMap grafana = v->ReadMap();
    if (auto alerts = grafana.Find("alerts")) {
      const auto choice = alerts->ReadChoice({"require", "degrade"});
      out->alert_requests_required = choice.value_or(0) == 0;
    }
    grafana.Finish();
  }
  map.Finish();
}

}  // namespace synoptic::app
