// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/stream_key.h"

#include <algorithm>
#include <tuple>

#include "base/varint.h"
#include "promql/parse/printer.h"

namespace synoptic::aggregator {
namespace {

constexpr char kSteps = 's';
constexpr char kSamples = 'r';

std::string_view TakeText(std::string_view& key) {
  uint64_t size = 0;
  TakeVarint(key, size);
  const std::string_view text = key.substr(0, size);
  key.remove_prefix(text.size());
  return text;
}

}  // namespace

void PutText(std::string& key, std::string_view text) {
  PutVarint(key, text.size());
  key += text;
}

std::string ShardKey(char kind, const ShardIdentity& shard) {
  std::string key(1, kind);
  PutText(key, shard.region);
  PutText(key, shard.shard);
  PutText(key, shard.fingerprint);
  return key;
}

std::string CanonicalSelector(std::vector<promql::Matcher> matchers) {
  std::sort(matchers.begin(), matchers.end(), [](const auto& a, const auto& b) {
    return std::forward_as_tuple(a.name(), a.op(), a.value()) <
           std::forward_as_tuple(b.name(), b.op(), b.value());
  });
  return promql::PrintMatchers(matchers);
}

std::string StepsKey(const ShardIdentity& shard, const StepRequest& request, int64_t phase) {
  std::string key = ShardKey(kSteps, shard);
  PutVarint(key, static_cast<uint64_t>(request.grid.step));
  PutVarint(key, static_cast<uint64_t>(phase));
  PutVarint(key, static_cast<uint64_t>(request.lookback_ms));
  PutText(key, request.text);
  return key;
}

std::string SamplesKey(const ShardIdentity& shard, const RawRequest& request) {
  std::string key = ShardKey(kSamples, shard);
  PutText(key, CanonicalSelector(request.matchers));
  return key;
}

StreamDescription DescribeStream(std::string_view key) {
  StreamDescription out;
  out.kind =
      key.front() == kSteps ? StreamDescription::Kind::kSteps : StreamDescription::Kind::kSamples;
  key.remove_prefix(1);
  out.region = TakeText(key);
  out.shard = TakeText(key);
  TakeText(key);
  if (out.kind == StreamDescription::Kind::kSteps) {
    uint64_t step = 0;
    uint64_t phase = 0;
    uint64_t lookback = 0;
    TakeVarint(key, step);
    TakeVarint(key, phase);
    TakeVarint(key, lookback);
    out.step_ms = static_cast<int64_t>(step);
    out.phase_ms = static_cast<int64_t>(phase);
  }
  out.expr = TakeText(key);
  return out;
}

BlockLayout LayoutOf(std::string_view key) {
  const StreamDescription what = DescribeStream(key);
  if (what.kind == StreamDescription::Kind::kSamples) return BlockLayout::OfSamples();
  return BlockLayout::OfSteps({what.phase_ms, what.phase_ms, what.step_ms});
}

}  // namespace synoptic::aggregator
