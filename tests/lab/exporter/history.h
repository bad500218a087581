// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A region's past as OpenMetrics text, for `promtool tsdb create-blocks-from openmetrics`: the
// model's metrics, and `up` as the server that scraped them would have it.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "tests/lab/exporter/model.h"

namespace synoptic::lab {

struct HistoryOptions {
  int64_t start = 0;  // seconds since the Unix epoch
  int64_t end = 0;    // exclusive
  double step = 15;
  // Labels added to every series, as a scrape would add job and instance.
  std::vector<std::pair<std::string, std::string>> labels;
};

void WriteHistory(const ModelOptions& model, const Script& script, const HistoryOptions& options,
                  std::ostream& out);

}  // namespace synoptic::lab
