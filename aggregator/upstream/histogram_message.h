// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The native histogram of remote read's SAMPLES answers: prompb.Histogram, of integers or floats,
// to a sample.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "promql/model/histogram.h"

namespace synoptic::aggregator {

struct TimedHistogram {
  int64_t t = 0;
  std::shared_ptr<promql::FloatHistogram> histogram;  // valid, or a stale marker
};

// DataLoss when `message` is malformed or the histogram not valid. Takes at most eight times the
// message's bytes, and the histogram itself.
absl::StatusOr<TimedHistogram> ParseHistogram(std::string_view message);

}  // namespace synoptic::aggregator
