// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/merge/merge.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/grow.h"
#include "base/status.h"

namespace synoptic::aggregator {
namespace {

// The next series of one part.
struct Head {
  size_t part;
  size_t index;
};

// Behind `out`, part by part: what was moved is given back before the next part comes.
template <class SeriesT>
std::vector<SeriesT> Concatenate(std::vector<ShardPart<SeriesT>>& parts, size_t total) {
  std::vector<SeriesT> out;
  out.reserve(total);
  for (ShardPart<SeriesT>& part : parts) {
    std::vector<SeriesT> taken = std::move(part.series);
    out.insert(out.end(), std::make_move_iterator(taken.begin()),
               std::make_move_iterator(taken.end()));
    taken.clear();
    ReturnPages(taken.data(), taken.capacity() * sizeof(SeriesT));
  }
  return out;
}

// Puts series[order[i]] to place i; `order` is used up.
template <class SeriesT>
void Arrange(std::vector<SeriesT>& series, std::vector<size_t>& order) {
  for (size_t i = 0; i < order.size(); ++i) {
    if (order[i] == i) continue;
    SeriesT first = std::move(series[i]);
    size_t to = i;
    while (order[to] != i) {
      const size_t from = std::exchange(order[to], to);
      series[to] = std::move(series[from]);
      to = from;
    }
    order[to] = to;
    series[to] = std::move(first);
  }
}

// k-way by a heap of heads. A long answer is never there twice: the order is found first, then the
// parts come together one by one, and series change places within the whole.
template <class SeriesT>
absl::StatusOr<std::vector<SeriesT>> Merge(std::vector<ShardPart<SeriesT>> parts) {
  const auto at = [&](const Head& head) -> SeriesT& { return parts[head.part].series[head.index]; };
  const auto later = [&](const Head& a, const Head& b) {
    const auto order = at(a).labels <=> at(b).labels;
    return order > 0 || (order == 0 && a.part > b.part);
  };
  std::vector<Head> heads;
  std::vector<size_t> begins;  // of each part, in all
  size_t total = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    begins.push_back(total);
    total += parts[i].series.size();
    if (!parts[i].series.empty()) heads.push_back({i, 0});
  }
  std::make_heap(heads.begin(), heads.end(), later);
  if (heads.size() == 1) {
    const auto same = [](const SeriesT& a, const SeriesT& b) { return a.labels == b.labels; };
    ShardPart<SeriesT>& only = parts[heads[0].part];
    const auto twice = std::adjacent_find(only.series.begin(), only.series.end(), same);
    if (twice != only.series.end()) return SameSeries(twice->labels, only.source, only.source);
    return std::move(only.series);
  }
  std::vector<size_t> order;
  order.reserve(total);
  Head last{};
  while (!heads.empty()) {
    std::pop_heap(heads.begin(), heads.end(), later);
    Head& head = heads.back();
    if (!order.empty() && at(last).labels == at(head).labels) {
      return SameSeries(at(head).labels, parts[last.part].source, parts[head.part].source);
    }
    last = head;
    order.push_back(begins[head.part] + head.index);
    if (++head.index < parts[head.part].series.size()) {
      std::push_heap(heads.begin(), heads.end(), later);
    } else {
      heads.pop_back();
    }
  }
  std::vector<SeriesT> out = Concatenate(parts, total);
  Arrange(out, order);
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
