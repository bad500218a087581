// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The newest samples that one shard has of one selector, decoded: what has settled is kept, so that
// a round of rules asks for the rest only.
//
// Pure; not thread-safe.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "aggregator/upstream/shard_client.h"

namespace synoptic::aggregator {

class KeptWindow {
 public:
  struct Series {
    promql::Labels labels;
    promql::SampleColumns samples;
  };

  // The first time to ask for, so that everything from `from` on is known.
  int64_t AskFrom(int64_t from) const {
    return known_from_ <= from ? std::max(from, settled_ + 1) : from;
  }
  // Whose samples are kept. Replicas scrape at times of their own: what one said is not continued
  // with another's.
  const std::string& replica() const { return replica_; }

  // Takes what was answered for [asked_from, until], in place of what was kept from `asked_from`
  // on. Samples up to `settled` change no more; those before `from` are no longer needed.
  // Unimplemented where there are native histograms, DataLoss where a chunk does not decode: then
  // nothing is kept.
  absl::Status Take(const RawAnswer& answer, int64_t from, int64_t asked_from, int64_t until,
                    int64_t settled);
  void Clear();

  // Sorted by labels.
  std::span<const Series> series() const { return series_; }
  // Another number when a series came or went.
  uint64_t generation() const { return generation_; }
  // Indexes of the series that match all, ascending.
  std::vector<uint32_t> Matching(const std::vector<promql::Matcher>& matchers) const;
  // On the heap, about.
  int64_t bytes() const { return bytes_; }

 private:
  using ByValue = absl::flat_hash_map<std::string, std::vector<uint32_t>>;
  absl::Status Update(const RawAnswer& answer, int64_t from, int64_t asked_from, int64_t until);
  const ByValue& IndexOf(const std::string& label) const;

  std::vector<Series> series_;
  std::string replica_;
  int64_t known_from_ = std::numeric_limits<int64_t>::max();
  int64_t settled_ = std::numeric_limits<int64_t>::min();
  uint64_t generation_ = 0;
  int64_t bytes_ = 0;
  mutable std::map<std::string, ByValue> indexes_;  // by label, as asked for
};

}  // namespace synoptic::aggregator
