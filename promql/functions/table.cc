// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

#include "promql/functions/table.h"

#include <algorithm>
#include <array>

namespace synoptic::promql {
namespace {

using enum FunctionId;
using enum FunctionLocality;

constexpr ValueType kV = ValueType::kVector;
constexpr ValueType kM = ValueType::kMatrix;
constexpr ValueType kS = ValueType::kScalar;
constexpr ValueType kT = ValueType::kString;

// Argument lists by their letters: V instant vector, M range vector, S scalar, T string.
constexpr ValueType kArgsM[] = {kM};
constexpr ValueType kArgsS[] = {kS};
constexpr ValueType kArgsV[] = {kV};
constexpr ValueType kArgsMS[] = {kM, kS};
constexpr ValueType kArgsSM[] = {kS, kM};
constexpr ValueType kArgsSS[] = {kS, kS};
constexpr ValueType kArgsSV[] = {kS, kV};
constexpr ValueType kArgsVS[] = {kV, kS};
constexpr ValueType kArgsVT[] = {kV, kT};
constexpr ValueType kArgsVV[] = {kV, kV};
constexpr ValueType kArgsMSS[] = {kM, kS, kS};
constexpr ValueType kArgsSSV[] = {kS, kS, kV};
constexpr ValueType kArgsVSS[] = {kV, kS, kS};
constexpr ValueType kArgsVTSS[] = {kV, kT, kS, kS};
constexpr ValueType kArgsVTTT[] = {kV, kT, kT, kT};
constexpr ValueType kArgsVTTTT[] = {kV, kT, kT, kT, kT};

constexpr bool kStable = false;
constexpr bool kExperimental = true;

// Sorted by name. Columns: id, name, arguments, variadic, result, experimental, locality, help.
constexpr auto kFunctions = std::to_array<Function>({
    {kAbs, "abs", kArgsV, 0, kV, kStable, kPerSeries, "Absolute value of each sample."},
    {kAbsent, "absent", kArgsV, 0, kV, kStable, kWholeInput,
     "1 when the vector is empty, with the labels its selector pins down."},
    {kAbsentOverTime, "absent_over_time", kArgsM, 0, kV, kStable, kWholeInput,
     "1 when the range has no samples at all, with the labels its selector pins down."},
    {kAcos, "acos", kArgsV, 0, kV, kStable, kPerSeries, "Arc cosine of each sample, in radians."},
    {kAcosh, "acosh", kArgsV, 0, kV, kStable, kPerSeries,
     "Inverse hyperbolic cosine of each sample."},
    {kAsin, "asin", kArgsV, 0, kV, kStable, kPerSeries, "Arc sine of each sample, in radians."},
    {kAsinh, "asinh", kArgsV, 0, kV, kStable, kPerSeries,
     "Inverse hyperbolic sine of each sample."},
    {kAtan, "atan", kArgsV, 0, kV, kStable, kPerSeries, "Arc tangent of each sample, in radians."},
    {kAtanh, "atanh", kArgsV, 0, kV, kStable, kPerSeries,
     "Inverse hyperbolic tangent of each sample."},
    {kAvgOverTime, "avg_over_time", kArgsM, 0, kV, kStable, kPerSeries,
     "Average of the samples in the range."},
    {kCeil, "ceil", kArgsV, 0, kV, kStable, kPerSeries,
     "Each sample rounded up to the next integer."},
    {kChanges, "changes", kArgsM, 0, kV, kStable, kPerSeries,
     "How often the value changed within the range."},
    {kClamp, "clamp", kArgsVSS, 0, kV, kStable, kPerSeries,
     "Each sample limited to lie between min and max."},
    {kClampMax, "clamp_max", kArgsVS, 0, kV, kStable, kPerSeries,
     "Each sample limited to at most max."},
    {kClampMin, "clamp_min", kArgsVS, 0, kV, kStable, kPerSeries,
     "Each sample limited to at least min."},
    {kCos, "cos", kArgsV, 0, kV, kStable, kPerSeries, "Cosine of each sample, given in radians."},
    {kCosh, "cosh", kArgsV, 0, kV, kStable, kPerSeries, "Hyperbolic cosine of each sample."},
    {kCountOverTime, "count_over_time", kArgsM, 0, kV, kStable, kPerSeries,
     "Number of samples in the range."},
    {kDayOfMonth, "day_of_month", kArgsV, 1, kV, kStable, kPerSeries,
     "Day of the month of each timestamp, UTC: 1 to 31."},
    {kDayOfWeek, "day_of_week", kArgsV, 1, kV, kStable, kPerSeries,
     "Day of the week of each timestamp, UTC: 0 (Sunday) to 6."},
    {kDayOfYear, "day_of_year", kArgsV, 1, kV, kStable, kPerSeries,
     "Day of the year of each timestamp, UTC: 1 to 366."},
    {kDaysInMonth, "days_in_month", kArgsV, 1, kV, kStable, kPerSeries,
     "Number of days in the month of each timestamp, UTC: 28 to 31."},
    {kDeg, "deg", kArgsV, 0, kV, kStable, kPerSeries, "Radians to degrees."},
    {kDelta, "delta", kArgsM, 0, kV, kStable, kPerSeries,
     "Difference between the end and the start of the range, extrapolated, for gauges."},
    {kDeriv, "deriv", kArgsM, 0, kV, kStable, kPerSeries,
     "Per-second slope of the range by linear regression, for gauges."},
    {kDoubleExponentialSmoothing, "double_exponential_smoothing", kArgsMSS, 0, kV, kExperimental,
     kPerSeries, "Smoothed value of the range by smoothing factor and trend factor."},
    {kEnd, "end", {}, 0, kS, kExperimental, kNoInput, "End of the query in Unix seconds."},
    {kExp, "exp", kArgsV, 0, kV, kStable, kPerSeries, "e to the power of each sample."},
    {kFirstOverTime, "first_over_time", kArgsM, 0, kV, kStable, kPerSeries,
     "Oldest sample in the range."},
    {kFloor, "floor", kArgsV, 0, kV, kStable, kPerSeries,
     "Each sample rounded down to the next integer."},
    {kHistogramAvg, "histogram_avg", kArgsV, 0, kV, kStable, kPerSeries,
     "Average of the observations in each native histogram."},
    {kHistogramCount, "histogram_count", kArgsV, 0, kV, kStable, kPerSeries,
     "Number of observations in each native histogram."},
    {kHistogramFraction, "histogram_fraction", kArgsSSV, 0, kV, kStable, kPerGroup,
     "Estimated share of observations between lower and upper."},
    {kHistogramQuantile, "histogram_quantile", kArgsSV, 0, kV, kStable, kPerGroup,
     "Estimated quantile of classic (le) or native histograms."},
    {kHistogramQuantiles, "histogram_quantiles", kArgsVTSS, 9, kV, kExperimental, kPerGroup,
     "Several estimated quantiles at once, told apart by the label named."},
    {kHistogramStddev, "histogram_stddev", kArgsV, 0, kV, kStable, kPerSeries,
     "Estimated standard deviation of the observations in each native histogram."},
    {kHistogramStdvar, "histogram_stdvar", kArgsV, 0, kV, kStable, kPerSeries,
     "Estimated variance of the observations in each native histogram."},
    {kHistogramSum, "histogram_sum", kArgsV, 0, kV, kStable, kPerSeries,
     "Sum of the observations in each native histogram."},
    {kHour, "hour", kArgsV, 1, kV, kStable, kPerSeries,
     "Hour of the day of each timestamp, UTC: 0 to 23."},
    {kIdelta, "idelta", kArgsM, 0, kV, kStable, kPerSeries,
     "Difference between the last two samples in the range."},
    {kIncrease, "increase", kArgsM, 0, kV, kStable, kPerSeries,
     "Growth over the range, extrapolated and corrected for counter resets."},
    {kInfo, "info", kArgsVV, 1, kV, kExperimental, kWholeInput,
     "Adds the labels of matching info series, such as target_info."},
    {kIntegral, "integral", kArgsMS, 1, kV, kExperimental, kPerSeries,
     "Integral of the range over time in seconds: strategy 0 left, 1 right, 2 trapezoid."},
    {kIrate, "irate", kArgsM, 0, kV, kStable, kPerSeries,
     "Per-second growth between the last two samples in the range, for counters."},
    {kLabelJoin, "label_join", kArgsVTTT, -1, kV, kStable, kRelabels,
     "Sets a label to other labels joined by a separator."},
    {kLabelReplace, "label_replace", kArgsVTTTT, 0, kV, kStable, kRelabels,
     "Sets a label from a regular expression match on another label."},
    {kLastOverTime, "last_over_time", kArgsM, 0, kV, kStable, kPerSeries,
     "Newest sample in the range."},
    {kLn, "ln", kArgsV, 0, kV, kStable, kPerSeries, "Natural logarithm of each sample."},
    {kLog10, "log10", kArgsV, 0, kV, kStable, kPerSeries, "Decimal logarithm of each sample."},
    {kLog2, "log2", kArgsV, 0, kV, kStable, kPerSeries, "Binary logarithm of each sample."},
    {kMadOverTime, "mad_over_time", kArgsM, 0, kV, kExperimental, kPerSeries,
     "Median absolute deviation of the samples in the range."},
    {kMaxOf, "max_of", kArgsSS, 0, kS, kExperimental, kNoInput, "Larger of two scalars."},
    {kMaxOverTime, "max_over_time", kArgsM, 0, kV, kStable, kPerSeries,
     "Largest sample in the range."},
    {kMinOf, "min_of", kArgsSS, 0, kS, kExperimental, kNoInput, "Smaller of two scalars."},
    {kMinOverTime, "min_over_time", kArgsM, 0, kV, kStable, kPerSeries,
     "Smallest sample in the range."},
    {kMinute, "minute", kArgsV, 1, kV, kStable, kPerSeries,
     "Minute of the hour of each timestamp, UTC: 0 to 59."},
    {kMonth, "month", kArgsV, 1, kV, kStable, kPerSeries, "Month of each timestamp, UTC: 1 to 12."},
    {kPi, "pi", {}, 0, kS, kStable, kNoInput, "The number pi."},
    {kPredictLinear, "predict_linear", kArgsMS, 0, kV, kStable, kPerSeries,
     "Value predicted so many seconds ahead by linear regression over the range."},
    {kPresentOverTime, "present_over_time", kArgsM, 0, kV, kStable, kPerSeries,
     "1 for every series with a sample in the range."},
    {kQuantileOverTime, "quantile_over_time", kArgsSM, 0, kV, kStable, kPerSeries,
     "Quantile of the samples in the range."},
    {kRad, "rad", kArgsV, 0, kV, kStable, kPerSeries, "Degrees to radians."},
    {kRange,
     "range",
     {},
     0,
     kS,
     kExperimental,
     kNoInput,
     "Length of the query in seconds; 0 for an instant query."},
    {kRate, "rate", kArgsM, 0, kV, kStable, kPerSeries,
     "Per-second growth over the range, extrapolated and corrected for counter resets."},
    {kResets, "resets", kArgsM, 0, kV, kStable, kPerSeries,
     "Number of counter resets within the range."},
    {kRound, "round", kArgsVS, 1, kV, kStable, kPerSeries,
     "Each sample rounded to the nearest multiple, by default to integers."},
    {kScalar, "scalar", kArgsV, 0, kS, kStable, kWholeInput,
     "Value of a one-element vector as a scalar; NaN otherwise."},
    {kSgn, "sgn", kArgsV, 0, kV, kStable, kPerSeries, "Sign of each sample: 1, 0 or -1."},
    {kSin, "sin", kArgsV, 0, kV, kStable, kPerSeries, "Sine of each sample, given in radians."},
    {kSinh, "sinh", kArgsV, 0, kV, kStable, kPerSeries, "Hyperbolic sine of each sample."},
    {kSort, "sort", kArgsV, 0, kV, kStable, kWholeInput,
     "Elements by rising value; instant queries only."},
    {kSortByLabel, "sort_by_label", kArgsVT, -1, kV, kExperimental, kWholeInput,
     "Elements by the labels named, in natural order; instant queries only."},
    {kSortByLabelDesc, "sort_by_label_desc", kArgsVT, -1, kV, kExperimental, kWholeInput,
     "Elements by the labels named, in reverse natural order; instant queries only."},
    {kSortDesc, "sort_desc", kArgsV, 0, kV, kStable, kWholeInput,
     "Elements by falling value; instant queries only."},
    {kSqrt, "sqrt", kArgsV, 0, kV, kStable, kPerSeries, "Square root of each sample."},
    {kStartFn, "start", {}, 0, kS, kExperimental, kNoInput, "Start of the query in Unix seconds."},
    {kStartTimestamp, "start_timestamp", kArgsV, 0, kV, kExperimental, kPerSeries,
     "Start timestamp of each sample, in Unix seconds."},
    {kStddevOverTime, "stddev_over_time", kArgsM, 0, kV, kStable, kPerSeries,
     "Population standard deviation of the samples in the range."},
    {kStdvarOverTime, "stdvar_over_time", kArgsM, 0, kV, kStable, kPerSeries,
     "Population variance of the samples in the range."},
    {kStep,
     "step",
     {},
     0,
     kS,
     kExperimental,
     kNoInput,
     "Step of the query in seconds; 0 for an instant query."},
    {kSumOverTime, "sum_over_time", kArgsM, 0, kV, kStable, kPerSeries,
     "Sum of the samples in the range."},
    {kTan, "tan", kArgsV, 0, kV, kStable, kPerSeries, "Tangent of each sample, given in radians."},
    {kTanh, "tanh", kArgsV, 0, kV, kStable, kPerSeries, "Hyperbolic tangent of each sample."},
    {kTime, "time", {}, 0, kS, kStable, kNoInput, "Evaluation time in Unix seconds."},
    {kTimestamp, "timestamp", kArgsV, 0, kV, kStable, kPerSeries,
     "Time of each sample, in Unix seconds."},
    {kTsOfFirstOverTime, "ts_of_first_over_time", kArgsM, 0, kV, kExperimental, kPerSeries,
     "Time of the oldest sample in the range, in Unix seconds."},
    {kTsOfLastOverTime, "ts_of_last_over_time", kArgsM, 0, kV, kExperimental, kPerSeries,
     "Time of the newest sample in the range, in Unix seconds."},
    {kTsOfMaxOverTime, "ts_of_max_over_time", kArgsM, 0, kV, kExperimental, kPerSeries,
     "Time of the last of the largest samples in the range, in Unix seconds."},
    {kTsOfMinOverTime, "ts_of_min_over_time", kArgsM, 0, kV, kExperimental, kPerSeries,
     "Time of the last of the smallest samples in the range, in Unix seconds."},
    {kVector, "vector", kArgsS, 0, kV, kStable, kNoInput,
     "The scalar as a vector of one element without labels."},
    {kYear, "year", kArgsV, 1, kV, kStable, kPerSeries, "Year of each timestamp, UTC."},
});

}  // namespace

const Function* FindFunction(std::string_view name) {
  const auto it = std::ranges::lower_bound(kFunctions, name, {}, &Function::name);
  return it != kFunctions.end() && it->name == name ? &*it : nullptr;
}

std::span<const Function> AllFunctions() { return kFunctions; }

}  // namespace synoptic::promql
