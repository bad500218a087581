// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Where recorded series are kept, and where they are sent.
#include <algorithm>
#include <set>

#include "app/config_sections.h"
#include "base/status.h"
#include "base/strings.h"

namespace synoptic::app {
namespace {

constexpr int64_t kLeastRetentionMs = 3'600'000;
constexpr int64_t kLeastBytes = int64_t{16} << 20;

// An address with a path, and perhaps a query; what to connect to and what to ask for there.
void ReadEndpoint(const YamlValue& value, RemoteWriteConfig* out) {
  const auto url = value.ReadString();
  if (!url) return;
  const size_t scheme = url->find("://");
  const size_t path = scheme == std::string::npos ? url->npos : url->find('/', scheme + 3);
  auto origin = net::Origin::Parse(url->substr(0, path));
  if (!origin.ok()) return value.Expected("an http:// or https:// URL");
  out->origin = *std::move(origin);
  out->target = path == std::string::npos ? "/" : url->substr(path);
  out->url = *url;
}

void ReadQueue(const YamlValue& value, RemoteWriteConfig* out) {
  YamlMap map = value.ReadMap();
  map.Int("max_samples_per_send", 1, 1'000'000, &out->max_samples_per_send);
  map.DurationMillis("batch_send_deadline", &out->batch_deadline_ms);
  map.DurationMillis("min_backoff", &out->min_backoff_ms);
  map.DurationMillis("max_backoff", &out->max_backoff_ms);
  bool ignored = true;
  map.Bool("retry_on_http_429", &ignored);
  // There is one queue, on disk, and one request at a time: nothing to size.
  int64_t unused = 0;
  for (const char* key : {"capacity", "min_shards", "max_shards"}) {
    map.Int(key, 0, INT64_MAX, &unused);
  }
  NotSupportedYet(map.Find("sample_age_limit"), "dropping samples by their age");
  map.Finish();
  if (out->batch_deadline_ms <= 0) value.Fail("batch_send_deadline: expected more than 0s");
  if (out->min_backoff_ms <= 0) value.Fail("min_backoff: expected more than 0s");
  if (out->max_backoff_ms < out->min_backoff_ms) {
    value.Fail("max_backoff: expected at least min_backoff");
  }
}

aggregator::RelabelRule ReadRelabelRule(const YamlValue& value) {
  aggregator::RelabelRule rule;
  YamlMap map = value.ReadMap();
  map.Strings("source_labels", &rule.source_labels);
  map.String("separator", &rule.separator);
  map.String("regex", &rule.regex);
  map.Int("modulus", 0, INT64_MAX, &rule.modulus);
  map.String("target_label", &rule.target_label);
  map.String("replacement", &rule.replacement);
  if (auto v = map.Find("action"); v && !v->is_null()) {
    const auto names = aggregator::RelabelActionNames();
    const std::string name = ToLowerAscii(v->ReadString().value_or(""));
    const auto it = std::find(names.begin(), names.end(), name);
    if (it == names.end()) {
      v->Expected(fmt::format("one of {}", fmt::join(names, ", ")));
    } else {
      rule.action = static_cast<aggregator::RelabelAction>(it - names.begin());
    }
  }
  map.Finish();
  const absl::Status good = aggregator::CheckRelabelRule(rule);
  if (!good.ok()) value.Fail(MessageOf(good));
  return rule;
}

RemoteWriteConfig ReadOne(YamlContext* context, const YamlValue& value) {
  RemoteWriteConfig out;
  YamlMap map = value.ReadMap();
  if (auto v = map.Require("url", "an http:// or https:// URL")) ReadEndpoint(*v, &out);
  map.String("name", &out.name);
  if (out.name.empty()) out.name = out.url;
  map.DurationMillis("remote_timeout", &out.timeout_ms);
  if (out.timeout_ms <= 0) value.Fail("remote_timeout: expected more than 0s");
  HttpSettings settings;
  ReadHttpSettings(context, &map, &settings);
  out.auth = std::move(settings.auth);
  out.tls = std::move(settings.tls);
  if (auto v = map.Find("queue_config")) ReadQueue(*v, &out);
  if (auto v = map.Find("protobuf_message"); v && !v->is_null()) {
    v->ReadChoice({"prometheus.WriteRequest"});
  }
  bool histograms = true;
  map.Bool("send_native_histograms", &histograms);
  if (!histograms)
    value.Fail("send_native_histograms: expected true; recorded histograms are sent");
  if (auto v = map.Find("write_relabel_configs")) {
    for (const YamlValue& rule : v->ReadList()) out.relabelling.push_back(ReadRelabelRule(rule));
  }
  NotSupportedYet(map.Find("azuread"), "Azure's authentication");
  NotSupportedYet(map.Find("google_iam"), "Google's authentication");
  for (const char* key : {"send_exemplars", "metadata_config", "round_robin_dns"}) {
    (void)map.Find(key);  // says nothing about recorded series
  }
  map.Finish();
  return out;
}

}  // namespace

void ReadStore(const YamlValue& value, Config* out) {
  YamlMap map = value.ReadMap();
  out->store.retention_given = map.Find("retention").has_value();
  map.DurationMillis("retention", &out->store.retention_ms);
  map.Bytes("max_size", &out->store.max_bytes);
  map.Finish();
  if (out->store.retention_ms < kLeastRetentionMs) value.Fail("retention: expected at least 1h");
  if (out->store.max_bytes < kLeastBytes) value.Fail("max_size: expected at least 16MiB");
}

void ReadRemoteWrite(YamlContext* context, const YamlValue& value, Config* out) {
  std::set<std::string> names;
  for (const YamlValue& item : value.ReadList()) {
    out->remote_write.push_back(ReadOne(context, item));
    const std::string& name = out->remote_write.back().name;
    if (!name.empty() && !names.insert(name).second) {
      item.Fail(fmt::format("name \"{}\" is taken: give each endpoint one of its own", name));
    }
  }
}

}  // namespace synoptic::app
