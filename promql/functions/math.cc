// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/functions/math.h"

#include <cmath>
#include <limits>
#include <numbers>

#include "promql/functions/date.h"
#include "promql/functions/go_hyperbolic.h"
#include "promql/functions/go_trig.h"
#include "promql/model/go_math.h"

namespace synoptic::promql {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

// Not v times a constant: that rounds once less often.
double Degrees(double v) { return v * 180 / std::numbers::pi; }
double Radians(double v) { return v * std::numbers::pi / 180; }

double Sign(double v) { return v < 0 ? -1 : v > 0 ? 1 : v; }

MathFunction FindElementary(FunctionId id) {
  switch (id) {
    case FunctionId::kAbs:
      return [](double v) { return std::fabs(v); };
    case FunctionId::kCeil:
      return [](double v) { return std::ceil(v); };
    case FunctionId::kFloor:
      return [](double v) { return std::floor(v); };
    case FunctionId::kSqrt:
      return [](double v) { return std::sqrt(v); };
    case FunctionId::kExp:
      return GoExp;
    case FunctionId::kLn:
      return GoLog;
    case FunctionId::kLog2:
      return GoLog2;
    case FunctionId::kLog10:
      return GoLog10;
    case FunctionId::kSgn:
      return Sign;
    case FunctionId::kDeg:
      return Degrees;
    case FunctionId::kRad:
      return Radians;
    default:
      return nullptr;
  }
}

MathFunction FindTrigonometric(FunctionId id) {
  switch (id) {
    case FunctionId::kSin:
      return GoSin;
    case FunctionId::kCos:
      return GoCos;
    case FunctionId::kTan:
      return GoTan;
    case FunctionId::kAsin:
      return GoAsin;
    case FunctionId::kAcos:
      return GoAcos;
    case FunctionId::kAtan:
      return GoAtan;
    case FunctionId::kSinh:
      return GoSinh;
    case FunctionId::kCosh:
      return GoCosh;
    case FunctionId::kTanh:
      return GoTanh;
    case FunctionId::kAsinh:
      return GoAsinh;
    case FunctionId::kAcosh:
      return GoAcosh;
    case FunctionId::kAtanh:
      return GoAtanh;
    default:
      return nullptr;
  }
}

MathFunction FindDate(FunctionId id) {
  switch (id) {
    case FunctionId::kMinute:
      return Minute;
    case FunctionId::kHour:
      return Hour;
    case FunctionId::kDayOfWeek:
      return DayOfWeek;
    case FunctionId::kDayOfMonth:
      return DayOfMonth;
    case FunctionId::kDayOfYear:
      return DayOfYear;
    case FunctionId::kDaysInMonth:
      return DaysInMonth;
    case FunctionId::kMonth:
      return Month;
    case FunctionId::kYear:
      return Year;
    default:
      return nullptr;
  }
}

}  // namespace

MathFunction FindMathFunction(FunctionId id) {
  if (const MathFunction f = FindElementary(id)) return f;
  if (const MathFunction f = FindTrigonometric(id)) return f;
  return FindDate(id);
}

double GoMax(double a, double b) {
  if (a == kInf || b == kInf) return kInf;
  if (std::isnan(a) || std::isnan(b)) return NormalNaN();
  if (a == 0 && b == 0) return std::signbit(a) ? b : a;
  return a > b ? a : b;
}

double GoMin(double a, double b) {
  if (a == -kInf || b == -kInf) return -kInf;
  if (std::isnan(a) || std::isnan(b)) return NormalNaN();
  if (a == 0 && b == 0) return std::signbit(a) ? a : b;
  return a < b ? a : b;
}

}  // namespace synoptic::promql
