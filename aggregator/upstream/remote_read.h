// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Prometheus' remote read: the request, and its two answers decoded as they arrive.
//
// STREAMED_XOR_CHUNKS stays compressed: chunks are kept as they came (chunk_store.h). SAMPLES
// (one snappy block) is decoded into columns at the end. Both carry native histograms whole, chunks
// also start timestamps. Labels go through the rules; external labels of the server are taken off.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aggregator/upstream/chunk_store.h"
#include "aggregator/upstream/frame_reader.h"
#include "aggregator/upstream/label_rules.h"
#include "aggregator/upstream/shard_client.h"
#include "base/budget.h"
#include "promql/model/series.h"

namespace synoptic::aggregator {

// The body of POST /api/v1/read. `streamed`: chunks are accepted, and preferred.
std::string EncodeReadRequest(const RawRequest& request, bool streamed);

// Series as their labels and data come. What it keeps is charged to `held`.
class RawSeriesBuilder {
 public:
  RawSeriesBuilder(const LabelRules& rules, promql::Labels external, Reservation& held)
      : rules_(rules), external_(std::move(external)), held_(held), chunks_(held) {}

  // A series' labels, each as its Protobuf bytes, and of how many chunks more is to come.
  absl::Status Begin(std::span<const std::string_view> labels, size_t chunks = 0);
  // REQUIRES: Begin was told of it.
  absl::Status AddChunk(std::string_view chunk);
  absl::Status AddSample(std::string_view sample);
  absl::Status AddHistogram(std::string_view histogram);

  // Chunks of an encoding came that we do not know, which the server turns into samples when asked
  // to.
  bool unknown_encoding() const { return unknown_encoding_; }
  std::vector<promql::RawSeries> Take() { return std::move(series_); }

 private:
  absl::Status BeginLabels(std::span<const std::string_view> labels);

  const LabelRules& rules_;
  const promql::Labels external_;
  Reservation& held_;
  ChunkStore chunks_;
  bool unknown_encoding_ = false;
  std::string last_key_;  // the labels of the last series, as sent
  std::string key_;
  std::vector<promql::Label> labels_;
  std::vector<promql::RawSeries> series_;
};

// One frame of a streamed answer; nothing of it is needed afterwards.
absl::Status DecodeChunkedFrame(std::string_view frame, RawSeriesBuilder& builder);

// A whole SAMPLES answer, still compressed. ResourceExhausted when it claims to be longer than
// snappy can make it or than `max_bytes`; nothing is allocated then.
absl::Status DecodeSamples(std::string_view compressed, int64_t max_bytes, Reservation& held,
                           RawSeriesBuilder& builder);

}  // namespace synoptic::aggregator
