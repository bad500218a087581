// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Walks the samples of a histogram chunk in their raw form. Private to promql/model.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "promql/model/histogram_coding.h"

namespace synoptic::promql::internal {

// Coding: IntegerCoding or FloatCoding.
template <class Coding>
class HistogramWalker {
 public:
  // `bytes` and `scratch` outlive the walker; no other walker uses `scratch` meanwhile.
  HistogramWalker(std::string_view bytes, bool with_start, HistogramScratch& scratch);
  HistogramWalker(const HistogramWalker&) = delete;
  HistogramWalker& operator=(const HistogramWalker&) = delete;

  // The next sample; false at the end and where the bytes are bad (see status).
  bool Next();
  // DataLoss: the bytes end early, times do not rise, or the layout is none.
  const absl::Status& status() const { return status_; }

  // Of the sample at hand.
  int64_t t() const { return t_; }
  int64_t start() const { return starts_.at(); }
  size_t number() const { return read_ - 1; }
  double sum() const { return std::bit_cast<double>(sum_); }
  bool stale() const;
  const Coding& coding() const { return coding_; }

  // Of the chunk; the layout is there from the first sample on.
  size_t total() const { return total_; }
  uint8_t reset_header() const { return reset_header_; }  // the two highest bits
  const HistogramLayout& layout() const { return layout_; }
  size_t positive_buckets() const { return positive_; }
  size_t buckets() const { return positive_ + negative_; }

 private:
  bool Fail(std::string_view what);
  bool ReadFirst();
  bool ReadLater();

  const size_t bytes_;
  const bool with_start_;
  BitReader in_;
  absl::Status status_;
  size_t total_ = 0;
  uint8_t reset_header_ = 0;
  StartTimes starts_;
  HistogramLayout& layout_;
  LayoutScratch& layout_scratch_;
  size_t positive_ = 0;
  size_t negative_ = 0;
  size_t read_ = 0;
  int64_t t_ = 0;
  uint64_t t_change_ = 0;
  uint64_t sum_ = 0;
  ReadWindow sum_window_;
  Coding& coding_;
};

extern template class HistogramWalker<IntegerCoding>;
extern template class HistogramWalker<FloatCoding>;

}  // namespace synoptic::promql::internal
