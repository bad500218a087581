// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/model/histogram_walker.h"

#include <type_traits>

#include "base/status.h"
#include "promql/model/sample.h"

namespace synoptic::promql::internal {
namespace {

template <class Coding>
Coding& CodingIn(HistogramScratch& scratch) {
  if constexpr (std::is_same_v<Coding, IntegerCoding>) {
    return scratch.integers;
  } else {
    return scratch.floats;
  }
}

}  // namespace

template <class Coding>
HistogramWalker<Coding>::HistogramWalker(std::string_view bytes, bool with_start,
                                         HistogramScratch& scratch)
    : bytes_(bytes.size()),
      with_start_(with_start),
      in_(bytes.substr(std::min(bytes.size(), kHistogramHeaderBytes))),
      layout_(scratch.layout),
      layout_scratch_(scratch.layout_scratch),
      coding_(CodingIn<Coding>(scratch)) {
  if (bytes.size() < kHistogramHeaderBytes) {
    status_ = MakeStatus(absl::StatusCode::kDataLoss, "histogram chunk of {} bytes has no header",
                         bytes.size());
    return;
  }
  const auto byte = [bytes](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  total_ = static_cast<size_t>(byte(0)) << 8 | byte(1);
  reset_header_ = byte(2) & 0xC0;
  if (with_start) {
    total_ &= kMostSamplesWithStart;
    reset_header_ = byte(0) & 0xC0;
    starts_ = StartTimes(byte(2));
  }
}

template <class Coding>
bool HistogramWalker<Coding>::Fail(std::string_view what) {
  status_ = MakeStatus(absl::StatusCode::kDataLoss,
                       "histogram chunk of {} bytes and {} samples: {}", bytes_, total_, what);
  return false;
}

template <class Coding>
bool HistogramWalker<Coding>::stale() const {
  return sum_ == kStaleNaNBits;
}

template <class Coding>
bool HistogramWalker<Coding>::ReadFirst() {
  status_ = ReadLayout(in_, layout_, layout_scratch_);
  if (!status_.ok()) return false;
  positive_ = CountBuckets(layout_.positive_spans.get());
  negative_ = CountBuckets(layout_.negative_spans.get());
  coding_.Begin(positive_ + negative_);
  t_ = in_.ReadVarbit();
  coding_.ReadFirstCounts(in_);
  sum_ = in_.Read(64);
  return coding_.ReadFirstBuckets(in_);
}

template <class Coding>
bool HistogramWalker<Coding>::ReadLater() {
  t_change_ += static_cast<uint64_t>(in_.ReadVarbit());
  int64_t t;
  if (static_cast<int64_t>(t_change_) <= 0 ||
      __builtin_add_overflow(t_, static_cast<int64_t>(t_change_), &t)) {
    return Fail("times do not rise");
  }
  t_ = t;
  const bool read = coding_.ReadCounts(in_) && ReadXor(in_, sum_window_, sum_) &&
                    (stale() || coding_.ReadBuckets(in_));
  return read || Fail("a value is wider than 64 bits");
}

template <class Coding>
bool HistogramWalker<Coding>::Next() {
  if (!status_.ok() || read_ == total_) return false;
  const int64_t previous_t = t_;
  if (read_ == 0 ? !ReadFirst() : !ReadLater()) return false;
  if (with_start_ && !starts_.Read(in_, read_, t_, previous_t)) {
    return Fail("a varint does not fit into 64 bits");
  }
  if (in_.overrun()) return Fail("ends early");
  ++read_;
  return true;
}

template class HistogramWalker<IntegerCoding>;
template class HistogramWalker<FloatCoding>;

}  // namespace synoptic::promql::internal
