// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/functions/histogram_increase.h"

#include <algorithm>

#include "promql/model/histogram_math.h"

namespace synoptic::promql {

bool HistogramIncrease::IsRegular(const FloatHistogram& h) {
  if (checked_ && schema_ == h.schema && zero_threshold_ == h.zero_threshold &&
      positive_.SharesWith(h.positive_spans) && negative_.SharesWith(h.negative_spans)) {
    return true;
  }
  checked_ =
      HasRegularBuckets(h.schema, h.zero_threshold, h.positive_spans.get(), h.negative_spans.get());
  schema_ = h.schema;
  zero_threshold_ = h.zero_threshold;
  positive_ = h.positive_spans;
  negative_ = h.negative_spans;
  return checked_;
}

bool HistogramIncrease::CanDo(const FloatHistogram& later, const FloatHistogram& earlier) {
  return later.schema == earlier.schema && later.zero_threshold == earlier.zero_threshold &&
         later.positive_spans == earlier.positive_spans &&
         later.negative_spans == earlier.negative_spans &&
         later.custom_values == earlier.custom_values && IsRegular(later);
}

std::shared_ptr<FloatHistogram> HistogramIncrease::Between(const FloatHistogram& later,
                                                           const FloatHistogram& earlier) {
  std::shared_ptr<FloatHistogram> h =
      pool_ == nullptr ? std::make_shared<FloatHistogram>() : pool_->Take();
  h->schema = later.schema;
  h->zero_threshold = later.zero_threshold;
  h->zero_count = later.zero_count - earlier.zero_count;
  h->count = later.count - earlier.count;
  h->sum = later.sum - earlier.sum;
  h->hint = CounterResetHint::kGauge;
  if (!h->custom_values.SharesWith(later.custom_values)) h->custom_values = later.custom_values;
  Side(later.positive_spans, later.positive_buckets, earlier.positive_buckets, h->positive_spans,
       h->positive_buckets);
  Side(later.negative_spans, later.negative_buckets, earlier.negative_buckets, h->negative_spans,
       h->negative_buckets);
  return h;
}

void HistogramIncrease::Side(const Spans& spans, const std::vector<double>& later,
                             const std::vector<double>& earlier, Spans& out_spans,
                             std::vector<double>& out) {
  const size_t size = later.size();
  out.resize(size);
  if (size == 0 && spans.empty()) return out_spans.clear();
  bool empty_buckets = false;
  for (size_t i = 0; i < size; ++i) {
    out[i] = later[i] - earlier[i];
    empty_buckets |= out[i] == 0;
  }
  if (!empty_buckets) {
    if (!out_spans.SharesWith(spans)) out_spans = spans;
    return;
  }
  scratch_.clear();
  int64_t index = 0, end = 0;
  size_t read = 0, kept = 0;
  for (const HistogramSpan& span : spans) {
    index += span.offset;
    for (uint32_t i = 0; i < span.length; ++i, ++index, ++read) {
      if (out[read] == 0) continue;
      out[kept++] = out[read];
      if (!scratch_.empty() && index == end) {
        ++scratch_.back().length;
      } else {
        scratch_.push_back({static_cast<int32_t>(index - end), 1});
      }
      end = index + 1;
    }
  }
  out.resize(kept);
  if (out_spans.get() == scratch_) return;
  if (out_spans.SharesWith(spans)) {
    out_spans = Spans(scratch_);
  } else {
    out_spans.Mutable().assign(scratch_.begin(), scratch_.end());
  }
}

}  // namespace synoptic::promql
