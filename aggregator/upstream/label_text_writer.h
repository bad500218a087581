// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Label sets of an upstream's answer as LabelTexts: the rules apply, our own labels are put in
// their places, and what lies between is copied as it came. The room is charged before it is made.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "aggregator/upstream/json_stream.h"
#include "aggregator/upstream/label_rules.h"
#include "aggregator/upstream/label_texts.h"
#include "base/budget.h"

namespace synoptic::aggregator {

class LabelTextWriter {
 public:
  // `rules` and `budget` (may be null) must outlive the writer.
  LabelTextWriter(const LabelRules& rules, MemoryBudget* budget);

  // An object that came as a whole (JsonStream::NextObject). False, and nothing, when a label of it
  // is one that the rules say something about, or when it is not in its final form otherwise: then
  // it takes the general way.
  // All objects are of one stream.
  absl::StatusOr<bool> AddPlain(const JsonStream::Object& object);
  // `labels` sorted by name, unique.
  absl::Status Add(std::span<const promql::Label> labels);

  LabelTexts& sets() { return sets_; }
  // What is charged for them; Detach() leaves it charged.
  Reservation& held() { return held_; }

 private:
  using Members = std::vector<JsonStream::Member>;
  void LookAtNames(const Members& members);
  absl::Status MakeRoom(size_t text_bytes);

  const LabelRules& rules_;
  Reservation held_;
  std::vector<std::string> own_;  // our labels: "name":"value"
  size_t own_bytes_ = 0;
  // Of the names of the object that came last.
  uint64_t names_ = 0;
  bool final_ = false;          // in rising order, and the rules say nothing about any
  std::vector<size_t> places_;  // of our labels: before which of them
  LabelTexts sets_;
};

}  // namespace synoptic::aggregator
