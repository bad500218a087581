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

  // The first time to ask for, so that everything from `from` on is known. `brief`: it may be that
  // samples which arrive unusually late are not, as long as they are asked for soon.
  int64_t AskFrom(int64_t from, bool brief = false) const {
    if (known_from_ > from) return from;
    const int64_t news = brief ? read_until_ + 1 - margin_ms() : settled_ + 1;
    return std::max({from, settled_ + 1, news});
  }
  int64_t settled() const { return settled_; }
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
  // How much later than they are from samples come in is seen where times that were read are read
  // again: twice as much is room enough.
  int64_t margin_ms() const { return kLeastMarginMs + static_cast<int64_t>(2 * late_ms_); }
  // A series' times from those asked for on, as they were known and as they are.
  void NoteLate(std::span<const int64_t> known, std::span<const int64_t> now);
  const ByValue& IndexOf(const std::string& label) const;

  static constexpr int64_t kLeastMarginMs = 1000;

  std::vector<Series> series_;
  std::string replica_;
  int64_t known_from_ = std::numeric_limits<int64_t>::max();
  int64_t settled_ = std::numeric_limits<int64_t>::min();
  int64_t read_until_ = std::numeric_limits<int64_t>::min();
  double late_ms_ = 0;  // of the newest reads; forgotten slowly
  uint64_t generation_ = 0;
  int64_t bytes_ = 0;
  mutable std::map<std::string, ByValue> indexes_;  // by label, as asked for
};

}  // namespace synoptic::aggregator
