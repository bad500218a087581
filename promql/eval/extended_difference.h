// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// rate, increase and delta of anchored and smoothed windows of a series that has floats only.
#pragma once

#include <span>

#include "promql/eval/range_source.h"
#include "promql/functions/table.h"

namespace synoptic::promql::internal {

// `samples`: live ones, those within the margins of all windows included. out[s] is Absent() where
// the window shows nothing.
void FloatDifferences(FunctionId id, bool smoothed, const Windows& windows, const Margins& margins,
                      const SampleSpan& samples, std::span<double> out);

}  // namespace synoptic::promql::internal
