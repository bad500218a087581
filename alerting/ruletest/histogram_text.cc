// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/ruletest/histogram_text.h"

#include <limits>
#include <vector>

#include "base/go_format.h"
#include "base/status.h"
#include "base/strings.h"
#include "promql/model/histogram_math.h"

namespace synoptic::alerting {
namespace {

std::string Numbers(const std::vector<double>& values) {
  std::vector<std::string> texts;
  for (const double v : values) texts.push_back(GoFloatG(v));
  return "[" + Join(texts, " ") + "]";
}

void AddBuckets(const promql::SharedVector<promql::HistogramSpan>& spans,
                const std::vector<double>& buckets, const char* prefix,
                std::vector<std::string>& out) {
  for (const promql::HistogramSpan& span : spans.get()) {
    if (span.offset != 0) out.push_back(fmt::format("{}offset:{}", prefix, span.offset));
  }
  if (!buckets.empty()) out.push_back(fmt::format("{}buckets:{}", prefix, Numbers(buckets)));
}

}  // namespace

std::string HistogramTestText(const promql::HistogramPtr& histogram) {
  if (histogram == nullptr) return "";
  promql::FloatHistogram h = *histogram;
  // Gaps of any length become empty buckets: one span a side.
  promql::Compact(h, std::numeric_limits<int>::max());
  std::vector<std::string> parts;
  const auto number = [&parts](const char* name, double v) {
    if (v != 0) parts.push_back(name + GoFloatG(v));
  };
  if (h.schema != 0) parts.push_back(fmt::format("schema:{}", h.schema));
  number("count:", h.count);
  number("sum:", h.sum);
  number("z_bucket:", h.zero_count);
  number("z_bucket_w:", h.zero_threshold);
  if (h.UsesCustomBuckets()) parts.push_back("custom_values:" + Numbers(h.custom_values));
  if (h.hint == promql::CounterResetHint::kReset) parts.emplace_back("counter_reset_hint:reset");
  if (h.hint == promql::CounterResetHint::kNotReset) {
    parts.emplace_back("counter_reset_hint:not_reset");
  }
  if (h.hint == promql::CounterResetHint::kGauge) parts.emplace_back("counter_reset_hint:gauge");
  AddBuckets(h.positive_spans, h.positive_buckets, "", parts);
  AddBuckets(h.negative_spans, h.negative_buckets, "n_", parts);
  return "{{" + Join(parts, " ") + "}}";
}

}  // namespace synoptic::alerting
