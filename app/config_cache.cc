// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/numbers.h"
#include "app/config_sections.h"

namespace synoptic::app {
namespace {

// Less would be dropped before it is of use.
constexpr int64_t kLeastDiskBytes = int64_t{16} << 20;

void ReadDisk(YamlMap disk, DiskCacheConfig* out) {
  if (auto path = disk.Find("path")) {
    if (auto text = path->ReadString()) {
      if (text->empty()) path->Expected("a directory, relative to the data directory");
      out->path = *std::move(text);
    }
  }
  if (auto size = disk.Find("size")) {
    if (const auto bytes = size->ReadBytes()) {
      if (*bytes != 0 && *bytes < kLeastDiskBytes) size->Expected("at least 16MiB, or 0 for none");
      out->bytes = *bytes;
    }
  }
  disk.Finish();
}

bool IsEndpoint(const std::string& text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return false;
  int port = 0;
  return absl::SimpleAtoi(text.substr(colon + 1), &port) && port > 0 && port < 65'536;
}

void ReadRedis(YamlContext* context, YamlMap redis, aggregator::RedisOptions* out) {
  if (auto endpoints = redis.Find("endpoints")) {
    for (const YamlValue& endpoint : endpoints->ReadList()) {
      auto text = endpoint.ReadString();
      if (!text) continue;
      if (!IsEndpoint(*text)) endpoint.Expected("host:port");
      out->endpoints.push_back(*std::move(text));
    }
  }
  redis.String("username", &out->username);
  redis.Secret("password", &out->password);
  if (auto tls = redis.Find("tls_config"); tls && !tls->is_null()) {
    ReadTls(context, *tls, &out->tls.emplace());
  }
  redis.Finish();
}

void ReadShared(YamlContext* context, YamlMap shared, SharedCacheConfig* out) {
  if (auto redis = shared.Find("redis")) ReadRedis(context, redis->ReadMap(), &out->redis);
  shared.DurationMillis("keep", &out->keep_ms);
  shared.Finish();
}

void ReadLists(YamlMap lists, ListCacheConfig* out) {
  lists.DurationMillis("fresh", &out->fresh_ms);
  lists.DurationMillis("stale", &out->stale_ms);
  lists.Finish();
}

}  // namespace

void ReadCache(YamlContext* context, const YamlValue& value, Config* out) {
  YamlMap map = value.ReadMap();
  map.Bytes("memory", &out->cache.memory_bytes);
  map.DurationMillis("recent", &out->cache.recent_ms);
  if (auto disk = map.Find("disk")) ReadDisk(disk->ReadMap(), &out->cache.disk);
  if (auto shared = map.Find("shared")) ReadShared(context, shared->ReadMap(), &out->cache.shared);
  if (auto lists = map.Find("lists")) ReadLists(lists->ReadMap(), &out->cache.lists);
  map.Finish();
}

}  // namespace synoptic::app
