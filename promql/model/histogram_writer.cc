// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/model/histogram_writer.h"

#include <algorithm>
#include <utility>

#include "promql/model/histogram_coding.h"
#include "promql/model/histogram_fit.h"
#include "promql/model/histogram_walker.h"
#include "promql/model/sample.h"

namespace synoptic::promql {
namespace {

using internal::Fit;
using internal::GetSide;
using internal::HistogramLayout;

// The two kinds of histograms under one set of names.
struct Integers {
  using Coding = internal::IntegerCoding;
  static constexpr ChunkEncoding kPlain = ChunkEncoding::kHistogram;
  static constexpr ChunkEncoding kWithStart = ChunkEncoding::kHistogramSt;
  static uint64_t Count(uint64_t count) { return count; }
  static int64_t Bucket(int64_t bucket) { return bucket; }
  // Without a reset the header says that there was none, or that it is not known.
  static uint8_t Header(Fit::Reset reset) {
    return reset == Fit::Reset::kYes ? 0x80 : reset == Fit::Reset::kNo ? 0x40 : 0;
  }
  static uint8_t HeaderAfterCut(Fit::Reset reset) { return Header(reset); }
};

struct Floats {
  using Coding = internal::FloatCoding;
  static constexpr ChunkEncoding kPlain = ChunkEncoding::kFloatHistogram;
  static constexpr ChunkEncoding kWithStart = ChunkEncoding::kFloatHistogramSt;
  static double Count(const Coding::Value& count) { return std::bit_cast<double>(count.bits); }
  static double Bucket(const Coding::Value& bucket) { return std::bit_cast<double>(bucket.bits); }
  static uint8_t Header(Fit::Reset reset) { return reset == Fit::Reset::kYes ? 0x80 : 0; }
  static uint8_t HeaderAfterCut(Fit::Reset reset) {
    return reset == Fit::Reset::kYes ? 0x80 : 0x40;
  }
};

template <class H>
using Kind = std::conditional_t<std::is_same_v<H, IntegerHistogram>, Integers, Floats>;

constexpr uint8_t kGauge = 0xC0;

template <class H>
HistogramLayout LayoutOf(const H& h) {
  return {h.schema, h.zero_threshold, h.positive_spans, h.negative_spans, h.custom_values};
}

}  // namespace

// A chunk that is written to.
template <class H>
class HistogramWriter<H>::Open {
 public:
  using K = Kind<H>;
  using Coding = typename K::Coding;
  using Bucket = typename Coding::Bucket;
  using Count = typename Coding::Count;

  Open(bool with_start, uint8_t header) : with_start_(with_start), header_(header) {
    out_.Write(0, 24);
  }

  size_t samples() const { return samples_; }
  bool full() const {
    return samples_ == (with_start_ ? internal::kMostSamplesWithStart : internal::kMostSamples);
  }
  bool gauge() const { return header_ == kGauge; }

  // Whether a sample of a counter, or of a gauge, can follow, and in which layout.
  Fit FitCounter(const H& h) const;
  Fit FitGauge(const H& h) const;

  // Writes in the chunk's layout, which h's buckets have been brought to.
  void Write(int64_t t, const H& h, int64_t start);
  // The same with the buckets of another layout, which has all of this one's.
  Open Widened(const internal::Spans& positive, const internal::Spans& negative) const;

  EncodedChunk Finish() const;

 private:
  bool ends_stale() const { return samples_ > 0 && sum_ == kStaleNaNBits; }
  std::vector<Bucket> Absolute(bool positive) const;
  std::string Bytes() const;

