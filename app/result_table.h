// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A query's JSON answer as text for people: table and CSV. Charts are in chart.h.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "promql/model/labels.h"

namespace synoptic::app {

struct Result {
  struct Point {
    double time_s = 0;
    // As the server spelled it; of a native histogram its text as Prometheus prints it:
    // {count:3, sum:4.5, (1,2]:3}.
    std::string value;
    // What a chart shows: the value, of a histogram the mean of what it observed.
    double number = 0;
  };
  struct Series {
    promql::Labels labels;
    std::vector<Point> points;  // by time
    bool histograms = false;    // some point is one
  };
  std::string type;  // vector, matrix, scalar, string
  std::vector<Series> series;
  std::vector<std::string> warnings;
  std::vector<std::string> infos;
  std::string explain;
};

// The server's error message when the answer is an error.
absl::StatusOr<Result> ParseResult(std::string_view json);

// One line a sample: labels, value and, in ranges, the time.
std::string TableOf(const Result& result);
// A column a label name, then timestamp and value.
std::string CsvOf(const Result& result);
}  // namespace synoptic::app
