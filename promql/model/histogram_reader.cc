// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Histogram chunks into columns. A sample takes one bit a bucket at least, so what is allocated is
// bounded by the bytes there are; spans and bounds are shared by all samples.
#include <memory>
#include <utility>

#include "promql/model/chunk.h"
#include "promql/model/histogram_math.h"
#include "promql/model/histogram_pool.h"
#include "promql/model/histogram_walker.h"

namespace synoptic::promql {
namespace {

using internal::FloatCoding;
using internal::HistogramWalker;
using internal::IntegerCoding;

double Count(uint64_t count) { return static_cast<double>(count); }
double Count(const FloatCoding::Value& count) { return std::bit_cast<double>(count.bits); }

// What can be said of a sample from its chunk alone: whether the chunk before is there still is not
// known here, so its first sample may be a reset whatever the header says.
CounterResetHint Hint(uint8_t header, size_t number) {
  constexpr uint8_t kGauge = 0xC0;
  if (header == kGauge) return CounterResetHint::kGauge;
  return number > 0 ? CounterResetHint::kNotReset : CounterResetHint::kUnknown;
}

void Share(SharedVector<HistogramSpan>& to, const SharedVector<HistogramSpan>& from) {
  if (!to.SharesWith(from)) to = from;
}

template <class Coding>
HistogramPtr Sample(const HistogramWalker<Coding>& walker, HistogramPool* pool) {
  std::shared_ptr<FloatHistogram> h =
      pool == nullptr || walker.stale() ? std::make_shared<FloatHistogram>() : pool->Take();
  h->sum = walker.sum();
  if (walker.stale()) return h;
  const internal::HistogramLayout& layout = walker.layout();
  const Coding& coding = walker.coding();
  h->hint = Hint(walker.reset_header(), walker.number());
  h->schema = layout.schema;
  h->zero_threshold = layout.zero_threshold;
  h->count = Count(coding.count);
  h->zero_count = Count(coding.zero_count);
  Share(h->positive_spans, layout.positive_spans);
  Share(h->negative_spans, layout.negative_spans);
  if (!h->custom_values.SharesWith(layout.custom_values)) h->custom_values = layout.custom_values;
  const size_t positive = walker.positive_buckets();
  coding.Absolute(0, positive, h->positive_buckets);
  if (walker.buckets() > positive) {
    coding.Absolute(positive, walker.buckets(), h->negative_buckets);
  } else {
    h->negative_buckets.clear();
  }
  // From a Prometheus that knows more resolution than we do.
  if (h->schema > kExponentialSchemaMax) ReduceResolution(*h, kExponentialSchemaMax).IgnoreError();
  return h;
}

template <class Coding>
absl::Status Decode(std::string_view bytes, bool with_start, int64_t min_t, int64_t max_t,
                    HistogramColumns& out) {
  HistogramWalker<Coding> walker(bytes, with_start);
  while (walker.Next()) {
    if (walker.t() > max_t) return absl::OkStatus();
    if (walker.t() >= min_t) out.push_back(walker.t(), Sample(walker, out.pool), walker.start());
  }
  return walker.status();
}

}  // namespace

absl::Status DecodeHistograms(ChunkEncoding encoding, std::string_view bytes, int64_t min_t,
                              int64_t max_t, HistogramColumns& out) {
  switch (encoding) {
    case ChunkEncoding::kHistogram:
      return Decode<IntegerCoding>(bytes, false, min_t, max_t, out);
    case ChunkEncoding::kHistogramSt:
      return Decode<IntegerCoding>(bytes, true, min_t, max_t, out);
    case ChunkEncoding::kFloatHistogramSt:
      return Decode<FloatCoding>(bytes, true, min_t, max_t, out);
    default:
      return Decode<FloatCoding>(bytes, false, min_t, max_t, out);
  }
}

}  // namespace synoptic::promql
