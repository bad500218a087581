// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Tree to a text that means the same. Print says what Prometheus says, and that cuts a duration
// that stands for a number to whole milliseconds: 1s3ms is 1.003, as a float a little less, and
// prints as 1s2ms. Here such durations are numbers.
#pragma once

#include <string>

#include "promql/parse/ast.h"

namespace synoptic::promql {

// Writes numbers where durations stand for them.
void DurationsToNumbers(Expr& expr);
// Print of the tree with numbers in place of durations.
std::string ExactText(const Expr& expr);

}  // namespace synoptic::promql
