// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/api/read_encode.h"

#include <algorithm>

#include "base/crc32c.h"
#include "base/status.h"
#include "promql/model/histogram_writer.h"
#include "promql/model/mixed_samples.h"
#include "proto/remote.pb.h"

namespace synoptic::aggregator {
namespace {

using promql::ChunkEncoding;
using promql::MixedSample;
using promql::RawSeries;

constexpr size_t kSamplesPerChunk = 120;  // as Prometheus cuts them
constexpr int64_t kFrameBytes = 1 << 20;

template <class Message>
void AddLabels(const promql::Labels& labels, Message& to) {
  for (const promql::Label label : labels) {
    proto::Label& out = *to.add_labels();
    out.set_name(std::string(label.name));
    out.set_value(std::string(label.value));
  }
}

template <class Spans>
void AddSpans(const std::vector<promql::HistogramSpan>& spans, Spans& to) {
  for (const promql::HistogramSpan& span : spans) {
    proto::BucketSpan& out = *to.Add();
    out.set_offset(span.offset);
    out.set_length(span.length);
  }
}

void FillHistogram(const MixedSample& sample, proto::Histogram& out) {
  const promql::FloatHistogram& h = *sample.h;
  out.set_timestamp(sample.t);
  out.set_count_float(h.count);
  out.set_sum(h.sum);
  out.set_schema(h.schema);
  out.set_zero_threshold(h.zero_threshold);
  out.set_zero_count_float(h.zero_count);
  AddSpans(h.negative_spans, *out.mutable_negative_spans());
  AddSpans(h.positive_spans, *out.mutable_positive_spans());
  out.mutable_negative_counts()->Add(h.negative_buckets.begin(), h.negative_buckets.end());
  out.mutable_positive_counts()->Add(h.positive_buckets.begin(), h.positive_buckets.end());
  out.mutable_custom_values()->Add(h.custom_values.begin(), h.custom_values.end());
  out.set_reset_hint(static_cast<proto::Histogram::ResetHint>(h.hint));
}

void AppendVarint(uint64_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>((value & 0x7F) | 0x80);
  out += static_cast<char>(value);
}

// A field of type bytes.
void AppendField(int number, std::string_view bytes, std::string& out) {
  AppendVarint(static_cast<uint64_t>(number) << 3 | 2, out);
  AppendVarint(bytes.size(), out);
  out += bytes;
}

void AppendFrame(const proto::ChunkedReadResponse& message, std::string& out) {
  const std::string bytes = message.SerializeAsString();
  AppendVarint(bytes.size(), out);
  const uint32_t checksum = Crc32c(bytes);
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(checksum >> shift);
  out += bytes;
}

// Encodings that remote read may send to any client that asked for chunks.
bool KnownEverywhere(ChunkEncoding encoding) {
  return encoding == ChunkEncoding::kXor || encoding == ChunkEncoding::kHistogram ||
         encoding == ChunkEncoding::kFloatHistogram;
}

// A run of floats.
void EncodeFloats(std::span<const MixedSample> run, std::vector<promql::EncodedChunk>& out) {
  std::vector<int64_t> t;
  std::vector<double> v;
  for (const MixedSample& sample : run) {
    t.push_back(sample.t);
    v.push_back(sample.v);
  }
  for (size_t i = 0; i < t.size(); i += kSamplesPerChunk) {
    const size_t count = std::min(kSamplesPerChunk, t.size() - i);
    out.push_back({ChunkEncoding::kXor, t[i], t[i + count - 1], count,
                   promql::EncodeXor(t.data() + i, v.data() + i, count)});
  }
}

void EncodeHistograms(std::span<const MixedSample> run, std::vector<promql::EncodedChunk>& out) {
  promql::HistogramWriter<promql::FloatHistogram> writer(/*with_start=*/false);
  for (const MixedSample& sample : run) {
    if (writer.samples() >= kSamplesPerChunk) writer.Cut();
    writer.Append(sample.t, *sample.h);
  }
  for (promql::EncodedChunk& chunk : writer.Take()) out.push_back(std::move(chunk));
}

// Runs of one kind, each in chunks of its own: chunks follow each other and do not overlap.
std::vector<promql::EncodedChunk> Encode(std::span<const MixedSample> samples) {
  std::vector<promql::EncodedChunk> chunks;
  while (!samples.empty()) {
    const bool histograms = samples.front().h != nullptr;
    size_t count = 1;
    while (count < samples.size() && (samples[count].h != nullptr) == histograms) ++count;
    if (histograms) {
      EncodeHistograms(samples.first(count), chunks);
    } else {
      EncodeFloats(samples.first(count), chunks);
    }
    samples = samples.subspan(count);
  }
  return chunks;
}

absl::StatusOr<promql::MixedSamples> SamplesWithin(const RawSeries& series, int64_t min_t,
                                                   int64_t max_t) {
  ASSIGN_OR_RETURN(promql::MixedSamples samples, promql::ReadMixed(series));
  std::erase_if(samples, [=](const MixedSample& s) { return s.t < min_t || s.t > max_t; });
  return samples;
}

// The frames of one series.
class SeriesFrames {
 public:
  SeriesFrames(const promql::Labels& labels, int64_t query_index, std::string& out)
      : labels_(labels), query_index_(query_index), out_(out) {}

