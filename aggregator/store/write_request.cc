// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/store/write_request.h"

#include <snappy.h>

#include <unordered_map>

#include "proto/remote.pb.h"

namespace synoptic::aggregator {
namespace {

template <class Spans, class Add>
void PutSpans(const Spans& spans, Add add) {
  for (const promql::HistogramSpan& span : spans) {
    proto::BucketSpan* out = add();
    out->set_offset(span.offset);
    out->set_length(span.length);
  }
}

void PutHistogram(const LoggedSample& sample, proto::Histogram* out) {
  const promql::FloatHistogram& h = *sample.histogram;
  out->set_timestamp(sample.t);
  out->set_sum(h.sum);
  out->set_count_float(h.count);
  out->set_zero_count_float(h.zero_count);
  out->set_zero_threshold(h.zero_threshold);
  out->set_schema(h.schema);
  PutSpans(h.positive_spans, [out] { return out->add_positive_spans(); });
  PutSpans(h.negative_spans, [out] { return out->add_negative_spans(); });
  for (const double count : h.positive_buckets) out->add_positive_counts(count);
  for (const double count : h.negative_buckets) out->add_negative_counts(count);
  for (const double bound : h.custom_values) out->add_custom_values(bound);
  if (h.hint == promql::CounterResetHint::kGauge) out->set_reset_hint(proto::Histogram::GAUGE);
}

}  // namespace

promql::Labels WithExternal(const promql::Labels& labels, const promql::Labels& external) {
  if (external.empty()) return labels;
  promql::LabelsBuilder builder(labels);
  for (const promql::Label label : external) {
    if (labels.Get(label.name).empty()) builder.Set(label.name, label.value);
  }
  return builder.Build();
}

std::string EncodeWriteRequest(std::span<const LoggedSample> samples,
                               const promql::Labels& external) {
  proto::WriteRequest request;
  std::unordered_map<promql::Labels, proto::TimeSeries*, promql::LabelsHash> known;
  for (const LoggedSample& sample : samples) {
    proto::TimeSeries*& series = known[sample.labels];
    if (series == nullptr) {
      series = request.add_timeseries();
      for (const promql::Label label : WithExternal(sample.labels, external)) {
        proto::Label* out = series->add_labels();
        out->set_name(std::string(label.name));
        out->set_value(std::string(label.value));
      }
    }
    if (sample.histogram != nullptr) {
      PutHistogram(sample, series->add_histograms());
      continue;
    }
    proto::Sample* out = series->add_samples();
    out->set_timestamp(sample.t);
    out->set_value(sample.value);
  }
  const std::string plain = request.SerializeAsString();
  std::string compressed;
  snappy::Compress(plain.data(), plain.size(), &compressed);
  return compressed;
}

}  // namespace synoptic::aggregator
