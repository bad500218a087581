// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Label sets as the JSON that they arrive and leave as: {"__name__":"up","job":"a"}, names rising,
// no empty values, strings escaped as AppendJsonString does. A list of thousands of series is
// sorted, merged and sent on as text, at the speed of a copy.
//
// The order is that of promql::Labels. Not thread-safe but for const calls.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "promql/model/labels.h"

namespace synoptic::aggregator {

class LabelTexts {
 public:
  LabelTexts() = default;
  explicit LabelTexts(const std::vector<promql::Labels>& sets);

  size_t size() const { return ends_.size(); }
  bool empty() const { return ends_.empty(); }
  // {"a":"b"}
  std::string_view at(size_t i) const;
  promql::Labels LabelsAt(size_t i) const;
  std::vector<promql::Labels> ToLabels() const;
  // All of them, with commas between.
  const std::string& text() const { return text_; }

  // A set in the form above.
  void Add(std::string_view set);
  void Add(const promql::Labels& labels);
  // The same in parts: Begin(), Append() as often as one likes, End().
  void Begin();
  void Append(std::string_view part) { text_ += part; }
  void End();
  // To fewer.
  void resize(size_t size);
  // Sorts, and drops what is there twice.
  void MakeSet();
  // What `keep` accepts.
  template <class Keep>
  void Filter(Keep keep);

  // Room for so much in all. To be asked for before it is needed by who has a budget.
  void Reserve(size_t text_bytes, size_t sets);
  size_t text_capacity() const { return text_.capacity(); }
  size_t set_capacity() const { return ends_.capacity(); }
  static int64_t BytesFor(size_t text_bytes, size_t sets) {
    return static_cast<int64_t>(text_bytes + sets * sizeof(size_t));
  }

 private:
  std::string text_;
  std::vector<size_t> ends_;
};

// < 0, 0, > 0: the order of the label sets that two texts stand for.
int CompareLabelTexts(std::string_view a, std::string_view b);

// The union of sets, each sorted and without repeats.
LabelTexts MergeLabelTexts(const std::vector<LabelTexts>& parts);

template <class Keep>
void LabelTexts::Filter(Keep keep) {
  LabelTexts kept;
  for (size_t i = 0; i < size(); ++i) {
    if (keep(LabelsAt(i))) kept.Add(at(i));
  }
  *this = std::move(kept);
}

}  // namespace synoptic::aggregator
