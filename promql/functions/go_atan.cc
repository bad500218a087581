// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Polynomials and constants are those of the Cephes Math Library, release 2.8 (atan.c):
//   Copyright 1984, 1987, 1989, 1992, 2000 by Stephen L. Moshier
#include <cmath>
#include <numbers>

#include "promql/functions/go_trig.h"
#include "promql/functions/horner.h"
#include "promql/model/sample.h"

namespace synoptic::promql {
namespace {

constexpr double kPi = std::numbers::pi;

// For |x| <= 0.66.
double AtanPolynomial(double x) {
  const double z = x * x;
  const double p = Horner(z, -8.750608600031904122785e-01, -1.615753718733365076637e+01,
                          -7.500855792314704667340e+01, -1.228866684490136173410e+02,
                          -6.485021904942025371773e+01);
  const double q =
      Horner(z, 1.0, 2.485846490142306297962e+01, 1.650270098316988542046e+02,
             4.328810604912902668951e+02, 4.853903996359136964868e+02, 1.945506571482613964425e+02);
  return x * (z * p / q) + x;
}

// For x >= 0.
double AtanOfPositive(double x) {
  constexpr double kPiOver2Rest = 6.123233995736765886130e-17;  // pi/2 - double(pi/2)
  constexpr double kTan3PiOver8 = 2.41421356237309504880;
  if (x <= 0.66) return AtanPolynomial(x);
  if (x > kTan3PiOver8) return kPi / 2 - AtanPolynomial(1 / x) + kPiOver2Rest;
  return kPi / 4 + AtanPolynomial((x - 1) / (x + 1)) + 0.5 * kPiOver2Rest;
}

// atan2 where at least one argument is infinite.
double InfiniteAtan2(double y, double x) {
  if (!std::isinf(x)) return std::copysign(kPi / 2, y);
  if (!std::isinf(y)) return std::copysign(x > 0 ? 0.0 : kPi, y);
  constexpr double kThreePiOver4 = 2.35619449019234492885;
  return std::copysign(x > 0 ? kPi / 4 : kThreePiOver4, y);
}

}  // namespace

double GoAtan(double x) {
  if (x == 0) return x;
  return x > 0 ? AtanOfPositive(x) : -AtanOfPositive(-x);
}

double GoAsin(double x) {
  if (x == 0) return x;
  const double sine = x < 0 ? -x : x;
  if (sine > 1) return NormalNaN();
  const double cosine = std::sqrt(1 - sine * sine);
  const double angle =
      sine > 0.7 ? kPi / 2 - AtanOfPositive(cosine / sine) : AtanOfPositive(sine / cosine);
  return x < 0 ? -angle : angle;
}

double GoAcos(double x) { return kPi / 2 - GoAsin(x); }

double GoAtan2(double y, double x) {
  if (std::isnan(y) || std::isnan(x)) return NormalNaN();
  if (y == 0) return std::copysign(std::signbit(x) ? kPi : 0.0, y);
  if (x == 0) return std::copysign(kPi / 2, y);
  if (std::isinf(x) || std::isinf(y)) return InfiniteAtan2(y, x);
  const double angle = GoAtan(y / x);
  if (!(x < 0)) return angle;
  return angle <= 0 ? angle + kPi : angle - kPi;
}

}  // namespace synoptic::promql
