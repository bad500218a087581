// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Which part of the cache is meant: what people say when they drop one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "aggregator/cache/tier.h"
#include "promql/model/matcher.h"
#include "promql/parse/parser.h"

namespace synoptic::aggregator {

// Which fragments: those that fit all that is set.
struct FragmentFilter {
  std::string region;  // empty: any
  // Fragments that can hold a series which all of these match. Nothing is left out by mistake: of
  // an expression whose selectors do not contradict them, all goes.
  std::vector<promql::Matcher> matchers;
  std::optional<int64_t> min_t;  // ms; fragments that reach into [min_t, max_t]
  std::optional<int64_t> max_t;
};

// Null for a filter that everything fits. For one thread at a time.
BlockTest TestOf(const FragmentFilter& filter, const promql::ParseOptions& language);

}  // namespace synoptic::aggregator
