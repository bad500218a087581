// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// process_*: CPU, memory and descriptors, as every Prometheus client exposes them.
#pragma once

#include <cstdint>

#include "base/metrics.h"

namespace synoptic::app {

// Read from /proc at every exposition.
void RegisterProcessMetrics(Metrics& metrics, int64_t start_time_ms);

// Threads of this process; 0 when /proc does not say.
int CountThreads();

}  // namespace synoptic::app
