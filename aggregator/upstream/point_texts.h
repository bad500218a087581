// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// An instant vector whose labels are the text that they arrived as and leave as (label_texts.h):
// for queries that change nothing of what the shards answer.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "aggregator/upstream/label_texts.h"
#include "promql/model/series.h"

namespace synoptic::aggregator {

struct PointTexts {
  LabelTexts sets;
  std::vector<double> values;  // one a set

  // Those with a float at the first step.
  static PointTexts Of(const std::vector<promql::StepSeries>& series);
  size_t size() const { return values.size(); }
  // Sorts; of equal label sets one stays, as series_set.h decides.
  void MakeSet();
};

// Vectors of shards, each sorted, as one. They stay where they are.
class PointUnion {
 public:
  // Where a point is: its part, and its index there.
  using Place = std::pair<size_t, size_t>;

  explicit PointUnion(std::vector<PointTexts> parts);
  // The first two points of equal label sets, in order of their parts; nothing when there are none.
  const std::vector<Place>& repeated() const { return repeated_; }

  size_t size() const { return order_.size(); }
  std::string_view set(size_t i) const { return parts_[order_[i].first].sets.at(order_[i].second); }
  double value(size_t i) const { return parts_[order_[i].first].values[order_[i].second]; }
  promql::Labels LabelsAt(const Place& at) const {
    return parts_[at.first].sets.LabelsAt(at.second);
  }
  // Bytes of all label sets.
  size_t text_bytes() const;
  std::vector<promql::StepSeries> ToSeries() const;

 private:
  std::vector<PointTexts> parts_;
  std::vector<Place> order_;
  std::vector<Place> repeated_;
};

}  // namespace synoptic::aggregator
