// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Which series there are: label sets by number, and for every label the series that have it, so
// that matchers are answered from lists and not by looking at all.
//
// Not thread-safe: the store guards it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "promql/model/labels.h"
#include "promql/model/matcher.h"

namespace synoptic::aggregator {

using SeriesId = uint64_t;

class SeriesIndex {
 public:
  // REQUIRES: neither is known.
  void Add(SeriesId id, const promql::Labels& labels);
  void Remove(SeriesId id);
  // 0: unknown. Numbers begin at 1.
  SeriesId Find(const promql::Labels& labels) const;
  // REQUIRES: known.
  const promql::Labels& LabelsOf(SeriesId id) const { return labels_.at(id); }
  bool Contains(SeriesId id) const { return labels_.contains(id); }
  size_t size() const { return labels_.size(); }

  // Those that all matchers match, ascending.
  std::vector<SeriesId> Match(const std::vector<promql::Matcher>& matchers) const;
  // Whether there is any. Cheap where a metric is named that is none of ours.
  bool MatchesAny(const std::vector<promql::Matcher>& matchers) const;
  // Bytes on the heap, roughly.
  int64_t memory_bytes() const { return memory_bytes_; }

 private:
  using Postings = std::vector<SeriesId>;  // ascending
  using Values = std::map<std::string, Postings, std::less<>>;

  // The shortest list that holds all that `matchers` can match, or false: all series.
  bool Candidates(const std::vector<promql::Matcher>& matchers, Postings& out) const;

  absl::flat_hash_map<SeriesId, promql::Labels> labels_;
  absl::flat_hash_map<promql::Labels, SeriesId, promql::LabelsHash> ids_;
  std::map<std::string, Values, std::less<>> postings_;
  int64_t memory_bytes_ = 0;
};

}  // namespace synoptic::aggregator
