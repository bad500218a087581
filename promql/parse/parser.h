// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Text to tree. Errors carry Prometheus' text and position: `1:5: parse error: unexpected ...`.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "promql/parse/ast.h"

namespace synoptic::promql {

// Language features that Prometheus has behind flags, and limits.
struct ParseOptions {
  bool experimental_functions = false;
  bool binop_fill_modifiers = false;
  bool unquoted_utf8_names = false;
  bool extended_range_selectors = true;  // anchored, smoothed
  size_t max_text_bytes = 64 << 10;
  // Nested parentheses, arguments, signs and `^`: bounds the recursion of the parser.
  int max_depth = 128;
  // Operators above one another, chains like 1+1+1 included: bounds the recursion of all that walks
  // a tree.
  int max_height = 1'000;
  int max_nodes = 10'000;
  int max_selectors = 200;
  int max_matchers_per_selector = 64;
  friend bool operator==(const ParseOptions&, const ParseOptions&) = default;
};

// Parses and type-checks. InvalidArgument with the text Prometheus gives (position included).
absl::StatusOr<ExprPtr> ParseExpr(std::string_view text, const ParseOptions& options = {});

// A metric selector alone, as match[] takes it: name{...}.
absl::StatusOr<std::vector<Matcher>> ParseMetricSelector(std::string_view text,
                                                         const ParseOptions& options = {});

// A literal metric `name{a="b"}`, as rule tests and .test scripts write it.
absl::StatusOr<Labels> ParseMetric(std::string_view text);

}  // namespace synoptic::promql
