// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <set>

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
  map.Int("standby", 0, 9, &result.standby);
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

// As in an upstream's address, but with a path and query of its own.
void ReadUrl(const YamlValue& value, WebhookConfig* out) {
  const auto url = value.ReadSecret();
  if (!url) return;
  const size_t scheme = url->find("://");
  const size_t path = scheme == std::string::npos ? url->npos : url->find('/', scheme + 3);
  auto origin = net::Origin::Parse(url->substr(0, path));
  if (!origin.ok()) return value.Expected("an http:// or https:// URL");
  out->origin = *std::move(origin);
  out->target = path == std::string::npos ? "/" : url->substr(path);
  out->url = *url;
}

WebhookConfig ReadReceiver(YamlContext* context, const YamlValue& value) {
  WebhookConfig result;
  YamlMap map = value.ReadMap();
  if (auto v = map.Require("name", "a name")) {
    if (auto name = v->ReadString()) {
      result.name = *name;
      if (name->empty() || name->find('\n') != std::string::npos) v->Expected("a name");
    }
  }
  if (auto v = map.Require("webhook", "what to send to: {url: ...}")) {
    YamlMap webhook = v->ReadMap();
    if (auto url = webhook.Require("url", "an http:// or https:// URL")) ReadUrl(*url, &result);
    HttpSettings settings;
    ReadHttpSettings(context, &webhook, &settings);
    result.auth = std::move(settings.auth);
    result.tls = std::move(settings.tls);
    webhook.Finish();
  }
  map.Finish();
  return result;
}

WebhookConfig* FindReceiver(const YamlValue& name, Config* out) {
  const auto text = name.ReadString();
  if (!text) return nullptr;
  for (WebhookConfig& webhook : out->webhooks) {
    if (webhook.name == *text) return &webhook;
  }
  name.Expected("the name of one of alerting.receivers");
  return nullptr;
}

// A tier that names Alertmanagers or receivers has these alone; what no tier names gets the rest.
void ReadTiers(YamlContext* context, const YamlValue& value, Config* out) {
  YamlMap map = value.ReadMap();
  const size_t common = out->alertmanagers.size();
  std::set<const WebhookConfig*> named;
  size_t tier = 0;
  for (const char* name : {"local", "regional", "global"}) {
    const auto settings = map.Find(name);
    if (settings) {
      YamlMap entry = settings->ReadMap();
      if (auto v = entry.Find("alertmanagers"); v && !v->IsEmpty()) {
        for (size_t i = 0; i < common; ++i) out->alertmanagers[i].tiers[tier] = false;
        for (const YamlValue& item : v->ReadList()) {
          AlertmanagerConfig& am = out->alertmanagers.emplace_back(ReadAlertmanager(context, item));
          am.tiers = {tier == 0, tier == 1, tier == 2};
        }
      }
      if (auto v = entry.Find("receivers")) {
        for (const YamlValue& item : v->ReadList()) {
          WebhookConfig* webhook = FindReceiver(item, out);
          if (webhook == nullptr) continue;
          if (named.insert(webhook).second) webhook->tiers = {false, false, false};
          webhook->tiers[tier] = true;
        }
      }
      NotSupportedYet(entry.Find("on_partial"), "a tier's on_partial");
      NotSupportedYet(entry.Find("labels"), "a tier's labels");
      entry.Finish();
    }
    ++tier;
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
  if (auto v = map.Find("receivers")) {
    std::set<std::string> names;
    for (const YamlValue& item : v->ReadList()) {
      out->webhooks.push_back(ReadReceiver(context, item));
      const std::string& name = out->webhooks.back().name;
      if (!names.insert(name).second) item.Fail(fmt::format("name \"{}\" is taken", name));
    }
  }
  if (auto v = map.Find("tiers")) ReadTiers(context, *v, out);
  if (auto v = map.Find("watchdog")) {
    YamlMap watchdog = v->ReadMap();
    if (auto name = watchdog.Require("receiver", "the name of one of alerting.receivers")) {
      if (WebhookConfig* webhook = FindReceiver(*name, out)) webhook->watchdog = true;
    }
    watchdog.Finish();
  }
  map.Finish();
}

}  // namespace synoptic::app
