// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// increase and delta of anchored and smoothed windows where samples are equally far apart and the
// grid's step is so many of them: what a window needs then lies at the same places in all of them.
#pragma once

#include <span>

#include "promql/eval/range_source.h"

namespace synoptic::promql::internal {

struct DifferenceKind {
  bool counter;
  bool smoothed;
};

// Steps [first, last).
struct EvenSteps {
  size_t first = 0, last = 0;
};

// Fills those steps of `out` that lie alike, and says which they are. REQUIRES: for a counter, no
// sample below the one before.
EvenSteps EvenDifferences(const DifferenceKind& kind, const Windows& windows,
                          const Margins& margins, const SampleSpan& samples, std::span<double> out);

}  // namespace synoptic::promql::internal