  void Add(ChunkEncoding encoding, int64_t min_t, int64_t max_t, std::string_view bytes) {
    if (series_ == nullptr) {
      message_.Clear();
      message_.set_query_index(query_index_);
      series_ = message_.add_chunked_series();
      AddLabels(labels_, *series_);
      left_ = kFrameBytes - static_cast<int64_t>(series_->ByteSizeLong());
    }
    proto::Chunk& chunk = *series_->add_chunks();
    chunk.set_type(static_cast<proto::Chunk::Encoding>(encoding));
    chunk.set_min_time_ms(min_t);
    chunk.set_max_time_ms(max_t);
    chunk.set_data(std::string(bytes));
    left_ -= static_cast<int64_t>(chunk.ByteSizeLong());
    if (left_ <= 0) Flush();
  }
  void Flush() {
    if (series_ == nullptr) return;
    AppendFrame(message_, out_);
    series_ = nullptr;
  }

 private:
  const promql::Labels& labels_;
  const int64_t query_index_;
  std::string& out_;
  proto::ChunkedReadResponse message_;
  proto::ChunkedSeries* series_ = nullptr;
  int64_t left_ = 0;
};

absl::Status AppendSeries(const RawSeries& series, int64_t query_index, int64_t min_t,
                          int64_t max_t, std::string& out) {
  SeriesFrames frames(series.labels, query_index, out);
  const auto* chunks = std::get_if<std::vector<promql::Chunk>>(&series.data);
  const bool as_they_are =
      chunks != nullptr && std::all_of(chunks->begin(), chunks->end(), [](const auto& chunk) {
        return KnownEverywhere(chunk.encoding);
      });
  if (as_they_are) {
    for (const promql::Chunk& chunk : *chunks) {
      if (chunk.max_t < min_t || chunk.min_t > max_t) continue;
      frames.Add(chunk.encoding, chunk.min_t, chunk.max_t, chunk.bytes);
    }
  } else {
    ASSIGN_OR_RETURN(const promql::MixedSamples samples, SamplesWithin(series, min_t, max_t));
    for (const promql::EncodedChunk& chunk : Encode(samples)) {
      frames.Add(chunk.encoding, chunk.min_t, chunk.max_t, chunk.bytes);
    }
  }
  frames.Flush();
  return absl::OkStatus();
}

}  // namespace

absl::Status AppendQueryResult(std::span<const RawSeries> series, int64_t min_t, int64_t max_t,
                               int64_t sample_limit, Reservation& held, std::string& out) {
  std::string result;
  int64_t total = 0;
  for (const RawSeries& one : series) {
    ASSIGN_OR_RETURN(const promql::MixedSamples samples, SamplesWithin(one, min_t, max_t));
    if (samples.empty()) continue;
    total += static_cast<int64_t>(samples.size());
    if (total > sample_limit) return InvalidArgument("exceeded sample limit ({})", sample_limit);
    proto::TimeSeries message;
    AddLabels(one.labels, message);
    for (const MixedSample& sample : samples) {
      if (sample.h != nullptr) {
        FillHistogram(sample, *message.add_histograms());
        continue;
      }
      proto::Sample& out_sample = *message.add_samples();
      out_sample.set_timestamp(sample.t);
      out_sample.set_value(sample.v);
    }
    const std::string bytes = message.SerializeAsString();
    // Once here, once in the response, and compressed.
    RETURN_IF_ERROR(held.Grow(static_cast<int64_t>(3 * bytes.size())));
    AppendField(1, bytes, result);
  }
  AppendField(1, result, out);
  return absl::OkStatus();
}

absl::Status AppendFrames(std::span<const RawSeries> series, int64_t query_index, int64_t min_t,
                          int64_t max_t, Reservation& held, std::string& out) {
  for (const RawSeries& one : series) {
    const size_t before = out.size();
    RETURN_IF_ERROR(AppendSeries(one, query_index, min_t, max_t, out));
    RETURN_IF_ERROR(held.Grow(static_cast<int64_t>(out.size() - before)));
  }
  return absl::OkStatus();
}

}  // namespace synoptic::aggregator
