// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Smaller questions than one that shows a difference.
#pragma once

#include <functional>
#include <vector>

#include "tests/compat/engine/question.h"

namespace synoptic::compat {

// The query with one part of its tree left out, in each possible way.
std::vector<std::string> SmallerTexts(const std::string& text);

// The smallest question found that still shows it: first the query, then the times, then the series
// of `world` it may see.
Question Shrink(Question question, const World& world,
                const std::function<bool(const Question&)>& shows);

}  // namespace synoptic::compat
