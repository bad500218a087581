// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/promql/compare.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "base/go_format.h"
#include "base/status.h"
#include "base/strings.h"
#include "tests/promql/compare_histogram.h"

namespace synoptic::promqltest {
namespace {

using promql::HistogramPtr;
using promql::IsAbsent;
using promql::Labels;
using promql::QueryValue;
using promql::ValueType;

constexpr double kEpsilon = 1e-6;

HistogramPtr HistogramAt(const promql::StepSeries& series, size_t step) {
  return series.histograms.empty() ? nullptr : series.histograms[step];
}

template <class... Args>
absl::Status Differs(fmt::format_string<Args...> format, Args&&... args) {
  return MakeStatus(absl::StatusCode::kFailedPrecondition, format, std::forward<Args>(args)...);
}

std::string Points(const QueryValue::PointSeries& series) {
  std::vector<std::string> out;
  for (size_t i = 0; i < series.samples.size(); ++i) {
    out.push_back(fmt::format("{}@{}", GoFloatG(series.samples.v[i]), series.samples.t[i]));
  }
  for (size_t i = 0; i < series.histograms.size(); ++i) {
    out.push_back(fmt::format("{}@{}", Describe(*series.histograms.h[i]), series.histograms.t[i]));
  }
  return Join(out, " ");
}

std::vector<QueryValue::PointSeries> AsPoints(const QueryValue& value) {
  if (!value.points.empty()) return value.points;
  std::vector<QueryValue::PointSeries> out;
  for (const promql::StepSeries& series : value.series) {
    QueryValue::PointSeries points{series.labels, {}};
    for (size_t s = 0; s < series.values.size(); ++s) {
      const int64_t t = value.grid.at(s);
      if (!IsAbsent(series.values[s])) points.samples.push_back(t, series.values[s]);
      if (const HistogramPtr h = HistogramAt(series, s)) points.histograms.push_back(t, h);
    }
    out.push_back(std::move(points));
  }
  return out;
}

absl::Status ComparePoints(const EvalCommand& command, const QueryValue::PointSeries& actual,
                           const ExpectedSeries& expected) {
  QueryValue::PointSeries wanted{actual.labels, {}};
  std::vector<bool> hint_given;
  for (size_t i = 0; i < expected.values.size(); ++i) {
    const promql::SeriesItem& item = expected.values[i];
    const int64_t t = command.grid.at(i);
    if (t > command.grid.end) return Differs("more points expected than the range holds");
    if (item.histogram != nullptr) {
      wanted.histograms.push_back(t, item.histogram);
      hint_given.push_back(item.hint_given);
    } else if (!item.omitted) {
      wanted.samples.push_back(t, item.value);
    }
  }
  bool equal = wanted.samples.t == actual.samples.t && wanted.histograms.t == actual.histograms.t;
  for (size_t i = 0; equal && i < wanted.samples.size(); ++i) {
    equal = AlmostEqual(wanted.samples.v[i], actual.samples.v[i]);
  }
  for (size_t i = 0; equal && i < wanted.histograms.size(); ++i) {
    equal = AlmostEqual(*wanted.histograms.h[i], *actual.histograms.h[i], hint_given[i]);
  }
  if (equal) return absl::OkStatus();
  return Differs("expected {} for {}, got {}", Points(wanted), actual.labels.ToString(),
                 Points(actual));
}

// One value of a vector, as the script wants it or as it came.
std::string Spelled(double value, const promql::HistogramPtr& histogram) {
  return histogram == nullptr ? GoFloatG(value) : Describe(*histogram);
}

bool SameValue(const promql::SeriesItem& wanted, double value, const HistogramPtr& histogram) {
  if (wanted.histogram == nullptr || histogram == nullptr) {
    return wanted.histogram == histogram && AlmostEqual(wanted.value, value);
  }
  return AlmostEqual(*wanted.histogram, *histogram, wanted.hint_given);
}

absl::Status CompareMatrix(const EvalCommand& command, const QueryValue& value) {
  if (command.Has(ExpectKind::kOrdered)) {
    return Differs("expected ordered result, but query returned a matrix");
  }
  if (command.expects_scalar) return Differs("expected scalar result, but got matrix");
  const std::vector<QueryValue::PointSeries> points = AsPoints(value);
  if (!std::is_sorted(points.begin(), points.end(),
                      [](const auto& a, const auto& b) { return a.labels < b.labels; })) {
    return Differs("matrix is not sorted by labels");
  }
  std::set<Labels> seen;
  for (const QueryValue::PointSeries& series : points) {
    const auto it = command.series.find(series.labels);
    if (it == command.series.end()) {
      return Differs("unexpected metric {} in result, has {}", series.labels.ToString(),
                     Points(series));
    }
    RETURN_IF_ERROR(ComparePoints(command, series, it->second));
    seen.insert(series.labels);
  }
  for (const auto& [labels, expected] : command.series) {
    if (!seen.contains(labels)) return Differs("expected metric {} not found", labels.ToString());
  }
  return absl::OkStatus();
}

absl::Status CompareVector(const EvalCommand& command, const QueryValue& value) {
  if (command.expects_scalar) return Differs("expected scalar result, but got vector");
  std::set<Labels> seen;
  for (size_t i = 0; i < value.series.size(); ++i) {
    const promql::StepSeries& series = value.series[i];
    const auto it = command.series.find(series.labels);
    if (it == command.series.end()) {
      return Differs("unexpected metric {} in result, has value {}", series.labels.ToString(),
                     Spelled(series.values[0], HistogramAt(series, 0)));
    }
    const ExpectedSeries& expected = it->second;
    if (command.Has(ExpectKind::kOrdered) && expected.position != i + 1) {
      return Differs("expected metric {} at position {} but was at {}", series.labels.ToString(),
                     expected.position, i + 1);
    }
    const HistogramPtr histogram = HistogramAt(series, 0);
    if (expected.values.empty() || !SameValue(expected.values[0], series.values[0], histogram)) {
      return Differs("expected {} for {} but got {}",
                     expected.values.empty()
                         ? "nothing"
                         : Spelled(expected.values[0].value, expected.values[0].histogram),
                     series.labels.ToString(), Spelled(series.values[0], histogram));
    }
    seen.insert(series.labels);
  }
  for (const auto& [labels, expected] : command.series) {
    if (!seen.contains(labels)) return Differs("expected metric {} not found", labels.ToString());
  }
  return absl::OkStatus();
}

absl::Status CheckKind(const char* what, const std::vector<std::string>& actual,
                       const std::vector<Expectation>* expected, bool none_expected) {
  if (none_expected && !actual.empty()) {
    return Differs("unexpected {} annotations: {}", what, Join(actual, " | "));
  }
  if (expected == nullptr) return absl::OkStatus();
  for (const Expectation& one : *expected) {
    if (std::none_of(actual.begin(), actual.end(),
                     [&](const std::string& text) { return one.Matches(text); })) {
      return Differs("expected {} annotation {}, found: {}", what, one.ToString(),
                     Join(actual, " | "));
    }
  }
  for (const std::string& text : actual) {
    if (std::none_of(expected->begin(), expected->end(),
                     [&](const Expectation& one) { return one.Matches(text); })) {
      return Differs("unexpected {} annotation: {}", what, text);
    }
  }
  return absl::OkStatus();
}

const std::vector<Expectation>* Find(const EvalCommand& command, ExpectKind kind) {
  const auto it = command.expectations.find(kind);
  return it == command.expectations.end() ? nullptr : &it->second;
}

}  // namespace

bool AlmostEqual(double a, double b) {
  if (promql::IsStaleNaN(a) || promql::IsStaleNaN(b)) {
    return promql::IsStaleNaN(a) && promql::IsStaleNaN(b);
  }
  if (std::isnan(a) && std::isnan(b)) return true;
  if (a == b) return true;
  constexpr double kMinNormal = std::numeric_limits<double>::min();
  const double sum = std::abs(a) + std::abs(b);
  const double difference = std::abs(a - b);
  if (a == 0 || b == 0 || sum < kMinNormal) return difference < kEpsilon * kMinNormal;
  return difference / std::min(sum, std::numeric_limits<double>::max()) < kEpsilon;
}

absl::Status CompareResult(const EvalCommand& command, const QueryValue& value) {
  switch (value.type) {
    case ValueType::kMatrix:
      return CompareMatrix(command, value);
    case ValueType::kVector:
      return CompareVector(command, value);
    case ValueType::kScalar: {
      if (!command.expects_scalar) return Differs("expected vector or matrix, but got scalar");
      const double actual = value.series.at(0).values.at(0);
      if (AlmostEqual(command.scalar, actual)) return absl::OkStatus();
      return Differs("expected scalar {} but got {}", GoFloatG(command.scalar), GoFloatG(actual));
    }
    case ValueType::kString:
      if (command.string == value.string) return absl::OkStatus();
      return Differs("expected string {} but got {}", GoQuote(command.string),
                     GoQuote(value.string));
    case ValueType::kNone:
      break;
  }
  return Differs("result without a type");
}

QueryValue StepOf(const QueryValue& matrix, size_t index, bool as_scalar) {
  QueryValue out;
  out.type = as_scalar ? ValueType::kScalar : ValueType::kVector;
  out.grid = promql::Grid::Instant(matrix.grid.at(index));
  for (const promql::StepSeries& series : matrix.series) {
    if (const HistogramPtr histogram = HistogramAt(series, index)) {
      out.series.push_back({series.labels, {promql::Absent()}, {histogram}});
    } else if (!IsAbsent(series.values[index])) {
      out.series.push_back({series.labels, {series.values[index]}});
    }
  }
  return out;
}

absl::Status CheckAnnotations(const EvalCommand& command, const promql::Annotations& annotations) {
  RETURN_IF_ERROR(CheckKind("warn", annotations.warnings(), Find(command, ExpectKind::kWarn),
                            command.Has(ExpectKind::kNoWarn)));
  return CheckKind("info", annotations.infos(), Find(command, ExpectKind::kInfo),
                   command.Has(ExpectKind::kNoInfo));
}

absl::Status CheckFailure(const EvalCommand& command, std::string_view error) {
  for (const Expectation& expected : command.expectations.at(ExpectKind::kFail)) {
    if (!expected.Matches(error)) {
      return Differs("expected error {}, but got: {}", expected.ToString(), error);
    }
  }
  return absl::OkStatus();
}

}  // namespace synoptic::promqltest
