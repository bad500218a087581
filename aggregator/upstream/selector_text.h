// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Matchers as PromQL text, for the parameters of upstream requests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "promql/model/matcher.h"

namespace synoptic::aggregator {

// {__name__="up",job=~"a|b"}. A selector whose matchers all match the empty string selects
// everything that has a name, since Prometheus refuses it as it is.
std::string SelectorText(const std::vector<promql::Matcher>& matchers);

// Whether some matcher refuses the empty string.
bool Selects(const std::vector<promql::Matcher>& matchers);

// [a-zA-Z_][a-zA-Z0-9_]*: needs no quotes.
bool IsLegacyLabelName(std::string_view name);

}  // namespace synoptic::aggregator
