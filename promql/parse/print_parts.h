// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Pieces of printed expressions that the printer and the prettifier share.
#pragma once

#include <string>
#include <string_view>

#include "promql/parse/ast.h"

namespace synoptic::promql::internal {

std::string DurationText(const DurationExpr& expr);
std::string AtText(const TimeModifiers& time);      // " @ 5.000" or ""
std::string OffsetText(const TimeModifiers& time);  // " offset 5m" or ""
std::string SubquerySuffix(const Subquery& expr);   // [5m:1m] @ ... offset ...
std::string AggregateHead(const Aggregate& expr);   // everything before the parenthesis
std::string BinaryHead(const Binary& expr);         // the operator with bool, matching and fill
// May stand outside braces.
bool IsPlainMetricName(std::string_view name);

}  // namespace synoptic::promql::internal
