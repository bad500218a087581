// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/binary_math.h"

#include <cmath>

#include "promql/functions/go_trig.h"
#include "promql/functions/math.h"
#include "promql/model/sample.h"

namespace synoptic::promql::internal {
namespace {

template <class F>
void Each(std::span<const double> a, std::span<const double> b, std::span<double> out, F f) {
  for (size_t i = 0; i < out.size(); ++i) {
    const double x = a[i], y = b[i];
    out[i] = IsAbsent(x) || IsAbsent(y) ? Absent() : f(x, y);
  }
}

template <class Compare>
void Filter(BinaryMode mode, std::span<const double> a, std::span<const double> b,
            std::span<double> out, Compare compare) {
  if (mode.return_bool) {
    Each(a, b, out, [compare](double x, double y) { return compare(x, y) ? 1.0 : 0.0; });
  } else if (mode.keep_right) {
    Each(a, b, out, [compare](double x, double y) { return compare(x, y) ? y : Absent(); });
  } else {
    Each(a, b, out, [compare](double x, double y) { return compare(x, y) ? x : Absent(); });
  }
}

}  // namespace

void ApplyBinary(BinaryOp op, BinaryMode mode, std::span<const double> a, std::span<const double> b,
                 std::span<double> out) {
  switch (op) {
    case BinaryOp::kAdd:
      return Each(a, b, out, [](double x, double y) { return x + y; });
    case BinaryOp::kSub:
      return Each(a, b, out, [](double x, double y) { return x - y; });
    case BinaryOp::kMul:
      return Each(a, b, out, [](double x, double y) { return x * y; });
    case BinaryOp::kDiv:
      return Each(a, b, out, [](double x, double y) { return x / y; });
    case BinaryOp::kMod:
      return Each(a, b, out, [](double x, double y) { return std::fmod(x, y); });
    case BinaryOp::kPow:
      return Each(a, b, out, GoPow);
    case BinaryOp::kAtan2:
      return Each(a, b, out, GoAtan2);
    case BinaryOp::kEqual:
      return Filter(mode, a, b, out, [](double x, double y) { return x == y; });
    case BinaryOp::kNotEqual:
      return Filter(mode, a, b, out, [](double x, double y) { return x != y; });
    case BinaryOp::kGreater:
      return Filter(mode, a, b, out, [](double x, double y) { return x > y; });
    case BinaryOp::kLess:
      return Filter(mode, a, b, out, [](double x, double y) { return x < y; });
    case BinaryOp::kGreaterEqual:
      return Filter(mode, a, b, out, [](double x, double y) { return x >= y; });
    case BinaryOp::kLessEqual:
      return Filter(mode, a, b, out, [](double x, double y) { return x <= y; });
    default:
      // Trimming is for histograms: floats have nothing to trim and drop out.
      return Each(a, b, out, [](double, double) { return Absent(); });
  }
}

bool ChangesMeaning(BinaryOp op) {
  switch (op) {
    case BinaryOp::kAdd:
    case BinaryOp::kSub:
    case BinaryOp::kMul:
    case BinaryOp::kDiv:
    case BinaryOp::kMod:
    case BinaryOp::kPow:
    case BinaryOp::kAtan2:
      return true;
    default:
      return false;
  }
}

}  // namespace synoptic::promql::internal