  bool with_start_;
  uint8_t header_;
  internal::BitWriter out_;
  HistogramLayout layout_;
  size_t positive_ = 0;
  Coding coding_;
  size_t samples_ = 0;
  int64_t min_t_ = 0;
  int64_t t_ = 0;
  uint64_t t_change_ = 0;
  uint64_t sum_ = 0;
  internal::WrittenWindow sum_window_;
  internal::StartTimes starts_;
};

template <class H>
std::vector<typename HistogramWriter<H>::Open::Bucket> HistogramWriter<H>::Open::Absolute(
    bool positive) const {
  std::vector<Bucket> buckets;
  const size_t first = positive ? 0 : positive_;
  const size_t last = positive ? positive_ : coding_.buckets.size();
  for (size_t i = first; i < last; ++i) buckets.push_back(K::Bucket(coding_.buckets[i]));
  return internal::AbsoluteCounts(buckets);
}

template <class H>
Fit HistogramWriter<H>::Open::FitCounter(const H& h) const {
  if (gauge()) return {false, Fit::Reset::kNo};
  if (h.hint == CounterResetHint::kReset) return {false, Fit::Reset::kYes};
  if (IsStaleNaN(h.sum)) return {true, Fit::Reset::kNo};
  if (ends_stale()) return {false, Fit::Reset::kUnknown};
  if (h.count < K::Count(coding_.count)) return {false, Fit::Reset::kYes};
  if (h.schema != layout_.schema || h.zero_threshold != layout_.zero_threshold) {
    return {false, Fit::Reset::kUnknown};
  }
  if ((h.UsesCustomBuckets() && h.custom_values != layout_.custom_values) ||
      h.zero_count < K::Count(coding_.zero_count)) {
    return {false, Fit::Reset::kYes};
  }
  Fit fit{true, Fit::Reset::kNo};
  fit.positive = internal::FitCounterSide(layout_.positive_spans, Absolute(true), h.positive_spans,
                                          internal::AbsoluteCounts(GetSide(h, true)));
  fit.negative = internal::FitCounterSide(layout_.negative_spans, Absolute(false), h.negative_spans,
                                          internal::AbsoluteCounts(GetSide(h, false)));
  if (fit.positive.decreased || fit.negative.decreased) return {false, Fit::Reset::kYes};
  return fit;
}

template <class H>
Fit HistogramWriter<H>::Open::FitGauge(const H& h) const {
  if (!gauge()) return {false, Fit::Reset::kNo};
  if (IsStaleNaN(h.sum)) return {true, Fit::Reset::kNo};
  if (ends_stale() || h.schema != layout_.schema || h.zero_threshold != layout_.zero_threshold ||
      (h.UsesCustomBuckets() && h.custom_values != layout_.custom_values)) {
    return {false, Fit::Reset::kNo};
  }
  Fit fit{true, Fit::Reset::kNo};
  fit.positive = internal::FitGaugeSide(layout_.positive_spans, h.positive_spans);
  fit.negative = internal::FitGaugeSide(layout_.negative_spans, h.negative_spans);
  return fit;
}

template <class H>
void HistogramWriter<H>::Open::Write(int64_t t, const H& h, int64_t start) {
  const bool stale = IsStaleNaN(h.sum);
  static const H nothing;
  const H& counts = stale ? nothing : h;
  const uint64_t sum = std::bit_cast<uint64_t>(h.sum);
  const std::vector<Bucket>& positive = GetSide(counts, true);
  const std::vector<Bucket>& negative = GetSide(counts, false);
  const uint64_t change = static_cast<uint64_t>(t) - static_cast<uint64_t>(t_);
  if (samples_ == 0) {
    layout_ = LayoutOf(counts);
    internal::WriteLayout(layout_, out_);
    positive_ = positive.size();
    coding_.Begin(positive.size() + negative.size());
    out_.WriteVarbit(t);
    coding_.WriteFirst(out_, counts.count, counts.zero_count);
    out_.Write(sum, 64);
    for (size_t i = 0; i < positive.size(); ++i) coding_.WriteFirstBucket(out_, i, positive[i]);
    for (size_t i = 0; i < negative.size(); ++i) {
      coding_.WriteFirstBucket(out_, positive_ + i, negative[i]);
    }
    min_t_ = t;
  } else {
    out_.WriteVarbit(static_cast<int64_t>(change - t_change_));
    t_change_ = change;
    coding_.WriteCounts(out_, counts.count, counts.zero_count, stale);
    internal::WriteXor(sum ^ sum_, sum_window_, out_);
    for (size_t i = 0; i < positive.size(); ++i) coding_.WriteBucket(out_, i, positive[i]);
    for (size_t i = 0; i < negative.size(); ++i) {
      coding_.WriteBucket(out_, positive_ + i, negative[i]);
    }
  }
  if (with_start_) starts_.Write(out_, samples_, t, t_, start);
  t_ = t;
  sum_ = sum;
  ++samples_;
}

template <class H>
typename HistogramWriter<H>::Open HistogramWriter<H>::Open::Widened(
    const internal::Spans& positive, const internal::Spans& negative) const {
  Open wider(with_start_, header_);
  const std::string bytes = Bytes();
  internal::HistogramScratch scratch;
  internal::HistogramWalker<Coding> walker(bytes, with_start_, scratch);
  while (walker.Next()) {
    H h;
    h.sum = walker.sum();
    h.schema = layout_.schema;
    h.zero_threshold = layout_.zero_threshold;
    h.custom_values = layout_.custom_values;
    h.count = K::Count(walker.coding().count);
    h.zero_count = K::Count(walker.coding().zero_count);
    std::vector<Bucket> buckets;
    for (const auto& bucket : walker.coding().buckets) buckets.push_back(K::Bucket(bucket));
    const auto middle = buckets.begin() + static_cast<ptrdiff_t>(positive_);
    h.positive_spans = layout_.positive_spans;
    h.negative_spans = layout_.negative_spans;
    internal::SetSide(h, true, std::vector<Bucket>(buckets.begin(), middle));
    internal::SetSide(h, false, std::vector<Bucket>(middle, buckets.end()));
    internal::Spread(h, positive, negative);
    wider.Write(walker.t(), h, walker.start());
  }
  return wider;
}

template <class H>
std::string HistogramWriter<H>::Open::Bytes() const {
  internal::BitWriter copy = out_;
  std::string bytes = copy.Take();
  if (with_start_) {
    bytes[0] = static_cast<char>(header_ | samples_ >> 8);
    bytes[2] = static_cast<char>(starts_.header());
  } else {
    bytes[0] = static_cast<char>(samples_ >> 8);
    bytes[2] = static_cast<char>(header_);
  }
  bytes[1] = static_cast<char>(samples_);
  return bytes;
}

template <class H>
EncodedChunk HistogramWriter<H>::Open::Finish() const {
  return {with_start_ ? K::kWithStart : K::kPlain, min_t_, t_, samples_, Bytes()};
}

template <class H>
HistogramWriter<H>::HistogramWriter(bool with_start) : with_start_(with_start) {}
template <class H>
HistogramWriter<H>::~HistogramWriter() = default;
template <class H>
HistogramWriter<H>::HistogramWriter(HistogramWriter&&) noexcept = default;
template <class H>
HistogramWriter<H>& HistogramWriter<H>::operator=(HistogramWriter&&) noexcept = default;

template <class H>
void HistogramWriter<H>::Append(int64_t t, const H& h, int64_t start) {
  const bool gauge = h.hint == CounterResetHint::kGauge;
  if (open_ != nullptr && open_->full()) Cut();
  if (open_ == nullptr) {
    uint8_t header = 0;
    if (gauge) {
      header = kGauge;
    } else if (h.hint == CounterResetHint::kReset) {
      header = Kind<H>::Header(Fit::Reset::kYes);
    } else if (previous_ != nullptr) {
      header = Kind<H>::HeaderAfterCut(previous_->FitCounter(h).reset);
    }
    open_ = std::make_unique<Open>(with_start_, header);
    previous_.reset();
    return open_->Write(t, h, start);
  }
  const Fit fit = gauge ? open_->FitGauge(h) : open_->FitCounter(h);
  if (!fit.fits) {
    done_.push_back(open_->Finish());
    open_ = std::make_unique<Open>(with_start_, gauge ? kGauge : Kind<H>::Header(fit.reset));
    return open_->Write(t, h, start);
  }
  if (!fit.widens() && !fit.misses()) return open_->Write(t, h, start);
  // What the sample misses it gets as empty buckets; what the chunk misses, all its samples.
  H full = h;
  if (fit.misses()) internal::Spread(full, fit.positive.spans, fit.negative.spans);
  if (fit.widens()) {
    *open_ = open_->Widened(full.positive_spans, full.negative_spans);
  }
  open_->Write(t, full, start);
}

template <class H>
void HistogramWriter<H>::Cut() {
  if (open_ == nullptr) return;
  done_.push_back(open_->Finish());
  previous_ = std::move(open_);
}

template <class H>
size_t HistogramWriter<H>::samples() const {
  return open_ == nullptr ? 0 : open_->samples();
}

template <class H>
std::vector<EncodedChunk> HistogramWriter<H>::Take() {
  if (open_ != nullptr) done_.push_back(open_->Finish());
  open_.reset();
  previous_.reset();
  return std::move(done_);
}

template class HistogramWriter<IntegerHistogram>;
template class HistogramWriter<FloatHistogram>;

}  // namespace synoptic::promql
