// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Polynomials and constants are those of the Cephes Math Library, release 2.8 (sin.c, tan.c):
//   Copyright 1984, 1987, 1989, 1992, 2000 by Stephen L. Moshier
#include "promql/functions/go_trig.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "promql/functions/horner.h"
#include "promql/model/sample.h"

namespace synoptic::promql {
namespace {

using uint128 = unsigned __int128;

// x = (octant + 8 n) * pi/4 + angle with |angle| <= pi/4; the octant is even.
struct Reduced {
  unsigned octant;
  double angle;
};

// Binary digits of 4/pi, the leading 1 in a word of its own. Enough for the largest double.
constexpr uint64_t kFourOverPi[] = {
    0x0000000000000001, 0x45f306dc9c882a53, 0xf84eafa3ea69bb81, 0xb6c52b3278872083,
    0xfca2c757bd778ac3, 0x6e48dc74849ba5c0, 0x0c925dd413a32439, 0xfc3bd63962534e7d,
    0xd1046bea5d768909, 0xd338e04d68befc82, 0x7323ac7306a673e9, 0x3908bf177bf25076,
    0x3ff12fffbc0b301f, 0xde5e2316b414da3e, 0xda6cfd9e4f96136e, 0x9e8c7ecd3cbfd45a,
    0xea4f758fd7cbe2f6, 0x7a0e73ef14a525d4, 0xd7f6bf623f1aba10, 0xac06608df8f6d757};

// 64 digits of 4/pi from bit `position` on, the highest bit of the table being position 0.
uint64_t DigitsAt(unsigned position) {
  const uint64_t* word = &kFourOverPi[position / 64];
  const uint128 two_words = (uint128{word[0]} << 64) | word[1];
  return static_cast<uint64_t>((two_words << (position % 64)) >> 64);
}

// Payne and Hanek: of the product x * 4/pi only the bits around the binary point are computed;
// those far above are multiples of 8 octants.
Reduced ReduceHuge(double x) {
  const uint64_t bits = std::bit_cast<uint64_t>(x);
  const uint64_t mantissa = (bits & ((uint64_t{1} << 52) - 1)) | (uint64_t{1} << 52);
  const int exponent = static_cast<int>(bits >> 52) - 1023 - 52;
  const unsigned position = static_cast<unsigned>(exponent + 61);
  const uint128 product = (uint128{DigitsAt(position) * mantissa} << 64) +
                          uint128{DigitsAt(position + 64)} * mantissa +
                          ((uint128{DigitsAt(position + 128)} * mantissa) >> 64);

  unsigned octant = static_cast<unsigned>(product >> 125);
  // The fraction of an octant as a double in [0, 1). Where it has many leading zeros, Go fills up
  // its last bits from the low word without having shifted that by the octant's 3 bits.
  const uint64_t high = static_cast<uint64_t>(product >> 61);
  const uint64_t low = static_cast<uint64_t>(product);
  const int leading = std::countl_zero(high) + 1;
  const uint128 shifted = ((uint128{high} << 64) | low) << leading;
  double fraction = std::bit_cast<double>((static_cast<uint64_t>(1023 - leading) << 52) |
                                          static_cast<uint64_t>(shifted >> (64 + 12)));
  if (octant % 2 == 1) {
    octant = (octant + 1) % 8;
    fraction -= 1;
  }
  return {octant, fraction * (std::numbers::pi / 4)};
}

// Cody and Waite: pi/4 in three parts, whose products with an octant number below 2^30 are exact
// but for the last. x >= 0 and finite.
Reduced Reduce(double x) {
  if (x >= 0x1p29) return ReduceHuge(x);
  constexpr double kPart1 = 7.85398125648498535156e-1;
  constexpr double kPart2 = 3.77489470793079817668e-8;
  constexpr double kPart3 = 2.69515142907905952645e-15;
  uint64_t octant = static_cast<uint64_t>(x * (4 / std::numbers::pi));
  octant += octant % 2;
  const double y = static_cast<double>(octant);
  return {static_cast<unsigned>(octant % 8), ((x - y * kPart1) - y * kPart2) - y * kPart3};
}

// For |z| <= pi/4.
double SinPolynomial(double z) {
  const double zz = z * z;
  return z + z * zz *
                 Horner(zz, 1.58962301576546568060e-10, -2.50507477628578072866e-8,
                        2.75573136213857245213e-6, -1.98412698295895385996e-4,
                        8.33333333332211858878e-3, -1.66666666666666307295e-1);
}

double CosPolynomial(double z) {
  const double zz = z * z;
  return 1.0 - 0.5 * zz +
         zz * zz *
             Horner(zz, -1.13585365213876817300e-11, 2.08757008419747316778e-9,
                    -2.75573141792967388112e-7, 2.48015872888517045348e-5,
                    -1.38888888888730564116e-3, 4.16666666666665929218e-2);
}

double TanPolynomial(double z) {
  const double zz = z * z;
  if (!(zz > 1e-14)) return z;
  const double p =
      Horner(zz, -1.30936939181383777646e4, 1.15351664838587416140e6, -1.79565251976484877988e7);
  const double q = Horner(zz, 1.0, 1.36812963470692954678e4, -1.32089234440210967447e6,
                          2.50083801823357915839e7, -5.38695755929454629881e7);
  return z + z * (zz * p / q);
}

}  // namespace

double GoSin(double x) {
  if (x == 0 || std::isnan(x)) return x;
  if (std::isinf(x)) return NormalNaN();
  const auto [octant, angle] = Reduce(std::fabs(x));
  const double y = octant % 4 == 2 ? CosPolynomial(angle) : SinPolynomial(angle);
  return (octant >= 4) != (x < 0) ? -y : y;
}

double GoCos(double x) {
  if (!std::isfinite(x)) return NormalNaN();
  const auto [octant, angle] = Reduce(std::fabs(x));
  const double y = octant % 4 == 2 ? SinPolynomial(angle) : CosPolynomial(angle);
  return octant == 2 || octant == 4 ? -y : y;
}

double GoTan(double x) {
  if (x == 0 || std::isnan(x)) return x;
  if (std::isinf(x)) return NormalNaN();
  const auto [octant, angle] = Reduce(std::fabs(x));
  const double tangent = TanPolynomial(angle);
  const double y = octant % 4 == 2 ? -1 / tangent : tangent;
  return x < 0 ? -y : y;
}

}  // namespace synoptic::promql
