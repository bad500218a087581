// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/point_texts.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <numeric>

#include "aggregator/upstream/sift_down.h"
#include "promql/model/sample.h"

namespace synoptic::aggregator {

PointTexts PointTexts::Of(const std::vector<promql::StepSeries>& series) {
  PointTexts out;
  for (const promql::StepSeries& one : series) {
    if (one.values.empty() || promql::IsAbsent(one.values[0])) continue;
    out.sets.Add(one.labels);
    out.values.push_back(one.values[0]);
  }
  return out;
}

void PointTexts::MakeSet() {
  bool rising = true;
  for (size_t i = 1; i < size() && rising; ++i) {
    rising = CompareLabelTexts(sets.at(i - 1), sets.at(i)) < 0;
  }
  if (rising) return;
  std::vector<size_t> order(size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto less = [this](size_t a, size_t b) {
    const int labels = CompareLabelTexts(sets.at(a), sets.at(b));
    if (labels != 0) return labels < 0;
    return std::bit_cast<uint64_t>(values[a]) < std::bit_cast<uint64_t>(values[b]);
  };
  std::sort(order.begin(), order.end(), less);
  PointTexts sorted;
  sorted.sets.Reserve(sets.text().size(), size());
  sorted.values.reserve(size());
  for (const size_t i : order) {
    if (sorted.size() > 0 && sorted.sets.at(sorted.size() - 1) == sets.at(i)) continue;
    sorted.sets.Add(sets.at(i));
    sorted.values.push_back(values[i]);
  }
  *this = std::move(sorted);
}

PointUnion::PointUnion(std::vector<PointTexts> parts) : parts_(std::move(parts)) {
  struct Head {
    Place at;
    std::string_view set;
  };
  // Of equal sets that of the first part comes first.
  const auto later = [](const Head& a, const Head& b) {
    const int order = CompareLabelTexts(a.set, b.set);
    return order > 0 || (order == 0 && a.at.first > b.at.first);
  };
  std::vector<Head> heads;
  size_t points = 0;
  for (size_t i = 0; i < parts_.size(); ++i) {
    points += parts_[i].size();
    if (parts_[i].size() > 0) heads.push_back({{i, 0}, parts_[i].sets.at(0)});
  }
  order_.reserve(points);
  std::make_heap(heads.begin(), heads.end(), later);
  while (!heads.empty()) {
    Head& head = heads.front();
    if (repeated_.empty() && size() > 0 && set(size() - 1) == head.set) {
      repeated_ = {order_.back(), head.at};
    }
    order_.push_back(head.at);
    if (++head.at.second < parts_[head.at.first].size()) {
      head.set = parts_[head.at.first].sets.at(head.at.second);
      SiftDown(heads, later);
    } else {
      DropFront(heads, later);
    }
  }
}

size_t PointUnion::text_bytes() const {
  return std::accumulate(
      parts_.begin(), parts_.end(), size_t{0},
      [](size_t sum, const PointTexts& part) { return sum + part.sets.text().size(); });
}

std::vector<promql::StepSeries> PointUnion::ToSeries() const {
  std::vector<promql::StepSeries> series;
  series.reserve(size());
  for (size_t i = 0; i < size(); ++i) series.push_back({LabelsAt(order_[i]), {value(i)}});
  return series;
}

}  // namespace synoptic::aggregator
