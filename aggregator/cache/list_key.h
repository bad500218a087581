// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The key of a list (series, label names, label values, metadata): everything that decides what a
// shard answers, every part with its length before it. Compared byte for byte.
//
// A range that ends now moves with the clock: of such a one the key holds how long it is, so that
// "the last hour" is the same question a moment later. Of all others it holds both ends.
#pragma once

#include <cstdint>
#include <string>

#include "aggregator/cache/stream_key.h"
#include "aggregator/upstream/shard_client.h"

namespace synoptic::aggregator {

struct ListQuestion {
  enum class Kind : char { kSeries = 'S', kNames = 'N', kValues = 'V', kDocument = 'D' };
  Kind kind = Kind::kSeries;
  std::string store;      // who is asked, of the stores of different ages that a shard may have
  std::string what;       // kValues: the label's name; kDocument: path and query
  LabelsRequest request;  // of kDocument only `via`
};

// How far from the clock a range may end and still end now; ms, either way.
inline constexpr int64_t kEndsNowMs = 15'000;

std::string ListKey(const ShardIdentity& shard, const ListQuestion& question, int64_t now_ms);

}  // namespace synoptic::aggregator
