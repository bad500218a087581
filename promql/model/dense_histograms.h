// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Native histograms that all have the same buckets, as rows of one array: what most series hold for
// most of the time. No object is made for a sample, and sums run over whole rows.
//
// Values, not thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "promql/model/histogram.h"

namespace synoptic::promql {

// What they have in common.
struct HistogramShape {
  int32_t schema = 0;
  double zero_threshold = 0;
  SharedVector<HistogramSpan> positive_spans = {};
  SharedVector<HistogramSpan> negative_spans = {};
  SharedVector<double> custom_values = {};

  size_t positive_buckets() const;
  size_t negative_buckets() const;
  // See HasRegularBuckets: then sums and differences bucket by bucket are those of the histograms.
  bool IsRegular() const;
  friend bool operator==(const HistogramShape&, const HistogramShape&) = default;
};

class DenseHistograms {
 public:
  // A row: these, positive buckets, negative buckets, zeros up to a multiple of eight.
  static constexpr size_t kCount = 0, kSum = 1, kZeroCount = 2, kBuckets = 3;
  static constexpr size_t kPadding = 8;

  // No rows of this shape.
  void Begin(const HistogramShape& shape);
  const HistogramShape& shape() const { return shape_; }
  size_t width() const { return width_; }
  size_t positive_buckets() const { return positive_; }
  size_t buckets() const { return buckets_; }
  size_t rows() const { return hints_.size(); }
  // SizeInSamples of each.
  int64_t size_in_samples() const { return size_in_samples_; }

  double* Row(size_t i) { return values_.data() + i * width_; }
  const double* Row(size_t i) const { return values_.data() + i * width_; }
  CounterResetHint hint(size_t i) const { return hints_[i]; }
  void set_hint(size_t i, CounterResetHint hint) { hints_[i] = hint; }
  // A row whose padding is set and nothing else. Valid until the next one.
  double* AddRow(CounterResetHint hint) {
    const size_t at = hints_.size() * width_;
    if (values_.size() < at + width_) values_.resize(std::max(2 * values_.size(), at + width_));
    hints_.push_back(hint);
    double* const row = values_.data() + at;
    std::fill(row + kBuckets + buckets_, row + width_, 0.0);
    return row;
  }
  // So many rows; what is in them is not said.
  void SetRows(size_t rows, CounterResetHint hint);
  // No more rows than so many.
  void Truncate(size_t rows) { hints_.resize(std::min(rows, hints_.size())); }

  // The histogram in a row; all of `to` is set.
  void Copy(size_t i, FloatHistogram& to) const;
  int64_t HeldBytes() const;

 private:
  HistogramShape shape_;
  size_t positive_ = 0, buckets_ = 0, width_ = kPadding;
  int64_t size_in_samples_ = 0;
  std::vector<double> values_;  // may be longer than the rows
  std::vector<CounterResetHint> hints_;
};

// The histograms of a column over steps. Empty when no step has one.
struct DenseColumn {
  static constexpr uint32_t kNoRow = std::numeric_limits<uint32_t>::max();

  DenseHistograms rows;
  std::vector<uint32_t> row_of_step;
  // Rows that have an empty bucket stand for histograms without it.
  bool compact = false;

  bool empty() const { return row_of_step.empty(); }
  void clear() { row_of_step.clear(); }
  // The histogram in a row, by which `to` is replaced.
  void Copy(size_t row, FloatHistogram& to) const;
};

}  // namespace synoptic::promql
