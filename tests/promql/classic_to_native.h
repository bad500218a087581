// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Classic histograms as native ones with custom buckets: what `load_with_nhcb` adds, in the manner
// of Prometheus' util/convertnhcb.
#pragma once

#include <map>

#include "absl/status/status.h"
#include "tests/promql/store.h"

namespace synoptic::promqltest {

// Adds one series for each set of _bucket, _count and _sum series. An error when buckets are not
// cumulative or do not add up to the count.
absl::Status AddNativeOfClassic(std::map<promql::Labels, StoredSamples>& series);

}  // namespace synoptic::promqltest
