// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/config_sections.h"

namespace synoptic::app {
namespace {

// Checked and accepted, with a warning, while this version keeps everything in memory.
void ReadLowerTiers(YamlMap* map, Config* out) {
  int64_t bytes = 0;
  std::string path;
  if (auto v = map->Find("disk")) {
    YamlMap disk = v->ReadMap();
    disk.String("path", &path);
    disk.Bytes("size", &bytes);
    disk.Finish();
    out->warnings.push_back("cache.disk has no effect yet: what is cached is kept in memory only");
  }
  if (auto v = map->Find("shared")) {
    YamlMap shared = v->ReadMap();
    if (auto redis = shared.Find("redis")) {
      YamlMap redis_map = redis->ReadMap();
      NotSupportedYet(redis_map.Find("endpoints"), "a shared cache");
      redis_map.Finish();
    }
    shared.Finish();
  }
}

}  // namespace

void ReadCache(const YamlValue& value, Config* out) {
  YamlMap map = value.ReadMap();
  map.Bytes("memory", &out->cache.memory_bytes);
  map.DurationMillis("recent", &out->cache.recent_ms);
  ReadLowerTiers(&map, out);
  map.Finish();
}

}  // namespace synoptic::app
