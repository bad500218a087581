// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
// Where a shard's replicas come from: lists, files in Prometheus' form of service discovery, names.
#include <algorithm>

#include "app/config_sections.h"
#include "base/status.h"

namespace synoptic::app {
namespace {

using aggregator::DnsNames;
using aggregator::Shard;

void ReadReplicaUrl(const YamlValue& value, Shard* shard) {
  const auto url = value.ReadString();
  if (!url) return;
  auto origin = net::Origin::Parse(*url);
  if (!origin.ok()) return value.Fail(MessageOf(origin.status()));
  shard->replicas.push_back({*url, *std::move(origin)});
}

// host:port, or a whole URL. What was found twice counts once.
void ReadTarget(const YamlValue& value, Shard* shard) {
  const auto target = value.ReadString();
  if (!target) return;
  const auto replica = aggregator::FoundReplica(*shard, *target);
  if (!replica.ok()) return value.Fail(MessageOf(replica.status()));
  const bool known = std::any_of(shard->replicas.begin(), shard->replicas.end(),
                                 [&](const auto& other) { return other.url == replica->url; });
  if (!known) shard->replicas.push_back(*replica);
}

// A list of {targets, labels}, as YAML or JSON (which is YAML).
absl::Status ReadTargetFile(const std::string& file, const Fs& fs, Shard* shard) {
  ASSIGN_OR_RETURN(const std::string text, fs.ReadFile(file, YamlLimits().max_bytes));
  ASSIGN_OR_RETURN(YamlDocument document, ParseYaml(file, text));
  YamlContext context(file);
  for (const YamlValue& group : YamlValue(&context, document.root.get(), "").ReadList()) {
    YamlMap map = group.ReadMap();
    if (auto targets = map.Require("targets", "a list of host:port")) {
      for (const YamlValue& target : targets->ReadList()) ReadTarget(target, shard);
    }
    // Replicas hold the same data: a label of one of them would be a label of nothing.
    (void)map.Find("labels");
    map.Finish();
  }
  return context.status();
}

void ReadFiles(YamlContext* context, const YamlValue& value, Shard* shard) {
  for (const YamlValue& item : value.ReadList()) {
    YamlMap map = item.ReadMap();
    int64_t watched_anyway_ms = 0;
    map.DurationMillis("refresh_interval", &watched_anyway_ms);
    auto files = map.Require("files", "a list of files or patterns");
    map.Finish();
    if (!files || context->fs() == nullptr) continue;
    for (const YamlValue& pattern : files->ReadList()) {
      const auto text = pattern.ReadString();
      if (!text) continue;
      const auto found = context->fs()->Glob(context->Resolve(*text));
      if (!found.ok() || found->empty()) {
        pattern.Fail(found.ok() ? fmt::format("\"{}\": no such file", *text)
                                : std::string(MessageOf(found.status())));
        continue;
      }
      for (const std::string& file : *found) {
        const absl::Status status = ReadTargetFile(file, *context->fs(), shard);
        if (!status.ok()) pattern.Fail(MessageOf(status));
      }
    }
  }
}

void ReadNames(const YamlValue& value, Shard* shard) {
  for (const YamlValue& item : value.ReadList()) {
    YamlMap map = item.ReadMap();
    DnsNames names;
    if (auto v = map.Require("names", "a list of names")) names.names = v->ReadStrings();
    if (auto v = map.Find("type"); v && !v->is_null()) {
      constexpr DnsType kTypes[] = {DnsType::kSrv, DnsType::kA, DnsType::kAaaa};
      names.type = kTypes[v->ReadChoice({"SRV", "A", "AAAA"}).value_or(0)];
    }
    int64_t port = 0;
    map.Int("port", 1, 65'535, &port);
    names.port = static_cast<uint16_t>(port);
    map.DurationMillis("refresh_interval", &names.refresh_ms);
    map.Finish();
    if (names.type != DnsType::kSrv && port == 0) {
      item.Fail("expected `port`: addresses do not tell it");
    }
    if (names.refresh_ms < 1'000) item.Fail("refresh_interval: expected 1s or more");
    shard->dns.push_back(std::move(names));
  }
}

}  // namespace

void ReadReplicaUrls(const YamlValue& value, Shard* shard) {
  for (const YamlValue& item : value.ReadList()) ReadReplicaUrl(item, shard);
}

void ReadReplicas(const YamlValue& value, Shard* shard) {
  for (const YamlValue& item : value.ReadList()) {
    YamlMap map = item.ReadMap();
    if (auto url = map.Require("url", "the replica's address")) ReadReplicaUrl(*url, shard);
    map.Finish();
  }
}

bool ReadDiscovery(YamlContext* context, YamlMap* map, Shard* shard) {
  if (auto v = map->Find("scheme"); v && !v->is_null()) {
    shard->scheme = v->ReadChoice({"http", "https"}).value_or(0) == 0 ? "http" : "https";
  }
  map->String("path_prefix", &shard->path_prefix);
  while (shard->path_prefix.ends_with('/')) shard->path_prefix.pop_back();
  if (!shard->path_prefix.empty() && !shard->path_prefix.starts_with('/')) {
    map->self().Fail(
        fmt::format("path_prefix \"{}\": expected it to start with /", shard->path_prefix));
  }
  const auto files = map->Find("file_sd_configs");
  const auto names = map->Find("dns_sd_configs");
  if (files) ReadFiles(context, *files, shard);
  if (names) ReadNames(*names, shard);
  NotSupportedYet(map->Find("kubernetes_sd_configs"),
                  "discovery in Kubernetes (a headless service's name in dns_sd_configs does it)");
  return (files && !files->IsEmpty()) || (names && !names->IsEmpty());
}

}  // namespace synoptic::app
