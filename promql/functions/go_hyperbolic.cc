// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// sinh near 0 is formula 2029 of Hart and Cheney, Computer Approximations. The polynomials of tanh
// are those of the Cephes Math Library, release 2.8 (tanh.c):
//   Copyright 1984, 1987, 1989, 1992, 2000 by Stephen L. Moshier
// The methods of the inverses and the polynomial of log1p are FreeBSD's:
//   Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved.
//   Developed at SunPro, a Sun Microsystems, Inc. business.
//   Permission to use, copy, modify, and distribute this software is freely granted, provided that
//   this notice is preserved.
#include "promql/functions/go_hyperbolic.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>

#include "promql/functions/horner.h"
#include "promql/model/go_math.h"
#include "promql/model/sample.h"

namespace synoptic::promql {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kLn2 = std::numbers::ln2;

// 1 + x = 2^k * (1 + f) with sqrt(1/2) < 1 + f < sqrt(2); `lost` is what rounding took from 1 + f.
struct Log1pArgument {
  double k;
  double f;
  double lost;
  bool near_power_of_two;  // |f| is so small that a short series does
};

Log1pArgument ReduceLog1p(double x) {
  constexpr double kSqrt2Minus1 = 4.142135623730950488017e-01;
  constexpr double kHalfSqrt2Minus1 = -2.928932188134524755992e-01;
  if (x < kSqrt2Minus1 && x > kHalfSqrt2Minus1) return {0, x, 0, false};

  constexpr uint64_t kOne = uint64_t{1} << 52;
  constexpr uint64_t kSqrt2Mantissa = 0x0006a09e667f3bcd;
  const bool adds = x < 0x1p53;
  const double sum = adds ? 1.0 + x : x;
  const uint64_t bits = std::bit_cast<uint64_t>(sum);
  const uint64_t mantissa = bits & (kOne - 1);
  int k = static_cast<int>(bits >> 52) - 1023;
  double lost = 0;
  if (adds) lost = (k > 0 ? 1.0 - (sum - x) : x - (sum - 1.0)) / sum;
  if (mantissa < kSqrt2Mantissa) {
    const double fraction = std::bit_cast<double>(mantissa | (uint64_t{1023} << 52));
    return {static_cast<double>(k), fraction - 1.0, lost, mantissa == 0};
  }
  const double fraction = std::bit_cast<double>(mantissa | (uint64_t{1022} << 52));
  return {static_cast<double>(k + 1), fraction - 1.0, lost, kOne - mantissa < 4};
}

// sign(x) * magnitude, where -0 counts as positive.
double WithSignOf(double x, double magnitude) { return x < 0 ? -magnitude : magnitude; }

}  // namespace

double GoLog1p(double x) {
  if (x < -1 || std::isnan(x)) return NormalNaN();
  if (x == -1) return -kInf;
  if (x == kInf) return x;
  if (std::fabs(x) < 0x1p-54) return x;
  if (std::fabs(x) < 0x1p-29) return x - x * x * 0.5;

  constexpr double kLn2High = 6.93147180369123816490e-01;
  constexpr double kLn2Low = 1.90821492927058770002e-10;
  const auto [k, f, lost, near_power_of_two] = ReduceLog1p(x);
  const double half_square = 0.5 * f * f;
  if (near_power_of_two) {
    if (f == 0) return k == 0 ? 0 : k * kLn2High + (lost + k * kLn2Low);
    const double r = half_square * (1.0 - 0.66666666666666666 * f);
    return k == 0 ? f - r : k * kLn2High - ((r - (k * kLn2Low + lost)) - f);
  }
  const double s = f / (2.0 + f);
  const double z = s * s;
  const double r =
      z * Horner(z, 1.479819860511658591e-01, 1.531383769920937332e-01, 1.818357216161805012e-01,
                 2.222219843214978396e-01, 2.857142874366239149e-01, 3.999999999940941908e-01,
                 6.666666666666735130e-01);
  const double series = s * (half_square + r);
  if (k == 0) return f - (half_square - series);
  return k * kLn2High - ((half_square - (series + (k * kLn2Low + lost))) - f);
}

double GoSinh(double x) {
  const double z = x < 0 ? -x : x;
  if (z > 21) return WithSignOf(x, GoExp(z) * 0.5);
  if (z > 0.5) {
    const double power = GoExp(z);
    return WithSignOf(x, (power - 1 / power) * 0.5);
  }
  const double zz = z * z;
  const double p = Horner(zz, -0.2630563213397497062819489e+2, -0.2894211355989563807284660366e+4,
                          -0.8991272022039509355398013511e+5, -0.6307673640497716991184787251e+6);
  const double q = Horner(zz, 1.0, -0.173678953558233699533450911e+3,
                          0.1521517378790019070696485176e+5, -0.6307673640497716991212077277e+6);
  return WithSignOf(x, p * z / q);
}

double GoCosh(double x) {
  const double power = GoExp(std::fabs(x));
  if (std::fabs(x) > 21) return power * 0.5;
  return (power + 1 / power) * 0.5;
}

double GoTanh(double x) {
  constexpr double kHalfMaxLog = 0.5 * 8.8029691931113054295988e+01;  // ln(2^127) / 2
  const double z = std::fabs(x);
  if (z > kHalfMaxLog) return WithSignOf(x, 1);
  if (z >= 0.625) return WithSignOf(x, 1 - 2 / (GoExp(2 * z) + 1));
  if (x == 0) return x;
  const double s = x * x;
  const double p =
      Horner(s, -9.64399179425052238628e-1, -9.92877231001918586564e1, -1.61468768441708447952e3);
  const double q =
      Horner(s, 1.0, 1.12811678491632931402e2, 2.23548839060100448583e3, 4.84406305325125486048e3);
  return x + x * s * p / q;
}

double GoAsinh(double x) {
  if (!std::isfinite(x)) return x;
  const double z = x < 0 ? -x : x;
  if (z > 0x1p28) return WithSignOf(x, GoLog(z) + kLn2);
  if (z > 2) return WithSignOf(x, GoLog(2 * z + 1 / (std::sqrt(z * z + 1) + z)));
  if (z < 0x1p-28) return x;
  return WithSignOf(x, GoLog1p(z + z * z / (1 + std::sqrt(1 + z * z))));
}

double GoAcosh(double x) {
  if (x < 1 || std::isnan(x)) return NormalNaN();
  if (x == 1) return 0;
  if (x >= 0x1p28) return GoLog(x) + kLn2;
  if (x > 2) return GoLog(2 * x - 1 / (x + std::sqrt(x * x - 1)));
  const double t = x - 1;
  return GoLog1p(t + std::sqrt(2 * t + t * t));
}

double GoAtanh(double x) {
  if (x < -1 || x > 1 || std::isnan(x)) return NormalNaN();
  const double z = x < 0 ? -x : x;
  if (z == 1) return WithSignOf(x, kInf);
  if (z < 0x1p-28) return x;
  const double twice = z + z;
  const double ratio = z < 0.5 ? twice + twice * z / (1 - z) : twice / (1 - z);
  return WithSignOf(x, 0.5 * GoLog1p(ratio));
}

}  // namespace synoptic::promql
