// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/model/mixed_samples.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <tuple>

#include "base/status.h"

namespace synoptic::promql {
namespace {

uint64_t Bits(double v) { return std::bit_cast<uint64_t>(v); }

bool BitsLess(const std::vector<double>& a, const std::vector<double>& b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [](double x, double y) { return Bits(x) < Bits(y); });
}

bool SpansLess(const std::vector<HistogramSpan>& a, const std::vector<HistogramSpan>& b) {
  return std::lexicographical_compare(
      a.begin(), a.end(), b.begin(), b.end(), [](const HistogramSpan& x, const HistogramSpan& y) {
        return std::tie(x.offset, x.length) < std::tie(y.offset, y.length);
      });
}

bool BitsLess(const FloatHistogram& a, const FloatHistogram& b) {
  const auto scalars = [](const FloatHistogram& h) {
    return std::tuple(Bits(h.count), Bits(h.sum), h.schema, Bits(h.zero_threshold),
                      Bits(h.zero_count), h.hint);
  };
  if (scalars(a) != scalars(b)) return scalars(a) < scalars(b);
  if (a.positive_spans != b.positive_spans) return SpansLess(a.positive_spans, b.positive_spans);
  if (a.negative_spans != b.negative_spans) return SpansLess(a.negative_spans, b.negative_spans);
  for (const auto list : {&FloatHistogram::positive_buckets, &FloatHistogram::negative_buckets}) {
    if (BitsLess(a.*list, b.*list)) return true;
    if (BitsLess(b.*list, a.*list)) return false;
  }
  return BitsLess(a.custom_values, b.custom_values);
}

}  // namespace

absl::StatusOr<MixedSamples> ReadMixed(const RawSeries& series) {
  SampleColumns floats;
  HistogramColumns histograms;
  RETURN_IF_ERROR(ReadSamples(series, std::numeric_limits<int64_t>::min(),
                              std::numeric_limits<int64_t>::max(), floats, &histograms));
  MixedSamples out;
  out.reserve(floats.size() + histograms.size());
  size_t i = 0, j = 0;
  while (i < floats.size() || j < histograms.size()) {
    if (j == histograms.size() || (i < floats.size() && floats.t[i] < histograms.t[j])) {
      out.push_back({floats.t[i], floats.v[i], nullptr, floats.st.empty() ? 0 : floats.st[i]});
      ++i;
    } else {
      // Should a time be in both, the histogram stays.
      if (i < floats.size() && floats.t[i] == histograms.t[j]) ++i;
      out.push_back({histograms.t[j], 0, std::move(histograms.h[j]),
                     histograms.st.empty() ? 0 : histograms.st[j]});
      ++j;
    }
  }
  return out;
}

void SetMixed(MixedSamples samples, RawSeries& series) {
  SampleColumns floats;
  HistogramColumns histograms;
  size_t with_histogram = 0;
  for (const MixedSample& sample : samples) with_histogram += sample.h != nullptr;
  floats.t.reserve(samples.size() - with_histogram);
  floats.v.reserve(samples.size() - with_histogram);
  for (MixedSample& sample : samples) {
    if (sample.h == nullptr) {
      floats.push_back(sample.t, sample.v, sample.st);
    } else {
      histograms.push_back(sample.t, std::move(sample.h), sample.st);
    }
  }
  series.data = std::move(floats);
  series.histograms = std::move(histograms);
}

void ForgetResetHint(MixedSample& sample) {
  if (sample.h == nullptr || sample.h->hint == CounterResetHint::kGauge ||
      sample.h->hint == CounterResetHint::kUnknown) {
    return;
  }
  auto copy = std::make_shared<FloatHistogram>(*sample.h);
  copy->hint = CounterResetHint::kUnknown;
  sample.h = std::move(copy);
}

bool BitsLess(const MixedSample& a, const MixedSample& b) {
  if ((a.h == nullptr) != (b.h == nullptr)) return a.h == nullptr;
  if (a.h != nullptr && BitsLess(*a.h, *b.h)) return true;
  if (a.h != nullptr && BitsLess(*b.h, *a.h)) return false;
  return std::pair(Bits(a.v), a.st) < std::pair(Bits(b.v), b.st);
}

int64_t HeldBytes(const FloatHistogram& h) {
  return static_cast<int64_t>(
      sizeof(FloatHistogram) +
      (h.positive_spans.size() + h.negative_spans.size()) * sizeof(HistogramSpan) +
      (h.positive_buckets.capacity() + h.negative_buckets.capacity() + h.custom_values.size()) *
          sizeof(double));
}

int64_t HeldBytes(const HistogramColumns& columns) {
  auto bytes =
      static_cast<int64_t>((columns.t.capacity() + columns.st.capacity()) * sizeof(int64_t)) +
      static_cast<int64_t>(columns.h.capacity() * sizeof(HistogramPtr));
  for (const HistogramPtr& h : columns.h) bytes += HeldBytes(*h);
  return bytes;
}

}  // namespace synoptic::promql
