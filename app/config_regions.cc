// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "aggregator/query/service.h"
#include "app/config_sections.h"
#include "base/status.h"
#include "base/strings.h"
#include "promql/parse/parser.h"

namespace synoptic::app {
namespace {

using aggregator::Region;
using aggregator::Shard;

void ReadHttp(YamlContext* context, const YamlValue& value, Shard* shard) {
  YamlMap map = value.ReadMap();
  map.DurationMillis("timeout", &shard->timeout_ms);
  HttpSettings settings;
  ReadHttpSettings(context, &map, &settings);
  map.Finish();
  shard->auth = std::move(settings.auth);
  shard->tls = std::move(settings.tls);
}

void ReadTimeRange(const YamlValue& value, Shard* shard) {
  YamlMap map = value.ReadMap();
  map.DurationMillis("min_age", &shard->min_age_ms);
  map.DurationMillis("max_age", &shard->max_age_ms);
  map.Finish();
}

void ReadLimits(const YamlValue& value, Shard* shard) {
  YamlMap map = value.ReadMap();
  int64_t concurrency = shard->max_concurrency;
  map.Int("max_concurrency", 1, 10'000, &concurrency);
  shard->max_concurrency = static_cast<int>(concurrency);
  map.Bytes("max_response_bytes", &shard->max_response_bytes);
  map.Finish();
}

Shard ReadShard(YamlContext* context, const YamlValue& value) {
  Shard shard;
  YamlMap map = value.ReadMap();
  map.String("name", &shard.name);
  if (auto v = map.Find("labels")) shard.labels = ReadLabels(*v);
  if (auto v = map.Find("flavor"); v && !v->is_null()) {
    shard.flavor = static_cast<aggregator::Flavor>(
        v->ReadChoice({"prometheus", "thanos", "mimir", "victoriametrics", "synoptic"})
            .value_or(0));
  }
  if (auto v = map.Find("read"); v && !v->is_null()) {
    shard.read = static_cast<aggregator::ReadForm>(
        v->ReadChoice({"auto", "query", "remote_read"}).value_or(0));
  }
  if (auto v = map.Find("http")) ReadHttp(context, *v, &shard);
  if (auto v = map.Find("time_range")) ReadTimeRange(*v, &shard);
  if (auto v = map.Find("limits")) ReadLimits(*v, &shard);
  const bool discovers = ReadDiscovery(context, &map, &shard);
  if (auto v = map.Find("replicas"); v && !v->is_null()) {
    ReadReplicas(*v, &shard);
  } else if (!discovers) {
    map.Require("replicas", "the list of servers that hold the same data");
  }
  map.Finish();
  return shard;
}

void ReadShards(YamlContext* context, YamlMap* map, Region* region) {
  auto shards = map->Find("shards");
  auto shorthand = map->Find("prometheus");
  if (shards && shorthand) {
    return shorthand->Fail("expected one of `shards` and `prometheus`, got both");
  }
  Shard shard;  // of the shorthand
  const bool discovers = ReadDiscovery(context, map, &shard);
  if (shards && discovers) {
    return map->self().Fail("expected discovery in the shards that it is for, got it beside them");
  }
  if (shards) {
    for (const YamlValue& item : shards->ReadList()) {
      region->shards.push_back(ReadShard(context, item));
    }
  } else if (shorthand || discovers) {
    if (shorthand) ReadReplicaUrls(*shorthand, &shard);
    region->shards.push_back(std::move(shard));
  } else {
    map->self().Fail("expected `shards` or `prometheus`: the servers of this region");
  }
}

Region ReadRegion(YamlContext* context, const YamlValue& value) {
  Region region;
  YamlMap map = value.ReadMap();
  if (auto name = map.Require("name", "the region's name")) {
    region.name = name->ReadString().value_or("");
  }
  region.labels = promql::Labels::From({{"region", region.name}});
  region.replica_labels = {"prometheus_replica", "replica"};
  if (auto v = map.Find("labels"); v && !v->is_null()) region.labels = ReadLabels(*v);
  if (auto v = map.Find("policy"); v && !v->is_null()) {
    constexpr aggregator::RegionPolicy kPolicies[] = {aggregator::RegionPolicy::kRequire,
                                                      aggregator::RegionPolicy::kDegrade,
                                                      aggregator::RegionPolicy::kOptional};
    region.policy = kPolicies[v->ReadChoice({"require", "degrade", "optional"}).value_or(1)];
  }
  if (auto v = map.Find("replica_labels"); v && !v->is_null()) {
    region.replica_labels = v->ReadStrings();
    std::sort(region.replica_labels.begin(), region.replica_labels.end());
  }
  if (auto v = map.Find("canary"); v && !v->is_null()) {
    region.canary = v->ReadString().value_or("");
    if (region.canary == "none") {
      region.canary.clear();
    } else if (const auto matchers = promql::ParseMetricSelector(region.canary); !matchers.ok()) {
      v->Fail(absl::StrCat("expected a selector of series that every replica has, or `none`: ",
                           ToAbsl(MessageOf(matchers.status()))));
    }
  }
  map.Number("weight", &region.weight);
  ReadShards(context, &map, &region);
  map.Finish();
  return region;
}

// Series of two regions must differ in a label that both set; labels with different names could
// meet, as {dc="a"} with a series' own region="b" and {region="b"} with its own dc="a".
bool CanBeToldApart(const promql::Labels& a, const promql::Labels& b) {
  for (const promql::Label label : a) {
    const std::string_view other = b.Get(label.name);
    if (!other.empty() && other != label.value) return true;
  }
  return false;
}

}  // namespace

void ReadRegions(YamlContext* context, const YamlValue& value, aggregator::Inventory* out) {
  for (const YamlValue& item : value.ReadList()) {
    const bool was_ok = context->ok();
    Region region = ReadRegion(context, item);
    if (!was_ok || !context->ok()) continue;  // what follows would only repeat the reason
    YamlMap map = item.ReadMap();
    const YamlValue name = *map.Find("name");
    const YamlValue labels = map.Find("labels").value_or(name);
    if (region.name == aggregator::kOwnRegion) {
      name.Fail("expected another name: this one stands for what is recorded here");
    }
    for (const Region& earlier : out->regions) {
      if (earlier.name == region.name) {
        name.Fail(fmt::format("region \"{}\" is there twice", region.name));
      } else if (!CanBeToldApart(earlier.labels, region.labels)) {
        labels.Fail(fmt::format(
            "region \"{}\" {} and region \"{}\" {} could hold equal series; expected a label that "
            "both set, with different values",
            region.name, region.labels.ToString(), earlier.name, earlier.labels.ToString()));
      }
    }
    out->regions.push_back(std::move(region));
    if (!context->ok()) continue;
    // One region at a time, so that the error points at the one that does not fit.
    if (absl::Status status = aggregator::Validate(*out); !status.ok()) {
      item.Fail(MessageOf(status));
    }
  }
  if (context->ok() && out->regions.empty()) value.Fail("expected at least one region, got none");
}

}  // namespace synoptic::app
