// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/config_sections.h"
#include "base/status.h"

namespace synoptic::app {
namespace {

struct Address {
  std::string scheme = "http";
  std::string path_prefix;
};

void ReadTarget(const YamlValue& target, const Address& address, AlertmanagerConfig* out) {
  const auto host = target.ReadString();
  if (!host) return;
  if (host->find('/') != std::string::npos) {
    return target.Expected("host:port, without scheme or path");
  }
  std::string prefix = address.path_prefix;
  while (prefix.ends_with('/')) prefix.pop_back();
  if (!prefix.empty() && prefix.front() != '/') prefix.insert(0, "/");
  std::string url = fmt::format("{}://{}{}", address.scheme, *host, prefix);
  auto origin = net::Origin::Parse(url);
  if (!origin.ok()) return target.Fail(MessageOf(origin.status()));
  out->origins.push_back(*std::move(origin));
  out->urls.push_back(std::move(url));
}

AlertmanagerConfig ReadAlertmanager(YamlContext* context, const YamlValue& value) {
  AlertmanagerConfig result;
  Address address;
  YamlMap map = value.ReadMap();
  if (auto v = map.Find("scheme"); v && !v->is_null()) {
    address.scheme = v->ReadChoice({"http", "https"}).value_or(0) == 1 ? "https" : "http";
  }
  map.String("path_prefix", &address.path_prefix);
  map.DurationMillis("timeout", &result.timeout_ms);
  if (auto v = map.Find("api_version"); v && !v->is_null()) v->ReadChoice({"v2"});
  HttpSettings settings;
  ReadHttpSettings(context, &map, &settings);
  result.auth = std::move(settings.auth);
  result.tls = std::move(settings.tls);
  NotSupportedYet(map.Find("relabel_configs"), "relabelling of Alertmanagers");
  NotSupportedYet(map.Find("alert_relabel_configs"), "relabelling of alerts");
  for (const char* key : {"dns_sd_configs", "file_sd_configs", "kubernetes_sd_configs"}) {
    NotSupportedYet(map.Find(key), "discovery of Alertmanagers");
  }
  if (auto v = map.Require("static_configs", "the Alertmanagers' addresses")) {
    for (const YamlValue& item : v->ReadList()) {
      YamlMap entry = item.ReadMap();
      if (auto targets = entry.Require("targets", "a list of host:port")) {
        for (const YamlValue& t : targets->ReadList()) ReadTarget(t, address, &result);
      }
      if (auto labels = entry.Find("labels")) labels->ReadStringMap();  // for relabelling alone
      entry.Finish();
    }
  }
  map.Finish();
  return result;
}

void ReadTiers(const YamlValue& value) {
  YamlMap map = value.ReadMap();
  for (const char* tier : {"local", "regional", "global"}) {
    NotSupportedYet(map.Find(tier), "settings of a tier");
  }
  map.Finish();
}

}  // namespace

void ReadAlerting(YamlContext* context, const YamlValue& value, Config* out) {
  YamlMap map = value.ReadMap();
  if (auto v = map.Find("alertmanagers")) {
    for (const YamlValue& item : v->ReadList()) {
      out->alertmanagers.push_back(ReadAlertmanager(context, item));
    }
  }
  NotSupportedYet(map.Find("alert_relabel_configs"), "relabelling of alerts");
  NotSupportedYet(map.Find("receivers"), "direct receivers");
  if (auto v = map.Find("tiers")) ReadTiers(*v);
  map.Finish();
}

}  // namespace synoptic::app
