// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A range query's answer as a chart of characters: time to the right, values upward, all series on
// one scale, and a legend. Of native histograms the mean of what they observed is drawn.
#pragma once

#include <cstddef>
#include <string>

#include "app/result_table.h"

namespace synoptic::app {

struct ChartOptions {
  size_t columns = 80;  // of the terminal
  size_t rows = 16;     // of the drawing
  bool colour = false;  // tell series apart by colour, too
};

// Of more series than fit, the legend says how many it leaves out; all are drawn. Empty without
// series; a line that says so when there is no finite value.
std::string ChartOf(const Result& result, const ChartOptions& options);

}  // namespace synoptic::app
