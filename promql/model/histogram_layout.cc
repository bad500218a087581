// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>
#include <utility>

#include "base/status.h"
#include "promql/model/histogram_coding.h"

namespace synoptic::promql::internal {
namespace {

// Schemas that a later Prometheus may write.
constexpr int64_t kReservedMin = -9;
constexpr int64_t kReservedMax = 52;

absl::Status Bad(std::string_view what) {
  return MakeStatus(absl::StatusCode::kDataLoss, "histogram chunk: {}", what);
}

// A byte for the usual thresholds, powers of two; nine for others.
double ReadZeroThreshold(BitReader& in) {
  const int byte = static_cast<int>(in.Read(8));
  if (byte == 0) return 0;
  if (byte == 255) return std::bit_cast<double>(in.Read(64));
  return std::ldexp(0.5, byte - 243);
}

void WriteZeroThreshold(double threshold, BitWriter& out) {
  if (threshold == 0) return out.Write(0, 8);
  int exponent;
  const double fraction = std::frexp(threshold, &exponent);
  if (fraction != 0.5 || exponent < -242 || exponent > 11) {
    out.Write(255, 8);
    return out.Write(std::bit_cast<uint64_t>(threshold), 64);
  }
  out.Write(static_cast<uint64_t>(int64_t{exponent} + 243), 8);
}

absl::Status ReadSpans(BitReader& in, bool custom, std::vector<HistogramSpan>& spans,
                       SharedVector<HistogramSpan>& out) {
  const uint64_t size = in.ReadVarbitUnsigned();
  if (size > in.left() / 2) return Bad("more spans than bytes");
  spans.clear();
  int64_t index = 0;
  uint64_t buckets = 0;
  for (uint64_t i = 0; i < size; ++i) {
    const uint64_t length = in.ReadVarbitUnsigned();
    const int64_t offset = in.ReadVarbit();
    if (in.overrun()) return Bad("ends in its layout");
    buckets += length;
    if (length > in.left() || buckets > in.left()) return Bad("more buckets than bytes");
    if (offset < 0 && (i > 0 || custom)) return Bad("a span steps backwards");
    constexpr int64_t kMost = std::numeric_limits<int32_t>::max();
    if (offset > kMost || offset < -kMost) return Bad("an index out of range");
    index += offset + static_cast<int64_t>(length);
    if (index > kMost) return Bad("an index out of range");
    spans.push_back({static_cast<int32_t>(offset), static_cast<uint32_t>(length)});
  }
  if (out.get() != spans) out = spans;
  return absl::OkStatus();
}

void WriteSpans(const std::vector<HistogramSpan>& spans, BitWriter& out) {
  out.WriteVarbitUnsigned(spans.size());
  for (const HistogramSpan& span : spans) {
    out.WriteVarbitUnsigned(span.length);
    out.WriteVarbit(span.offset);
  }
}

// Multiples of a thousandth up to 33554.43 as a number, others whole behind a zero.
absl::Status ReadBounds(BitReader& in, std::vector<double>& bounds, SharedVector<double>& out) {
  const uint64_t size = in.ReadVarbitUnsigned();
  if (size > in.left()) return Bad("more bounds than bytes");
  bounds.clear();
  for (uint64_t i = 0; i < size; ++i) {
    const uint64_t number = in.ReadVarbitUnsigned();
    const double bound =
        number == 0 ? std::bit_cast<double>(in.Read(64)) : static_cast<double>(number - 1) / 1000;
    if (in.overrun()) return Bad("ends in its layout");
    if (!(bound < std::numeric_limits<double>::infinity()) || (i > 0 && bound <= bounds.back())) {
      return Bad("bounds do not rise");
    }
    bounds.push_back(bound);
  }
  if (out.get() != bounds) out = bounds;
  return absl::OkStatus();
}

// Whether a thousandth is what it can be written in, without loss.
bool IsThousandths(double bound) {
  return static_cast<double>(static_cast<uint64_t>(std::round(bound * 1000))) / 1000 == bound;
}

void WriteBounds(const std::vector<double>& bounds, BitWriter& out) {
  out.WriteVarbitUnsigned(bounds.size());
  for (const double bound : bounds) {
    const double thousandths = bound * 1000;
    if (thousandths >= 0 && thousandths <= 33554430 && IsThousandths(bound)) {
      out.WriteVarbitUnsigned(static_cast<uint64_t>(std::round(thousandths)) + 1);
    } else {
      out.Write(0, 1);
      out.Write(std::bit_cast<uint64_t>(bound), 64);
    }
  }
}

// Custom buckets have bounds, and none of what goes with others.
absl::Status CheckCustom(const HistogramLayout& layout) {
  uint64_t covered = 0;
  for (const HistogramSpan& span : layout.positive_spans) {
    covered += static_cast<uint64_t>(span.offset) + span.length;
  }
  if (covered > layout.custom_values.size() + 1) return Bad("fewer bounds than custom buckets");
  if (!layout.negative_spans.empty() || layout.zero_threshold != 0) {
    return Bad("custom buckets with negative ones or a zero bucket");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadLayout(BitReader& in, HistogramLayout& layout, LayoutScratch& scratch) {
  layout.zero_threshold = ReadZeroThreshold(in);
  if (!(layout.zero_threshold >= 0)) return Bad("a zero bucket without width");
  const int64_t schema = in.ReadVarbit();
  if (schema != kCustomBucketsSchema && (schema < kReservedMin || schema > kReservedMax)) {
    return MakeStatus(
        absl::StatusCode::kDataLoss,
        "histogram has an unknown schema, which must be between {} and {} for exponential buckets, "
        "or {} for custom buckets, got schema {}",
        kReservedMin, kReservedMax, kCustomBucketsSchema, schema);
  }
  layout.schema = static_cast<int32_t>(schema);
  const bool custom = schema == kCustomBucketsSchema;
  RETURN_IF_ERROR(ReadSpans(in, custom, scratch.spans, layout.positive_spans));
  RETURN_IF_ERROR(ReadSpans(in, custom, scratch.spans, layout.negative_spans));
  if (custom) {
    RETURN_IF_ERROR(ReadBounds(in, scratch.bounds, layout.custom_values));
    RETURN_IF_ERROR(CheckCustom(layout));
  } else {
    layout.custom_values.clear();
  }
  const size_t buckets =
      CountBuckets(layout.positive_spans.get()) + CountBuckets(layout.negative_spans.get());
  if (in.overrun() || buckets > in.left()) return Bad("ends in its layout");
  return absl::OkStatus();
}

void WriteLayout(const HistogramLayout& layout, BitWriter& out) {
  WriteZeroThreshold(layout.zero_threshold, out);
  out.WriteVarbit(layout.schema);
  WriteSpans(layout.positive_spans, out);
  WriteSpans(layout.negative_spans, out);
  if (layout.schema == kCustomBucketsSchema) WriteBounds(layout.custom_values, out);
}

}  // namespace synoptic::promql::internal
