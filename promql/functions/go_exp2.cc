// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The polynomial is that of FreeBSD's e_exp.c:
//   Copyright (C) 2004 by Sun Microsystems, Inc. All rights reserved.
//   Permission to use, copy, modify, and distribute this software is freely granted, provided that
//   this notice is preserved.
#include "promql/functions/go_exp2.h"

#include <cmath>
#include <limits>

#include "promql/functions/horner.h"

namespace synoptic::promql {
namespace {

// e^(high - low) * 2^k for a small difference.
double ExpTimesPowerOfTwo(double high, double low, int k) {
  const double r = high - low;
  const double square = r * r;
  const double polynomial =
      Horner(square, 4.13813679705723846039e-08, -1.65339022054652515390e-06,
             6.61375632143793436117e-05, -2.77777777770155933842e-03, 1.66666666666666657415e-01);
  const double c = r - square * polynomial;
  return std::ldexp(1 - ((low - (r * c) / (2 - c)) - high), k);
}

}  // namespace

double GoExp2(double x) {
  constexpr double kLn2High = 6.93147180369123816490e-01;
  constexpr double kLn2Low = 1.90821492927058770002e-10;
  if (std::isnan(x)) return x;
  if (x > 1.0239999999999999e+03) return std::numeric_limits<double>::infinity();
  if (x < -1.0740e+03) return 0;
  int k = 0;
  if (x > 0) k = static_cast<int>(x + 0.5);
  if (x < 0) k = static_cast<int>(x - 0.5);
  const double t = x - k;
  return ExpTimesPowerOfTwo(t * kLn2High, -t * kLn2Low, k);
}

}  // namespace synoptic::promql
