// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Every PromQL function, one row each: name, types, locality class, help. The parser checks calls
// against it, the planner reads the locality class, the evaluator dispatches on the id.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "promql/model/series.h"

namespace synoptic::promql {

enum class FunctionId : uint16_t {
  kAbs,
  kAbsent,
  kAbsentOverTime,
  kAcos,
  kAcosh,
  kAsin,
  kAsinh,
  kAtan,
  kAtanh,
  kAvgOverTime,
  kCeil,
  kChanges,
  kClamp,
  kClampMax,
  kClampMin,
  kCos,
  kCosh,
  kCountOverTime,
  kDayOfMonth,
  kDayOfWeek,
  kDayOfYear,
  kDaysInMonth,
  kDeg,
  kDelta,
  kDeriv,
  kDoubleExponentialSmoothing,
  kEnd,
  kExp,
  kFirstOverTime,
  kFloor,
  kHistogramAvg,
  kHistogramCount,
  kHistogramFraction,
  kHistogramQuantile,
  kHistogramQuantiles,
  kHistogramStddev,
  kHistogramStdvar,
  kHistogramSum,
  kHour,
  kIdelta,
  kIncrease,
  kInfo,
  kIntegral,
  kIrate,
  kLabelJoin,
  kLabelReplace,
  kLastOverTime,
  kLn,
  kLog10,
  kLog2,
  kMadOverTime,
  kMaxOf,
  kMaxOverTime,
  kMinOf,
  kMinOverTime,
  kMinute,
  kMonth,
  kPi,
  kPredictLinear,
  kPresentOverTime,
  kQuantileOverTime,
  kRad,
  kRange,
  kRate,
  kResets,
  kRound,
  kScalar,
  kSgn,
  kSin,
  kSinh,
  kSort,
  kSortByLabel,
  kSortByLabelDesc,
  kSortDesc,
  kSqrt,
  kStartFn,
  kStartTimestamp,
  kStddevOverTime,
  kStdvarOverTime,
  kStep,
  kSumOverTime,
  kTan,
  kTanh,
  kTime,
  kTimestamp,
  kTsOfFirstOverTime,
  kTsOfLastOverTime,
  kTsOfMaxOverTime,
  kTsOfMinOverTime,
  kVector,
  kYear,
};

// How a call relates to where its argument's series live (ARCHITECTURE.md, idea 1).
enum class FunctionLocality : uint8_t {
  kPerSeries,   // each output series depends on one input series with the same topology labels
  kPerGroup,    // combines series that differ in some labels only (histogram_quantile over le)
  kWholeInput,  // depends on which series exist anywhere (absent, scalar, sort)
  kNoInput,     // time(), vector(1)
  kRelabels,    // rewrites labels (label_replace): depends on the labels named
};

struct Function {
  FunctionId id;
  std::string_view name;
  std::span<const ValueType> args;  // declared argument types
  int variadic;                     // 0 fixed; n > 0: the last n optional; -1: last type repeats
  ValueType returns;
  bool experimental;
  FunctionLocality locality;
  std::string_view help;
};

// nullptr when there is none. Names are case-sensitive.
const Function* FindFunction(std::string_view name);
// All, sorted by name.
std::span<const Function> AllFunctions();

}  // namespace synoptic::promql
