// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Native histograms as Prometheus' tests compare them: layouts exactly, counts nearly.
#pragma once

#include <string>

#include "promql/model/histogram.h"

namespace synoptic::promqltest {

// Empty buckets do not count. The hint does when `with_hint`.
bool AlmostEqual(const promql::FloatHistogram& a, const promql::FloatHistogram& b, bool with_hint);
// With schema and hint, for messages.
std::string Describe(const promql::FloatHistogram& h);

}  // namespace synoptic::promqltest
