// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/list_key.h"

#include <algorithm>
#include <vector>

#include "base/varint.h"

namespace synoptic::aggregator {
namespace {

constexpr char kList = 'l';

void PutNumber(std::string& key, int64_t value) { PutVarint(key, ZigZag(value)); }

void PutTimes(std::string& key, int64_t min_t, int64_t max_t, int64_t now_ms) {
  // Beyond these the length of the range says nothing, and might not be a number.
  const bool ends_now = max_t >= now_ms - kEndsNowMs && max_t <= now_ms + kEndsNowMs;
  if (ends_now && min_t > 0 && min_t <= max_t) {
    key += 'n';
    PutNumber(key, max_t - min_t);
    return;
  }
  key += ends_now ? 'e' : 't';
  PutNumber(key, min_t);
  if (!ends_now) PutNumber(key, max_t);
}

}  // namespace

std::string ListKey(const ShardIdentity& shard, const ListQuestion& question, int64_t now_ms) {
  std::string key = ShardKey(kList, shard);
  key += static_cast<char>(question.kind);
  PutText(key, question.store);
  PutText(key, question.what);
  const LabelsRequest& request = question.request;
  PutText(key, request.via);
  if (question.kind == ListQuestion::Kind::kDocument) return key;
  PutTimes(key, request.min_t, request.max_t, now_ms);
  PutNumber(key, request.limit);
  // What any of several selectors matches: neither their order nor a repeated one matters.
  std::vector<std::string> selectors;
  for (const auto& matchers : request.selectors) selectors.push_back(CanonicalSelector(matchers));
  std::sort(selectors.begin(), selectors.end());
  selectors.erase(std::unique(selectors.begin(), selectors.end()), selectors.end());
  for (const std::string& selector : selectors) PutText(key, selector);
  return key;
}

}  // namespace synoptic::aggregator
