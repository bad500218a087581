// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/remote_read.h"

#include <snappy.h>

#include <algorithm>
#include <iterator>

#include "absl/container/inlined_vector.h"
#include "aggregator/upstream/histogram_message.h"
#include "aggregator/upstream/malformed.h"
#include "aggregator/upstream/result_reader.h"
#include "aggregator/upstream/series_set.h"
#include "aggregator/upstream/wire_reader.h"
#include "base/grow.h"
#include "base/status.h"
#include "base/strings.h"
#include "promql/model/mixed_samples.h"
#include "proto/remote.pb.h"

namespace synoptic::aggregator {
namespace {

using promql::Chunk;
using promql::Label;
using promql::RawSeries;
using promql::SampleColumns;

proto::LabelMatcher::Type TypeOf(promql::MatchOp op) {
  switch (op) {
    case promql::MatchOp::kEqual:
      return proto::LabelMatcher::EQ;
    case promql::MatchOp::kNotEqual:
      return proto::LabelMatcher::NEQ;
    case promql::MatchOp::kRegex:
      return proto::LabelMatcher::RE;
    case promql::MatchOp::kNotRegex:
      return proto::LabelMatcher::NRE;
  }
  return proto::LabelMatcher::EQ;
}

// A list that grows leaves pages behind that nobody uses and that are part of the process; those
// of some thousand series are as many as the list itself has.
void MakeRoomFor(std::vector<RawSeries>& series) {
  constexpr size_t kFirst = 16;
  if (series.size() < series.capacity()) return;
  std::vector<RawSeries> larger;
  larger.reserve(std::max(kFirst, 2 * series.size()));
  larger.insert(larger.end(), std::make_move_iterator(series.begin()),
                std::make_move_iterator(series.end()));
  series.swap(larger);
  larger.clear();
  ReturnPages(larger.data(), larger.capacity() * sizeof(RawSeries));
}

absl::Status ParseLabel(std::string_view bytes, Label* label) {
  WireReader fields(bytes);
  while (fields.Next()) {
    if (fields.number() == 1) label->name = fields.Bytes();
    if (fields.number() == 2) label->value = fields.Bytes();
  }
  RETURN_IF_ERROR(fields.status());
  if (label->name.empty() || label->name.size() > kMaxLabelNameBytes) {
    return Malformed("a label name of {} bytes: expected 1 to {}", label->name.size(),
                     kMaxLabelNameBytes);
  }
  if (label->value.size() > kMaxLabelValueBytes) return Malformed("a label value that is too long");
  if (!IsValidUtf8(label->name) || !IsValidUtf8(label->value)) {
    return Malformed("a label that is not UTF-8");
  }
  return absl::OkStatus();
}

// Labels first, wherever they stand: series are read in two passes over their fields.
absl::Status BeginSeries(std::string_view bytes, bool chunked, RawSeriesBuilder& builder) {
  absl::InlinedVector<std::string_view, 32> labels;
  size_t chunks = 0;
  WireReader fields(bytes);
  while (fields.Next()) {
    // One more than a series may have is refused; a million of them are not gathered for that.
    if (fields.number() == 1) {
      const std::string_view label = fields.Bytes();
      if (labels.size() <= kMaxLabelsPerSeries) labels.push_back(label);
    }
    if (fields.number() == 2 && chunked) ++chunks;
  }
  RETURN_IF_ERROR(fields.status());
  return builder.Begin(labels, chunks);
}

absl::Status DecodeChunkedSeries(std::string_view bytes, RawSeriesBuilder& builder) {
  RETURN_IF_ERROR(BeginSeries(bytes, /*chunked=*/true, builder));
  WireReader fields(bytes);
  while (fields.Next()) {
    if (fields.number() == 2) RETURN_IF_ERROR(builder.AddChunk(fields.Bytes()));
  }
  return fields.status();
}

absl::Status DecodeTimeSeries(std::string_view bytes, RawSeriesBuilder& builder) {
  RETURN_IF_ERROR(BeginSeries(bytes, /*chunked=*/false, builder));
  WireReader fields(bytes);
  while (fields.Next()) {
    if (fields.number() == 2) RETURN_IF_ERROR(builder.AddSample(fields.Bytes()));
    if (fields.number() == 4) RETURN_IF_ERROR(builder.AddHistogram(fields.Bytes()));
  }
  return fields.status();
}

}  // namespace

std::string EncodeReadRequest(const RawRequest& request, bool streamed) {
  proto::ReadRequest message;
  if (streamed) message.add_accepted_response_types(proto::ReadRequest::STREAMED_XOR_CHUNKS);
  message.add_accepted_response_types(proto::ReadRequest::SAMPLES);
  proto::Query& query = *message.add_queries();
  query.set_start_timestamp_ms(request.min_t);
  query.set_end_timestamp_ms(request.max_t);
  for (const promql::Matcher& matcher : request.matchers) {
    proto::LabelMatcher& out = *query.add_matchers();
    out.set_type(TypeOf(matcher.op()));
    out.set_name(matcher.name());
    out.set_value(matcher.value());
  }
  proto::ReadHints& hints = *query.mutable_hints();
  hints.set_start_ms(request.min_t);
  hints.set_end_ms(request.max_t);
  hints.set_func(request.hint_func);
  hints.set_step_ms(request.hint_step_ms);
  hints.set_range_ms(request.hint_range_ms);
  const std::string plain = message.SerializeAsString();
  std::string compressed;
  snappy::Compress(plain.data(), plain.size(), &compressed);
  return compressed;
}

absl::Status RawSeriesBuilder::Begin(std::span<const std::string_view> labels, size_t chunks) {
  RETURN_IF_ERROR(BeginLabels(labels));
  if (chunks == 0) return absl::OkStatus();
  auto& data = series_.back().data;
  if (const auto* columns = std::get_if<SampleColumns>(&data)) {
    if (!columns->empty() || !series_.back().histograms.empty()) {
      return Malformed("a series with both samples and chunks");
    }
    data = std::vector<Chunk>();
  }
  RETURN_IF_ERROR(held_.Grow(static_cast<int64_t>(chunks * sizeof(Chunk))));
  auto& all = std::get<std::vector<Chunk>>(data);
  // Mostly these are all. Where a series goes on in many frames it must not be copied for each.
  if (all.empty()) all.reserve(chunks);
  return absl::OkStatus();
}

absl::Status RawSeriesBuilder::BeginLabels(std::span<const std::string_view> labels) {
  if (labels.size() > kMaxLabelsPerSeries) {
    return Malformed("a series with {} labels: limit is {}", labels.size(), kMaxLabelsPerSeries);
  }
  key_.clear();
  for (const std::string_view label : labels) {
    const auto size = static_cast<uint32_t>(label.size());
    key_.append(reinterpret_cast<const char*>(&size), sizeof size);
    key_ += label;
  }
  // A long series comes in several frames.
  if (!series_.empty() && key_ == last_key_) return absl::OkStatus();
  last_key_.swap(key_);
  labels_.resize(labels.size());
  for (size_t i = 0; i < labels.size(); ++i) {
    labels_[i] = {};
    RETURN_IF_ERROR(ParseLabel(labels[i], &labels_[i]));
  }
  const auto by_name = [](const Label& a, const Label& b) { return a.name < b.name; };
  if (!std::is_sorted(labels_.begin(), labels_.end(), by_name)) {
    std::sort(labels_.begin(), labels_.end(), by_name);
  }
  for (size_t i = 1; i < labels_.size(); ++i) {
    if (labels_[i].name == labels_[i - 1].name) {
      return Malformed("label \"{}\" is given twice in one series", labels_[i].name);
    }
  }
  RawSeries series{rules_.Apply(labels_, external_), {}};
  RETURN_IF_ERROR(held_.Grow(HeldBytes(series)));
  MakeRoomFor(series_);
  series_.push_back(std::move(series));
  return absl::OkStatus();
}

absl::Status RawSeriesBuilder::AddChunk(std::string_view bytes) {
  Chunk chunk;
  int64_t type = 0;
  std::string_view data;
  WireReader fields(bytes);
  while (fields.Next()) {
    switch (fields.number()) {
      case 1:
        chunk.min_t = fields.Int64();
        break;
      case 2:
        chunk.max_t = fields.Int64();
        break;
      case 3:
        type = fields.Int64();
        break;
      case 4:
        data = fields.Bytes();
        break;
      default:
        break;
    }
  }
  RETURN_IF_ERROR(fields.status());
  constexpr auto kFirst = static_cast<int64_t>(promql::ChunkEncoding::kXor);
  constexpr auto kLast = static_cast<int64_t>(promql::ChunkEncoding::kFloatHistogramSt);
  if (type < kFirst || type > kLast) {
    unknown_encoding_ = true;
    return MakeStatus(absl::StatusCode::kUnimplemented,
                      "chunks of encoding {} are not supported (series {})", type,
                      series_.back().labels.ToString());
  }
  chunk.encoding = static_cast<promql::ChunkEncoding>(type);
  if (chunk.min_t > chunk.max_t) {
    return Malformed("series {}: a chunk from {} to {}", series_.back().labels.ToString(),
                     chunk.min_t, chunk.max_t);
  }
  RETURN_IF_ERROR(chunks_.Keep(data, chunk));
  std::get<std::vector<Chunk>>(series_.back().data).push_back(std::move(chunk));
  return absl::OkStatus();
}

absl::Status RawSeriesBuilder::AddSample(std::string_view bytes) {
  double value = 0;
  int64_t time = 0;
  WireReader fields(bytes);
  while (fields.Next()) {
    if (fields.number() == 1) value = fields.Double();
    if (fields.number() == 2) time = fields.Int64();
  }
  RETURN_IF_ERROR(fields.status());
  auto* columns = std::get_if<SampleColumns>(&series_.back().data);
  if (columns == nullptr) return Malformed("a series with both samples and chunks");
  if (!columns->empty() && time <= columns->t.back()) {
    return Malformed("series {}: time {} follows {}: expected rising times",
                     series_.back().labels.ToString(), time, columns->t.back());
  }
  constexpr size_t kBlock = 256;
  if (columns->size() % kBlock == 0) {
    RETURN_IF_ERROR(held_.Grow(kBlock * sizeof(promql::Sample)));
  }
  columns->push_back(time, value);
  return absl::OkStatus();
}

absl::Status RawSeriesBuilder::AddHistogram(std::string_view bytes) {
  RawSeries& series = series_.back();
  if (!std::holds_alternative<SampleColumns>(series.data)) {
    return Malformed("a series with both samples and chunks");
  }
  // Of a varint a byte, a count of eight.
  Reservation most = held_.Sibling();
  RETURN_IF_ERROR(most.Grow(static_cast<int64_t>(bytes.size() * sizeof(double))));
  absl::StatusOr<TimedHistogram> parsed = ParseHistogram(bytes);
  if (!parsed.ok()) return Annotate(parsed.status(), "series " + series.labels.ToString());
  most.Reset();
  promql::HistogramColumns& columns = series.histograms;
  if (!columns.empty() && parsed->t <= columns.t.back()) {
    return Malformed("series {}: time {} follows {}: expected rising times",
                     series.labels.ToString(), parsed->t, columns.t.back());
  }
  constexpr int64_t kEntry = sizeof(int64_t) + sizeof(promql::HistogramPtr);
  RETURN_IF_ERROR(held_.Grow(2 * kEntry + promql::HeldBytes(*parsed->histogram)));
  columns.push_back(parsed->t, std::move(parsed->histogram));
  return absl::OkStatus();
}

absl::Status DecodeChunkedFrame(std::string_view frame, RawSeriesBuilder& builder) {
  WireReader fields(frame);
  while (fields.Next()) {
    if (fields.number() == 1) {
      RETURN_IF_ERROR(DecodeChunkedSeries(fields.Bytes(), builder));
    } else if (fields.number() == 2 && fields.Int64() != 0) {
      return Malformed("an answer to query {}: asked one", fields.Int64());
    }
  }
  return fields.status();
}

absl::Status DecodeSamples(std::string_view compressed, int64_t max_bytes, Reservation& held,
                           RawSeriesBuilder& builder) {
  size_t size = 0;
  if (!snappy::GetUncompressedLength(compressed.data(), compressed.size(), &size)) {
    return Malformed("malformed snappy block");
  }
  // The densest element makes 64 bytes of 3.
  const uint64_t possible = 22 * static_cast<uint64_t>(compressed.size()) + 64;
  if (size > possible || size > static_cast<uint64_t>(max_bytes)) {
    return MakeStatus(absl::StatusCode::kResourceExhausted,
                      "a snappy block of {} bytes claims to hold {}: limit is {}",
                      compressed.size(), size,
                      std::min(possible, static_cast<uint64_t>(max_bytes)));
  }
  Reservation buffer = held.Sibling();
  RETURN_IF_ERROR(buffer.Grow(static_cast<int64_t>(size)));
  std::string plain(size, '\0');
  if (!snappy::RawUncompress(compressed.data(), compressed.size(), plain.data())) {
    return Malformed("malformed snappy block");
  }
  int results = 0;
  WireReader response(plain);
  while (response.Next()) {
    if (response.number() != 1) continue;
    if (++results > 1) return Malformed("more than one result: asked one query");
    WireReader result(response.Bytes());
    while (result.Next()) {
      if (result.number() == 1) RETURN_IF_ERROR(DecodeTimeSeries(result.Bytes(), builder));
    }
    RETURN_IF_ERROR(result.status());
  }
  RETURN_IF_ERROR(response.status());
  if (results != 1) return Malformed("no result: asked one query");
  return absl::OkStatus();
}

}  // namespace synoptic::aggregator
