// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What functions have found that the user is to be told about samples of one series: which of
// Prometheus' annotations, whose texts and positions are the caller's.
#pragma once

#include <cstdint>

namespace synoptic::promql {

struct RangeNotes {
  bool mixed_types = false;         // floats and histograms: nothing was computed
  bool mixed_schemas = false;       // exponential and custom buckets: nothing was computed
  bool histograms_ignored = false;  // beside floats
  bool not_a_counter = false;       // a gauge histogram where a counter was expected
  bool not_a_gauge = false;
  // Custom bounds differed and were reconciled.
  bool reconciled_in_addition = false;
  bool reconciled_in_subtraction = false;
  bool reconciled_in_aggregation = false;
  bool reset_collision = false;  // aggregated histograms disagree about counter resets
  int64_t overlaps = 0;          // windows with a start timestamp before the sample before

  bool empty() const { return *this == RangeNotes(); }
  friend bool operator==(const RangeNotes&, const RangeNotes&) = default;
};

}  // namespace synoptic::promql
