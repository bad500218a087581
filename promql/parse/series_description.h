// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A series as rule tests and .test scripts write it: `name{a="b"} 0+1x10 _x3 stale {{schema:0}}`.
// Repetitions are expanded. Errors carry Prometheus' text and position.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "promql/model/histogram.h"
#include "promql/model/labels.h"

namespace synoptic::promql {

// One step: no sample, a float (the stale marker for `stale`), or a histogram.
struct SeriesItem {
  bool omitted = false;
  double value = 0;
  std::shared_ptr<const FloatHistogram> histogram;  // shared by repetitions
  bool hint_given = false;  // counter_reset_hint was written, so expectations compare it
};

struct SeriesDescription {
  Labels labels;
  std::vector<SeriesItem> items;
};

// {{a}}+{{b}}x3 is a sequence of growing histograms.
absl::StatusOr<SeriesDescription> ParseSeriesDescription(std::string_view text,
                                                         size_t max_items = 1'000'000);

}  // namespace synoptic::promql
