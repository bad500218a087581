// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/promql/classic_to_native.h"

#include <cmath>

#include "base/go_number.h"
#include "base/status.h"
#include "promql/model/classic_histogram.h"

namespace synoptic::promqltest {

using promql::ClassicHistogram;
using promql::FloatHistogram;
using promql::Labels;

absl::Status AddNativeOfClassic(std::map<Labels, StoredSamples>& series) {
  std::map<Labels, std::map<int64_t, ClassicHistogram>> histograms;
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
    std::map<int64_t, ClassicHistogram>& by_time = histograms[builder.Build()];
    for (const auto& [t, sample] : samples) {
      if (sample.histogram != nullptr) continue;
      ClassicHistogram& classic = by_time[t];
      // Errors come again when all is in.
      if (kind == "_bucket") {
        classic.SetBucket(bound, sample.value).IgnoreError();
      } else if (kind == "_count") {
        classic.SetCount(sample.value).IgnoreError();
      } else {
        classic.SetSum(sample.value).IgnoreError();
      }
    }
  }
  for (auto& [labels, by_time] : histograms) {
    for (auto& [t, classic] : by_time) {
      absl::StatusOr<FloatHistogram> native = classic.ToNative();
      if (!native.ok()) return Annotate(native.status(), labels.ToString());
      series[labels][t].histogram = std::make_shared<const FloatHistogram>(*std::move(native));
    }
  }
  return absl::OkStatus();
}

}  // namespace synoptic::promqltest
