// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The readers of the configuration's sections. One file each; config.cc lists them.
#pragma once

#include <string>

#include "app/config.h"
#include "base/yaml_reader.h"

namespace synoptic::app {

// What Prometheus calls http_config, as far as Synoptic's client goes.
struct HttpSettings {
  aggregator::HttpAuth auth;
  net::TlsOptions tls;
};

void ReadGlobal(const YamlValue& value, GlobalConfig* out);
void ReadFeatures(const YamlValue& value, FeatureConfig* out);
void ReadRegions(YamlContext* context, const YamlValue& value, aggregator::Inventory* out);
// Where a shard's replicas come from (config_replicas.cc).
void ReadReplicaUrls(const YamlValue& value, aggregator::Shard* out);
void ReadReplicas(const YamlValue& value, aggregator::Shard* out);
// The keys of discovery that stand in `map` beside others; whether there are any.
bool ReadDiscovery(YamlContext* context, YamlMap* map, aggregator::Shard* out);
void ReadResilience(const YamlValue& value, Config* out);
void ReadCache(YamlContext* context, const YamlValue& value, Config* out);
void ReadStore(const YamlValue& value, Config* out);
void ReadRemoteWrite(YamlContext* context, const YamlValue& value, Config* out);
void ReadAlerting(YamlContext* context, const YamlValue& value, Config* out);
void ReadObservers(YamlContext* context, const YamlValue& value, Config* out);
void ReadWeb(const YamlValue& value, WebConfig* out);

// Prometheus' tls_config.
void ReadTls(YamlContext* context, const YamlValue& value, net::TlsOptions* out);
// The keys of Prometheus' HTTP client settings that stand in `map` beside others.
void ReadHttpSettings(YamlContext* context, YamlMap* map, HttpSettings* out);
// A label set: names checked, reserved ones refused.
promql::Labels ReadLabels(const YamlValue& value);

// Reports `not supported yet` unless the value says nothing.
void NotSupportedYet(const std::optional<YamlValue>& value, std::string_view what);

}  // namespace synoptic::app
