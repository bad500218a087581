// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/model/dense_histograms.h"

#include "promql/model/histogram_internal.h"
#include "promql/model/histogram_math.h"

namespace synoptic::promql {

size_t HistogramShape::positive_buckets() const {
  return internal::CountBuckets(positive_spans.get());
}

size_t HistogramShape::negative_buckets() const {
  return internal::CountBuckets(negative_spans.get());
}

bool HistogramShape::IsRegular() const {
  return HasRegularBuckets(schema, zero_threshold, positive_spans.get(), negative_spans.get());
}

void DenseHistograms::Begin(const HistogramShape& shape) {
  hints_.clear();
  const bool same_memory = shape_.schema == shape.schema &&
                           shape_.zero_threshold == shape.zero_threshold &&
                           shape_.positive_spans.SharesWith(shape.positive_spans) &&
                           shape_.negative_spans.SharesWith(shape.negative_spans) &&
                           shape_.custom_values.SharesWith(shape.custom_values);
  if (same_memory && size_in_samples_ > 0) return;
  shape_ = shape;
  positive_ = shape.positive_buckets();
  buckets_ = positive_ + shape.negative_buckets();
  width_ = (kBuckets + buckets_ + kPadding - 1) / kPadding * kPadding;
  FloatHistogram sized;
  sized.positive_spans = shape.positive_spans;
  sized.negative_spans = shape.negative_spans;
  sized.custom_values = shape.custom_values;
  sized.positive_buckets.resize(buckets_);  // of which side is all the same
  size_in_samples_ = SizeInSamples(sized);
}

void DenseHistograms::SetRows(size_t rows, CounterResetHint hint) {
  if (values_.size() < rows * width_) values_.resize(rows * width_);
  hints_.assign(rows, hint);
}

void DenseHistograms::Copy(size_t i, FloatHistogram& to) const {
  const double* const row = Row(i);
  to.schema = shape_.schema;
  to.zero_threshold = shape_.zero_threshold;
  to.count = row[kCount];
  to.sum = row[kSum];
  to.zero_count = row[kZeroCount];
  to.hint = hints_[i];
  const auto share = [](auto& into, const auto& from) {
    if (!into.SharesWith(from)) into = from;
  };
  share(to.positive_spans, shape_.positive_spans);
  share(to.negative_spans, shape_.negative_spans);
  share(to.custom_values, shape_.custom_values);
  const double* const buckets = row + kBuckets;
  to.positive_buckets.assign(buckets, buckets + positive_);
  to.negative_buckets.assign(buckets + positive_, buckets + buckets_);
}

int64_t DenseHistograms::HeldBytes() const {
  return static_cast<int64_t>(values_.capacity() * sizeof(double) + hints_.capacity());
}

void DenseColumn::Copy(size_t row, FloatHistogram& to) const {
  rows.Copy(row, to);
  if (compact) Compact(to, 0);
}

}  // namespace synoptic::promql
