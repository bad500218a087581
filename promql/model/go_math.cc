// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The polynomial of GoLog is that of FreeBSD's e_log.c:
//   Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved.
//   Developed at SunPro, a Sun Microsystems, Inc. business.
//   Permission to use, copy, modify, and distribute this software is freely granted, provided that
//   this notice is preserved.
#include "promql/model/go_math.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>

#include "promql/model/sample.h"

namespace synoptic::promql {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr uint64_t kMantissa = (uint64_t{1} << 52) - 1;

double PowerOfTwo(int biased_exponent) {
  return std::bit_cast<double>(static_cast<uint64_t>(biased_exponent) << 52);
}

// e^x / 2^k for x near k * ln(2). Fused multiply-adds, as Go does on every processor that has them.
// Inlined into each caller: an instruction where the target has one, a slow call elsewhere.
[[gnu::always_inline]] inline double ExpFraction(double x, double k) {
  constexpr double kLn2High = 0.69314718055966295651160180568695068359375;
  constexpr double kLn2Low = 0.28235290563031577122588448175013436025525412068e-12;
  // 1/2!, 1/3!, ... 1/8!, as the method's author rounds them.
  constexpr double kTaylor[] = {0.5,
                                1.6666666666666666667e-1,
                                4.1666666666666666667e-2,
                                8.3333333333333333333e-3,
                                1.3888888888888888889e-3,
                                1.9841269841269841270e-4,
                                2.4801587301587301587e-5};
  x = __builtin_fma(-k, kLn2High, x);
  x = __builtin_fma(-k, kLn2Low, x);
  x *= 0.0625;
  double sum = kTaylor[6];
  for (int i = 5; i >= 0; --i) sum = __builtin_fma(x, sum, kTaylor[i]);
  sum = __builtin_fma(x, sum, 1.0);
  x *= sum;  // e^x - 1; squared four times below, since x was divided by 16
  for (int i = 0; i < 3; ++i) x *= x + 2.0;
  return __builtin_fma(x + 2.0, x, 1.0);
}

#if defined(__x86_64__)
[[gnu::target("fma")]] double ExpFractionFma(double x, double k) { return ExpFraction(x, k); }
#endif

double ExpFractionDispatched(double x, double k) {
#if defined(__x86_64__)
  static const bool kHasFma = __builtin_cpu_supports("fma") != 0;
  if (kHasFma) return ExpFractionFma(x, k);
#endif
  return ExpFraction(x, k);
}

}  // namespace

double GoExp(double x) {
  if (std::isnan(x) || x == kInf) return x;
  if (x > 7.09782712893384e+02) return kInf;
  if (x < -1100) return 0;
  const double k = std::nearbyint(std::numbers::log2e * x);
  const double fraction = ExpFractionDispatched(x, k);
  const int exponent = static_cast<int>(k) + 1023;
  if (exponent >= 2047) return kInf;
  if (exponent > 0) return fraction * PowerOfTwo(exponent);
  if (exponent < -52) return 0;
  return fraction * PowerOfTwo(exponent + 1022) * PowerOfTwo(1);
}

double GoLog(double x) {
  const uint64_t bits = std::bit_cast<uint64_t>(x);
  if (x == 0) return -kInf;
  if (bits >> 63 != 0) return NormalNaN();
  if (bits >= std::bit_cast<uint64_t>(kInf)) return x;
  // x = 2^k * (1 + f), sqrt(1/2) < 1 + f < sqrt(2). Subnormal numbers are not scaled first: Go's
  // assembly does not either.
  double fraction = std::bit_cast<double>((bits & kMantissa) | (uint64_t{1022} << 52));
  double k = static_cast<double>(static_cast<int>(bits >> 52) - 1022);
  if (!(std::numbers::sqrt2 / 2 < fraction)) {
    k -= 1;
    fraction *= 2;
  }
  const double f = fraction - 1;
  const double s = f / (2 + f);
  const double s2 = s * s;
  const double s4 = s2 * s2;
  const double odd = s2 * (6.666666666666735130e-01 +
                           s4 * (2.857142874366239149e-01 +
                                 s4 * (1.818357216161805012e-01 + s4 * 1.479819860511658591e-01)));
  const double even = s4 * (3.999999999940941908e-01 +
                            s4 * (2.222219843214978396e-01 + s4 * 1.531383769920937332e-01));
  const double r = odd + even;
  const double half_square = 0.5 * f * f;
  constexpr double kLn2High = 6.93147180369123816490e-01;
  constexpr double kLn2Low = 1.90821492927058770002e-10;
  return k * kLn2High - ((half_square - (s * (half_square + r) + k * kLn2Low)) - f);
}

double GoLog2(double x) {
  if (!std::isfinite(x) || x <= 0) return GoLog(x);
  int exponent;
  const double fraction = std::frexp(x, &exponent);
  if (fraction == 0.5) return exponent - 1;  // powers of two come out exactly
  return GoLog(fraction) * std::numbers::log2e + exponent;
}

double GoLog10(double x) { return GoLog(x) * std::numbers::log10e; }

double GoPow(double x, double y) {
  if (x == 1) return 1;  // even 1 ^ NaN of the signalling kind, where C has NaN
  // For these C and Go agree.
  if (y == 0 || y == 1 || x == 0 || !std::isfinite(x) || !std::isfinite(y)) {
    return std::pow(x, y);
  }
  if (y == 0.5) return std::sqrt(x);
  if (y == -0.5) return 1 / std::sqrt(x);
  double whole;
  double part = std::modf(std::fabs(y), &whole);
  if (part != 0 && x < 0) return NormalNaN();
  if (whole >= 0x1p63) return std::pow(x, y);  // 0, 1 or infinite

  double result = 1;
  if (part != 0) {
    if (part > 0.5) {
      part -= 1;
      whole += 1;
    }
    result = GoExp(part * GoLog(x));
  }
  // Square and multiply on the fraction; the power of two is kept apart so that nothing overflows.
  int square_exponent;
  double square = std::frexp(x, &square_exponent);
  int64_t exponent = 0;
  for (uint64_t bits = static_cast<uint64_t>(whole); bits != 0; bits >>= 1) {
    if (square_exponent < -4096 || square_exponent > 4096) {
      exponent += square_exponent;  // far out of range already
      break;
    }
    if ((bits & 1) != 0) {
      result *= square;
      exponent += square_exponent;
    }
    square *= square;
    square_exponent *= 2;
    if (square < 0.5) {
      square += square;
      --square_exponent;
    }
  }
  if (y < 0) {
    result = 1 / result;
    exponent = -exponent;
  }
  return std::ldexp(result, static_cast<int>(exponent));
}

}  // namespace synoptic::promql
