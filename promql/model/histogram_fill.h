// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What the sample at hand of a HistogramWalker is as a histogram. Private to promql/model.
#pragma once

#include <bit>
#include <cstdint>

#include "promql/model/histogram_math.h"
#include "promql/model/histogram_walker.h"

namespace synoptic::promql::internal {

inline double CountOf(uint64_t count) { return static_cast<double>(count); }
inline double CountOf(const FloatCoding::Value& count) { return std::bit_cast<double>(count.bits); }

// What can be said of a sample from its chunk alone: whether the chunk before is there still is not
// known here, so its first sample may be a reset whatever the header says.
inline CounterResetHint HintOf(uint8_t header, size_t number) {
  constexpr uint8_t kGauge = 0xC0;
  if (header == kGauge) return CounterResetHint::kGauge;
  return number > 0 ? CounterResetHint::kNotReset : CounterResetHint::kUnknown;
}

template <class T>
void Share(SharedVector<T>& to, const SharedVector<T>& from) {
  if (!to.SharesWith(from)) to = from;
}

// Of a stale marker only the sum is set.
template <class Coding>
void Fill(const HistogramWalker<Coding>& walker, FloatHistogram& h) {
  h.sum = walker.sum();
  if (walker.stale()) return;
  const HistogramLayout& layout = walker.layout();
  const Coding& coding = walker.coding();
  h.hint = HintOf(walker.reset_header(), walker.number());
  h.schema = layout.schema;
  h.zero_threshold = layout.zero_threshold;
  h.count = CountOf(coding.count);
  h.zero_count = CountOf(coding.zero_count);
  Share(h.positive_spans, layout.positive_spans);
  Share(h.negative_spans, layout.negative_spans);
  Share(h.custom_values, layout.custom_values);
  const size_t positive = walker.positive_buckets();
  h.positive_buckets.resize(positive);
  coding.Absolute(0, positive, h.positive_buckets.data());
  h.negative_buckets.resize(walker.buckets() - positive);
  coding.Absolute(positive, walker.buckets(), h.negative_buckets.data());
  // From a Prometheus that knows more resolution than we do.
  if (h.schema > kExponentialSchemaMax) ReduceResolution(h, kExponentialSchemaMax).IgnoreError();
}

}  // namespace synoptic::promql::internal
