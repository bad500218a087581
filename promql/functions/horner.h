// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Polynomials in the order of operations that results equal to the last bit need.
#pragma once

#include <concepts>

namespace synoptic::promql {

// ((c0 * x + c1) * x + c2) * x + ...: the coefficient of the highest power comes first. Rounded
// after each operation.
inline double Horner(double /*x*/, double c0) { return c0; }

template <std::same_as<double>... Rest>
double Horner(double x, double c0, double c1, Rest... rest) {
  return Horner(x, c0 * x + c1, rest...);
}

}  // namespace synoptic::promql
