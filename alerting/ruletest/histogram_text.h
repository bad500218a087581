// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A histogram as rule tests write it: {{schema:1 count:3 sum:4.5 buckets:[1 2]}}.
#pragma once

#include <string>

#include "promql/model/histogram.h"

namespace synoptic::alerting {

// Equal texts mean equal histograms. Empty for null.
std::string HistogramTestText(const promql::HistogramPtr& histogram);

}  // namespace synoptic::alerting
