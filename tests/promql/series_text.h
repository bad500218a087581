// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Series as test scripts write them: `metric{a="b"} 1 2x3 _ stale 0+10x5 {{schema:0 count:1}}`.
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "promql/model/labels.h"

namespace synoptic::promqltest {

struct SequenceValue {
  bool omitted = false;
  bool histogram = false;  // a native histogram: only that it is one is kept
  double value = 0;
};

struct SeriesText {
  promql::Labels labels;
  std::vector<SequenceValue> values;
};

absl::StatusOr<SeriesText> ParseSeriesText(std::string_view line);
// `metric{a="b"}@st ...`: start timestamps, which are told by labels alone here.
bool IsStartTimestampLine(std::string_view line);
absl::StatusOr<promql::Labels> ParseStartTimestampLine(std::string_view line);
// A lone number, as Go's ParseInt(base 0) and ParseFloat read it.
bool ParseNumberLine(std::string_view line, double& value);

}  // namespace synoptic::promqltest
