// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Whether a counter was reset between two histograms.
#include <algorithm>
#include <limits>
#include <optional>

#include "promql/model/histogram_internal.h"
#include "promql/model/histogram_math.h"
#include "promql/model/histogram_runs.h"

namespace synoptic::promql {
namespace {

using internal::Counts;
using internal::Spans;

// Buckets of one side in a schema that is not finer than their own, without those in the zero
// bucket: which are at the side's beginning.
class CoarserBuckets {
 public:
  CoarserBuckets(const Spans& spans, const Counts& counts, int32_t schema, int32_t target,
                 double threshold)
      : spans_(spans), counts_(counts), schema_(schema), target_(target) {
    SkipEmptySpans();
    Next();
    if (threshold == 0 || target == kCustomBucketsSchema) return;
    while (valid_ && ExponentialBound(index_, target_) <= threshold) Next();
  }
  bool valid() const { return valid_; }
  int64_t index() const { return index_; }
  double count() const { return count_; }
  void Next() {
    valid_ = More();
    if (!valid_) return;
    index_ = MergedIndex();
    count_ = counts_[position_];
    Step();
    if (schema_ == target_) return;
    for (; More() && MergedIndex() == index_; Step()) count_ += counts_[position_];
  }

 private:
  bool More() const { return span_ < spans_.size() && position_ < counts_.size(); }
  int64_t MergedIndex() const {
    const int64_t index = next_ + spans_[span_].offset + in_span_;
    return schema_ == target_ ? index : internal::CoarserIndex(index, schema_, target_);
  }
  void Step() {
    ++position_;
    ++in_span_;
    SkipEmptySpans();
  }
  void SkipEmptySpans() {
    for (; span_ < spans_.size() && in_span_ >= spans_[span_].length; ++span_) {
      next_ += int64_t{spans_[span_].offset} + in_span_;
      in_span_ = 0;
    }
  }

  const Spans& spans_;
  const Counts& counts_;
  const int32_t schema_;
  const int32_t target_;
  size_t span_ = 0;
  uint32_t in_span_ = 0;
  int64_t next_ = 0;  // the index behind the spans that were passed
  size_t position_ = 0;
  bool valid_ = false;
  int64_t index_ = 0;
  double count_ = 0;
};

// A populated bucket went missing, or one has less in it.
bool AnyDecrease(CoarserBuckets now, CoarserBuckets before) {
  for (; before.valid(); before.Next()) {
    while (now.valid() && now.index() < before.index()) now.Next();
    if (!now.valid() || now.index() != before.index()) {
      if (before.count() != 0) return true;
    } else if (now.count() < before.count()) {
      return true;
    }
  }
  return false;
}

// The same schema and all of the buckets there were; nullopt where that is not so.
std::optional<bool> DecreasedInRuns(const FloatHistogram& h, const Spans& spans,
                                    const Counts& counts, const FloatHistogram& previous,
                                    const Spans& previous_spans, const Counts& previous_counts) {
  if (h.schema != previous.schema || internal::CountBuckets(spans.get()) != counts.size() ||
      internal::CountBuckets(previous_spans.get()) != previous_counts.size()) {
    return std::nullopt;
  }
  const bool may_cover = h.zero_threshold != 0 && !h.UsesCustomBuckets();
  const size_t skip = may_cover
                          ? internal::CoveredByZero(previous_spans.get(), previous_counts.size(),
                                                    h.schema, h.zero_threshold)
                          : 0;
  bool decreased = false;
  const auto compare = [&](size_t now, size_t before, size_t size) {
    for (size_t i = 0; i < size; ++i) decreased |= counts[now + i] < previous_counts[before + i];
  };
  if (spans == previous_spans) {
    compare(skip, skip, counts.size() - skip);
  } else if (!internal::ForCommonRuns(spans.get(), previous_spans.get(), skip, compare) &&
             !decreased) {
    return std::nullopt;
  }
  return decreased;
}

bool SideDecreased(const FloatHistogram& h, const Spans& spans, const Counts& counts,
                   const FloatHistogram& previous, const Spans& previous_spans,
                   const Counts& previous_counts) {
  const std::optional<bool> decreased =
      DecreasedInRuns(h, spans, counts, previous, previous_spans, previous_counts);
  if (decreased.has_value()) return *decreased;
  return AnyDecrease(
      CoarserBuckets(spans, counts, h.schema, h.schema, h.zero_threshold),
      CoarserBuckets(previous_spans, previous_counts, previous.schema, h.schema, h.zero_threshold));
}

// Sums the custom buckets of `h` up to rising bounds.
class RollUp {
 public:
  explicit RollUp(const FloatHistogram& h)
      : h_(h), buckets_(h.positive_spans, h.positive_buckets, h.schema, h.schema, 0) {}
  // What lies above the bound asked for before and not above this one.
  double UpTo(double bound) {
    double sum = 0;
    for (; buckets_.valid() && internal::UpperBound(h_, buckets_.index()) <= bound;
         buckets_.Next()) {
      sum += buckets_.count();
    }
    return sum;
  }

 private:
  const FloatHistogram& h_;
  CoarserBuckets buckets_;
};

bool DecreasedOverCommonBounds(const FloatHistogram& h, const FloatHistogram& previous) {
  RollUp now(h);
  RollUp before(previous);
  for (const double bound : internal::CommonBounds(h.custom_values, previous.custom_values)) {
    if (now.UpTo(bound) < before.UpTo(bound)) return true;
  }
  constexpr double kInf = std::numeric_limits<double>::infinity();
  return now.UpTo(kInf) < before.UpTo(kInf);
}

}  // namespace

bool DetectReset(const FloatHistogram& h, const FloatHistogram& previous) {
  if (h.hint == CounterResetHint::kReset) return true;
  if (h.hint == CounterResetHint::kNotReset) return false;
  // A gauge is looked at as if it were a counter: functions for counters are allowed on it.
  if (h.count < previous.count) return true;
  if (h.UsesCustomBuckets()) {
    if (!previous.UsesCustomBuckets()) return true;
    if (!internal::SameBounds(h.custom_values, previous.custom_values)) {
      return DecreasedOverCommonBounds(h, previous);
    }
  }
  // More resolution, or a narrower zero bucket, come with a restart only.
  if (h.schema > previous.schema || h.zero_threshold < previous.zero_threshold) return true;
  const internal::ZeroBucket zero =
      internal::WidenedZeroBucket(previous, h.zero_threshold, nullptr);
  // No restart would leave a populated bucket cut by the zero bucket's edge.
  if (zero.threshold != h.zero_threshold || h.zero_count < zero.count) return true;
  return SideDecreased(h, h.positive_spans, h.positive_buckets, previous, previous.positive_spans,
                       previous.positive_buckets) ||
         SideDecreased(h, h.negative_spans, h.negative_buckets, previous, previous.negative_spans,
                       previous.negative_buckets);
}

}  // namespace synoptic::promql
