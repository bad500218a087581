// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The key of a stream: everything that decides an answer but its time, every part with its length
// before it, so that no two questions share one. Compared byte for byte.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "aggregator/cache/spans.h"
#include "aggregator/upstream/shard_client.h"
#include "promql/model/matcher.h"

namespace synoptic::aggregator {

// Whose answers a stream holds.
struct ShardIdentity {
  std::string region;
  std::string shard;
  // All else that decides what the shard's answers are: its labels, servers, flavour. Opaque.
  std::string fingerprint;
};

// A text and its length, at the end of a key.
void PutText(std::string& key, std::string_view text);
// How all keys of a shard begin.
std::string ShardKey(char kind, const ShardIdentity& shard);
// In an order that does not depend on how they were written.
std::string CanonicalSelector(std::vector<promql::Matcher> matchers);

std::string StepsKey(const ShardIdentity& shard, const StepRequest& request, int64_t phase);
std::string SamplesKey(const ShardIdentity& shard, const RawRequest& request);

// What can be read off a key again: for people, and for dropping a part of the cache.
struct StreamDescription {
  enum class Kind { kSteps, kSamples };
  Kind kind = Kind::kSteps;
  std::string_view region;
  std::string_view shard;
  int64_t step_ms = 0;   // kSteps
  int64_t phase_ms = 0;  // kSteps
  std::string expr;      // the text, or the selector
};
// REQUIRES: made by one of the functions above.
StreamDescription DescribeStream(std::string_view key);
// How the stream's time falls into blocks.
BlockLayout LayoutOf(std::string_view key);

}  // namespace synoptic::aggregator
