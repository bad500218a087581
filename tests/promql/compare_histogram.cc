// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/promql/compare_histogram.h"

#include <algorithm>

#include "base/go_format.h"
#include "fmt/format.h"
#include "promql/model/histogram_math.h"
#include "tests/promql/compare.h"

namespace synoptic::promqltest {
namespace {

using promql::FloatHistogram;

bool Near(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](double x, double y) { return AlmostEqual(x, y); });
}

}  // namespace

bool AlmostEqual(const FloatHistogram& a, const FloatHistogram& b, bool with_hint) {
  FloatHistogram x = a, y = b;
  promql::Compact(x, 0);
  promql::Compact(y, 0);
  return x.schema == y.schema && AlmostEqual(x.count, y.count) && AlmostEqual(x.sum, y.sum) &&
         x.custom_values == y.custom_values && x.zero_threshold == y.zero_threshold &&
         AlmostEqual(x.zero_count, y.zero_count) && x.positive_spans == y.positive_spans &&
         x.negative_spans == y.negative_spans && Near(x.positive_buckets, y.positive_buckets) &&
         Near(x.negative_buckets, y.negative_buckets) && (!with_hint || x.hint == y.hint);
}

std::string Describe(const FloatHistogram& h) {
  std::string text = fmt::format("{{{{schema:{} hint:{} zero:{}", h.schema,
                                 static_cast<int>(h.hint), GoFloatG(h.zero_threshold));
  if (h.UsesCustomBuckets()) {
    text += " bounds:";
    for (const double bound : h.custom_values) text += GoFloatG(bound) + ",";
  }
  return text + " " + h.ToString() + "}}";
}

}  // namespace synoptic::promqltest
