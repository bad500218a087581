// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/merge/merge.h"

#include <algorithm>

#include "base/status.h"

namespace synoptic::aggregator {
namespace {

// The next series of one part.
struct Head {
  size_t part;
  size_t index;
};

// k-way by a heap of heads: series move once, whatever the number of shards.
template <class SeriesT>
absl::StatusOr<std::vector<SeriesT>> Merge(std::vector<ShardPart<SeriesT>> parts) {
  const auto at = [&](const Head& head) -> SeriesT& { return parts[head.part].series[head.index]; };
  const auto later = [&](const Head& a, const Head& b) {
    const auto order = at(a).labels <=> at(b).labels;
    return order > 0 || (order == 0 && a.part > b.part);
  };
  std::vector<Head> heads;
  size_t total = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    total += parts[i].series.size();
    if (!parts[i].series.empty()) heads.push_back({i, 0});
  }
  std::make_heap(heads.begin(), heads.end(), later);
  std::vector<SeriesT> out;
  out.reserve(total);
  size_t last_part = 0;
  while (!heads.empty()) {
    std::pop_heap(heads.begin(), heads.end(), later);
    Head& head = heads.back();
    SeriesT& next = at(head);
    if (!out.empty() && out.back().labels == next.labels) {
      return SameSeries(next.labels, parts[last_part].source, parts[head.part].source);
    }
    last_part = head.part;
    out.push_back(std::move(next));
    if (++head.index < parts[head.part].series.size()) {
      std::push_heap(heads.begin(), heads.end(), later);
    } else {
      heads.pop_back();
    }
  }
  return out;
}

template <class T>
std::vector<T> UnionOf(std::vector<std::vector<T>> parts) {
  std::vector<T> out;
  for (std::vector<T>& part : parts) {
    out.insert(out.end(), std::make_move_iterator(part.begin()),
               std::make_move_iterator(part.end()));
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace

absl::Status SameSeries(const promql::Labels& labels, const std::string& a, const std::string& b) {
  return MakeStatus(absl::StatusCode::kFailedPrecondition,
                    "series {} comes from {} and again from {}: shards must hold different series "
                    "or have labels that tell them apart",
                    labels.ToString(), a, b);
}

absl::StatusOr<std::vector<promql::RawSeries>> MergeShards(
    std::vector<ShardPart<promql::RawSeries>> parts) {
  return Merge(std::move(parts));
}

absl::StatusOr<std::vector<promql::StepSeries>> MergeShards(
    std::vector<ShardPart<promql::StepSeries>> parts) {
  return Merge(std::move(parts));
}

std::vector<std::string> MergeNames(std::vector<std::vector<std::string>> parts) {
  return UnionOf(std::move(parts));
}

}  // namespace synoptic::aggregator
