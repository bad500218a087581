// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Binary operators on columns of floats.
#pragma once

#include <span>

#include "promql/parse/ast.h"

namespace synoptic::promql::internal {

struct BinaryMode {
  bool return_bool = false;
  // A filtering comparison keeps the right value (the vector's, when a scalar stands on the left).
  bool keep_right = false;
};

// out[i] = a[i] op b[i], Absent() where a side is absent or a comparison filters; `out` may be `a`
// or `b`. REQUIRES: an arithmetic operator or a comparison.
void ApplyBinary(BinaryOp op, BinaryMode mode, std::span<const double> a, std::span<const double> b,
                 std::span<double> out);

// __name__ no longer fits the value: arithmetic.
bool ChangesMeaning(BinaryOp op);

}  // namespace synoptic::promql::internal
