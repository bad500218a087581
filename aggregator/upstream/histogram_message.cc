// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/histogram_message.h"

#include <cstring>
#include <vector>

#include "aggregator/upstream/wire_reader.h"
#include "base/status.h"
#include "promql/model/sample.h"

namespace synoptic::aggregator {
namespace {

using promql::FloatHistogram;
using promql::HistogramSpan;

int64_t Zigzag(uint64_t n) { return static_cast<int64_t>(n >> 1) ^ -static_cast<int64_t>(n & 1); }

absl::Status Malformed() { return absl::DataLossError("malformed histogram"); }

absl::Status AddDoubles(WireReader& fields, std::vector<double>& out) {
  if (!fields.is_bytes()) {
    out.push_back(fields.Double());
    return absl::OkStatus();
  }
  const std::string_view packed = fields.Bytes();
  if (packed.size() % sizeof(double) != 0) return Malformed();
  const size_t before = out.size();
  out.resize(before + packed.size() / sizeof(double));
  if (!packed.empty()) std::memcpy(out.data() + before, packed.data(), packed.size());
  return absl::OkStatus();
}

// Differences of integer counts, added up to `out`; `last` is the count so far.
absl::Status AddDeltas(WireReader& fields, int64_t& last, std::vector<double>& out) {
  const auto add = [&](uint64_t encoded) {
    // Unsigned, so that what overflows is merely wrong.
    last =
        static_cast<int64_t>(static_cast<uint64_t>(last) + static_cast<uint64_t>(Zigzag(encoded)));
    out.push_back(static_cast<double>(last));
  };
  if (!fields.is_bytes()) {
    add(static_cast<uint64_t>(fields.Int64()));
    return absl::OkStatus();
  }
  const std::string_view packed = fields.Bytes();
  const char* p = packed.data();
  const char* const end = p + packed.size();
  while (p < end) {
    uint64_t encoded = 0;
    p = ReadVarint(p, end, &encoded);
    if (p == nullptr) return Malformed();
    add(encoded);
  }
  return absl::OkStatus();
}

absl::Status AddSpan(std::string_view bytes, std::vector<HistogramSpan>& out) {
  HistogramSpan span;
  WireReader fields(bytes);
  while (fields.Next()) {
    if (fields.number() == 1) {
      span.offset = static_cast<int32_t>(Zigzag(static_cast<uint64_t>(fields.Int64())));
    } else if (fields.number() == 2) {
      span.length = static_cast<uint32_t>(fields.Int64());
    }
  }
  out.push_back(span);
  return fields.status();
}

// One side's buckets, which come as differences or as counts.
struct Side {
  std::vector<HistogramSpan> spans;
  std::vector<double> from_deltas, counts;
  int64_t last = 0;

  bool Take(promql::SharedVector<HistogramSpan>& to_spans, std::vector<double>& to_counts) {
    if (!from_deltas.empty() && !counts.empty()) return false;
    to_spans = std::move(spans);
    to_counts = std::move(from_deltas.empty() ? counts : from_deltas);
    return true;
  }
};

}  // namespace

absl::StatusOr<TimedHistogram> ParseHistogram(std::string_view message) {
  TimedHistogram out;
  out.histogram = std::make_shared<FloatHistogram>();
  FloatHistogram& h = *out.histogram;
  Side negative, positive;
  WireReader fields(message);
  const auto integer = [&] { return static_cast<double>(static_cast<uint64_t>(fields.Int64())); };
  while (fields.Next()) {
    switch (fields.number()) {
      case 1:
        h.count = integer();
        break;
      case 2:
        h.count = fields.Double();
        break;
      case 3:
        h.sum = fields.Double();
        break;
      case 4:
        h.schema = static_cast<int32_t>(Zigzag(static_cast<uint64_t>(fields.Int64())));
        break;
      case 5:
        h.zero_threshold = fields.Double();
        break;
      case 6:
        h.zero_count = integer();
        break;
      case 7:
        h.zero_count = fields.Double();
        break;
      case 8:
        RETURN_IF_ERROR(AddSpan(fields.Bytes(), negative.spans));
        break;
      case 9:
        RETURN_IF_ERROR(AddDeltas(fields, negative.last, negative.from_deltas));
        break;
      case 10:
        RETURN_IF_ERROR(AddDoubles(fields, negative.counts));
        break;
      case 11:
        RETURN_IF_ERROR(AddSpan(fields.Bytes(), positive.spans));
        break;
      case 12:
        RETURN_IF_ERROR(AddDeltas(fields, positive.last, positive.from_deltas));
        break;
      case 13:
        RETURN_IF_ERROR(AddDoubles(fields, positive.counts));
        break;
      case 14: {
        const int64_t hint = fields.Int64();
        if (hint < 0 || hint > 3) return Malformed();
        h.hint = static_cast<promql::CounterResetHint>(hint);
        break;
      }
      case 15:
        out.t = fields.Int64();
        break;
      case 16:
        RETURN_IF_ERROR(AddDoubles(fields, h.custom_values.Mutable()));
        break;
      default:
        break;
    }
  }
  RETURN_IF_ERROR(fields.status());
  if (!negative.Take(h.negative_spans, h.negative_buckets) ||
      !positive.Take(h.positive_spans, h.positive_buckets)) {
    return Malformed();
  }
  if (const absl::Status valid = h.Validate(); !valid.ok()) {
    return MakeStatus(absl::StatusCode::kDataLoss, "{}", MessageOf(valid));
  }
  return out;
}

}  // namespace synoptic::aggregator
