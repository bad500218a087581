// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Which parts of a query can have native histograms as their value. Such a value cannot come from
// an upstream's query API, whose JSON tells bounds and counts of buckets but neither their schema
// nor a counter's resets: it is computed here, from raw samples
// (docs/adr/0006-histograms-are-read-raw.md).
#pragma once

#include <set>
#include <string>

#include "promql/parse/ast.h"

namespace synoptic::promql {

// Metrics known to hold native histograms, by HistogramKey.
using HistogramMetrics = std::set<std::string, std::less<>>;

// The metric's name; of a selector that asks for no single name, its matchers.
std::string HistogramKey(const VectorSelector& selector);

// Whether a histogram can come out of `expr`: out of one of `known`, through operations that keep
// histograms. Of a scalar, never.
bool MayYieldHistograms(const Expr& expr, const HistogramMetrics& known);

// The selectors of `expr` from which a histogram in its value can have come.
void CollectHistogramKeys(const Expr& expr, HistogramMetrics& keys);

}  // namespace synoptic::promql
