// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// anchored and smoothed range selectors: the window's edges get values of their own instead of
// being extrapolated to.
#pragma once

#include <optional>
#include <span>

#include "absl/status/statusor.h"
#include "promql/eval/range_source.h"
#include "promql/functions/range_notes.h"
#include "promql/functions/table.h"

namespace synoptic::promql::internal {

enum class ExtendedKind { kAnchored, kSmoothed };

// nullopt for plain selectors and subqueries; an error when `function` cannot be used with it.
absl::StatusOr<std::optional<ExtendedKind>> ExtendedKindOf(const Expr& arg,
                                                           const Function& function);
Margins ExtendedMargins(std::optional<ExtendedKind> kind, int64_t lookback_ms);

// rate, increase, delta, changes or resets over every window. `histograms`: entries for those steps
// whose answer is one, as in Operator.
void RunExtended(FunctionId id, ExtendedKind kind, const Windows& windows, int64_t lookback_ms,
                 const SeriesSamples& samples, std::span<double> out,
                 std::vector<HistogramPtr>& histograms, RangeNotes& notes);

// The samples of `m[5m] anchored` itself: values at both edges and what lies between.
void ExtendSamples(ExtendedKind kind, int64_t start, int64_t end, const SampleSpan& samples,
                   SampleColumns& out);

// They have no such form for histograms.
absl::Status NoExtendedHistograms(ExtendedKind kind);

}  // namespace synoptic::promql::internal
