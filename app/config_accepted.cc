// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Sections that tune speed or storage and whose absence changes no answer: they are
// checked and accepted, with a warning in the log while this version does without them.
#include "app/config_sections.h"

namespace synoptic::app {

void ReadCache(const YamlValue& value, Config* out) {
  YamlMap map = value.ReadMap();
  int64_t bytes = 0;
  int64_t ms = 0;
  std::string path;
  map.Bytes("memory", &bytes);
  map.DurationMillis("recent", &ms);
  if (auto v = map.Find("disk")) {
    YamlMap disk = v->ReadMap();
    disk.String("path", &path);
    disk.Bytes("size", &bytes);
    disk.Finish();
  }
  if (auto v = map.Find("shared")) {
    YamlMap shared = v->ReadMap();
    if (auto redis = shared.Find("redis")) {
      YamlMap redis_map = redis->ReadMap();
      NotSupportedYet(redis_map.Find("endpoints"), "a shared cache");
      redis_map.Finish();
    }
    shared.Finish();
  }
  map.Finish();
  if (!value.IsEmpty()) {
    out->warnings.push_back("cache has no effect yet: every query asks the regions");
  }
}

void ReadStore(const YamlValue& value, Config* out) {
  YamlMap map = value.ReadMap();
  int64_t ms = 0;
  int64_t bytes = 0;
  map.DurationMillis("retention", &ms);
  map.Bytes("max_size", &bytes);
  map.Finish();
  if (!value.IsEmpty()) {
    out->warnings.push_back("store has no effect yet: recorded series are not kept");
  }
}

}  // namespace synoptic::app
