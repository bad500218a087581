// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/federation/same_answer.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>

#include "base/go_format.h"
#include "fmt/format.h"

namespace synoptic::federation {
namespace {

using promql::HistogramPtr;
using promql::Labels;
using promql::QueryValue;
using promql::StepSeries;

bool Same(double a, double b, const Tolerance& tolerance) {
  if (promql::IsAbsent(a) || promql::IsAbsent(b)) return promql::IsAbsent(a) && promql::IsAbsent(b);
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  if (std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b)) return true;
  if (tolerance.relative == 0) return false;
  const double size = std::max({std::abs(a), std::abs(b), tolerance.scale});
  return a == b || std::abs(a - b) <= tolerance.relative * size;
}

std::string Text(double v) { return promql::IsAbsent(v) ? "nothing" : GoFloatG(v); }
std::string Text(const HistogramPtr& h) { return h == nullptr ? "nothing" : h->ToString(); }

std::string SeriesDifference(const StepSeries& want, const StepSeries& got,
                             const Tolerance& tolerance) {
  if (want.values.size() != got.values.size()) return "another number of steps";
  for (size_t i = 0; i < want.values.size(); ++i) {
    if (!Same(want.values[i], got.values[i], tolerance)) {
      return fmt::format("step {}: want {} got {}", i, Text(want.values[i]), Text(got.values[i]));
    }
    const HistogramPtr a = want.histograms.empty() ? nullptr : want.histograms[i];
    const HistogramPtr b = got.histograms.empty() ? nullptr : got.histograms[i];
    if (Text(a) != Text(b)) return fmt::format("step {}: want {} got {}", i, Text(a), Text(b));
  }
  return "";
}

std::string PointsDifference(const QueryValue::PointSeries& want,
                             const QueryValue::PointSeries& got, const Tolerance& tolerance) {
  if (want.samples.t != got.samples.t || want.histograms.t != got.histograms.t) {
    return "samples at other times";
  }
  for (size_t i = 0; i < want.samples.size(); ++i) {
    if (!Same(want.samples.v[i], got.samples.v[i], tolerance)) return "another sample";
  }
  for (size_t i = 0; i < want.histograms.size(); ++i) {
    if (Text(want.histograms.h[i]) != Text(got.histograms.h[i])) return "another histogram";
  }
  return "";
}

template <class Series, class Compare>
std::string ByLabels(const std::vector<Series>& want, const std::vector<Series>& got,
                     Compare compare) {
  std::map<Labels, const Series*> by_labels;
  for (const Series& series : got) {
    if (!by_labels.emplace(series.labels, &series).second) {
      return "twice " + series.labels.ToString();
    }
  }
  for (const Series& series : want) {
    const auto found = by_labels.find(series.labels);
    if (found == by_labels.end()) return "missing " + series.labels.ToString();
    const std::string difference = compare(series, *found->second);
    if (!difference.empty()) return series.labels.ToString() + " " + difference;
    by_labels.erase(found);
  }
  return by_labels.empty() ? "" : "too much: " + by_labels.begin()->first.ToString();
}

}  // namespace

std::string Difference(const QueryValue& want, const QueryValue& got, const Tolerance& tolerance) {
  if (want.type != got.type) {
    return fmt::format("want a {} got a {}", promql::ApiName(want.type), promql::ApiName(got.type));
  }
  if (want.string != got.string) return "another string";
  const std::string series = ByLabels(
      want.series, got.series,
      [&](const StepSeries& a, const StepSeries& b) { return SeriesDifference(a, b, tolerance); });
  if (!series.empty()) return series;
  return ByLabels(want.points, got.points,
                  [&](const QueryValue::PointSeries& a, const QueryValue::PointSeries& b) {
                    return PointsDifference(a, b, tolerance);
                  });
}

}  // namespace synoptic::federation
