// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The annotations of one evaluation before they become text.
//
// A note is known by its text without position: the same text twice is one note, and the one that
// comes later in the tree keeps its position, whatever the order in which series were pulled. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "promql/model/annotations.h"

namespace synoptic::promql::internal {

// What a repaired classic histogram reports: merged over all repairs of a query.
struct MonotonicityRepair {
  int64_t min_t = 0, max_t = 0;
  double min_bucket = 0, max_bucket = 0, max_difference = 0;
  int64_t count = 0;
};

class Notes {
 public:
  // `order` is the operator's place in Prometheus' order of evaluation.
  void Warning(int order, std::string_view text, PosRange pos) { Add(true, order, text, pos); }
  void Info(int order, std::string_view text, PosRange pos) { Add(false, order, text, pos); }
  void Monotonicity(int order, std::string_view metric_name, PosRange pos,
                    const MonotonicityRepair& repair);
  // Start timestamps before the sample before, `count` windows of a metric: added up over a query.
  void StartTimeOverlap(int order, std::string_view metric_name, PosRange pos, int64_t count);

  // All that `other` has, told again by operators so much later in the tree and in the text.
  void Repeat(const Notes& other, int order_shift, int pos_shift);
  bool empty() const { return notes_.empty(); }

  // Texts with positions when `query` is not empty.
  Annotations Render(std::string_view query) const;

 private:
  struct Note {
    bool warning = false;
    int order = 0;
    PosRange pos;
    MonotonicityRepair repair;  // count > 0: it is one
    int64_t overlaps = 0;       // > 0: it tells of so many
  };
  void Add(bool warning, int order, std::string_view text, PosRange pos);
  void Merge(std::string_view text, const Note& more);
  std::map<std::string, Note, std::less<>> notes_;
};

}  // namespace synoptic::promql::internal
