// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Tree to text: canonical, re-parseable, as Prometheus prints.
#pragma once

#include <string>

#include "promql/parse/ast.h"

namespace synoptic::promql {

std::string Print(const Expr& expr);
// format_query: at most 100 characters a line, two spaces a level.
std::string Prettify(const Expr& expr);
// parse_query: the tree as Prometheus' JSON.
std::string ToJson(const Expr& expr);
// {a="b",c=~"d"} or name{...}: a selector's matchers alone.
std::string PrintMatchers(const std::vector<Matcher>& matchers);

}  // namespace synoptic::promql
