// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/promql/classic_to_native.h"

#include <cmath>
#include <limits>
#include <optional>

#include "base/go_number.h"
#include "base/status.h"
#include "promql/model/histogram_math.h"

namespace synoptic::promqltest {
namespace {

using promql::FloatHistogram;
using promql::Labels;

constexpr double kInf = std::numeric_limits<double>::infinity();

struct Classic {
  std::map<double, double> buckets;  // cumulative, by upper bound
  std::optional<double> count;
  double sum = 0;
};

bool IsWhole(double v) { return v == std::round(v) && std::abs(v) < 9e18; }

absl::StatusOr<FloatHistogram> Convert(Classic classic) {
  if (!classic.count.has_value() && !classic.buckets.empty()) {
    classic.count = classic.buckets.rbegin()->second;
  }
  const double count = classic.count.value_or(0);
  classic.buckets.emplace(kInf, count);
  FloatHistogram h;
  h.schema = promql::kCustomBucketsSchema;
  h.count = count;
  h.sum = classic.sum;
  bool whole = IsWhole(count);
  double below = 0;
  for (const auto& [bound, cumulative] : classic.buckets) {
    if (cumulative < below) return InvalidArgument("count is not cumulative at le={}", bound);
    h.positive_buckets.push_back(cumulative - below);
    below = cumulative;
    whole = whole && IsWhole(cumulative);
    if (bound != kInf) h.custom_values.push_back(bound);
  }
  if (below != count && !(std::isnan(below) && std::isnan(count))) {
    return InvalidArgument("count {} differs from the highest bucket's {}", count, below);
  }
  h.positive_spans = {{0, static_cast<uint32_t>(h.positive_buckets.size())}};
  promql::Compact(h, whole ? 2 : 0);
  return h;
}

}  // namespace

absl::Status AddNativeOfClassic(std::map<Labels, StoredSamples>& series) {
  std::map<Labels, std::map<int64_t, Classic>> histograms;
  for (const auto& [labels, samples] : series) {
    const std::string_view name = labels.Get(promql::kMetricName);
    const size_t suffix = name.rfind('_');
    if (suffix == std::string_view::npos) continue;
    const std::string_view kind = name.substr(suffix);
    if (kind != "_bucket" && kind != "_count" && kind != "_sum") continue;
    double bound = 0;
    if (kind == "_bucket") {
      const auto parsed = GoParseFloat(labels.Get(promql::kBucketLabel));
      if (!parsed.ok() || std::isnan(*parsed)) continue;
      bound = *parsed;
    }
    promql::LabelsBuilder builder(labels);
    builder.Set(promql::kMetricName, name.substr(0, suffix)).Delete(promql::kBucketLabel);
    std::map<int64_t, Classic>& by_time = histograms[builder.Build()];
    for (const auto& [t, sample] : samples) {
      if (sample.histogram != nullptr) continue;
      Classic& classic = by_time[t];
      if (kind == "_bucket") {
        classic.buckets.emplace(bound, sample.value);
      } else if (kind == "_count") {
        classic.count = sample.value;
      } else {
        classic.sum = sample.value;
      }
    }
  }
  for (auto& [labels, by_time] : histograms) {
    for (auto& [t, classic] : by_time) {
      auto native = Convert(std::move(classic));
      if (!native.ok()) return Annotate(native.status(), labels.ToString());
      series[labels][t].histogram = std::make_shared<const FloatHistogram>(*std::move(native));
    }
  }
  return absl::OkStatus();
}

}  // namespace synoptic::promqltest
