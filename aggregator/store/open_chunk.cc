// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/store/open_chunk.h"

#include <limits>

#include "base/status.h"
#include "base/varint.h"
#include "promql/model/histogram_writer.h"

namespace synoptic::aggregator {
namespace {

using promql::Chunk;
using promql::ChunkEncoding;
using promql::MixedSample;

constexpr size_t kTail = 15;  // samples that are not encoded yet
constexpr int64_t kAnyTime = std::numeric_limits<int64_t>::max();

Chunk Owning(int64_t min_t, int64_t max_t, ChunkEncoding encoding, std::string bytes) {
  Chunk chunk{min_t, max_t, encoding, {}, std::make_shared<const std::string>(std::move(bytes))};
  chunk.bytes = *chunk.owner;
  return chunk;
}

promql::SampleColumns Decoded(const std::string& encoded) {
  promql::SampleColumns samples;
  // Our own bytes: they decode.
  if (!encoded.empty()) {
    promql::DecodeXor(encoded, -kAnyTime, kAnyTime, samples).IgnoreError();
  }
  return samples;
}

// What is encoded, and what comes behind it.
promql::SampleColumns All(const std::string& encoded,
                          const std::vector<std::pair<int64_t, double>>& tail) {
  promql::SampleColumns all = Decoded(encoded);
  for (const auto& [t, v] : tail) all.push_back(t, v);
  return all;
}

std::vector<Chunk> EncodeHistograms(const promql::HistogramColumns& histograms) {
  promql::HistogramWriter<promql::FloatHistogram> writer(/*with_start=*/false);
  for (size_t i = 0; i < histograms.size(); ++i) writer.Append(histograms.t[i], *histograms.h[i]);
  std::vector<Chunk> chunks;
  for (promql::EncodedChunk& one : writer.Take()) {
    chunks.push_back(Owning(one.min_t, one.max_t, one.encoding, std::move(one.bytes)));
  }
  return chunks;
}

}  // namespace

bool OpenChunk::MustCutBefore(const MixedSample& sample) const {
  if (count_ == 0) return false;
  return count_ >= kChunkSamples || (sample.h != nullptr) == histograms_.empty() ||
         DayOf(sample.t) != DayOf(max_t_);
}

void OpenChunk::Append(const MixedSample& sample) {
  if (count_++ == 0) min_t_ = sample.t;
  max_t_ = sample.t;
  if (sample.h != nullptr) {
    if (histograms_.empty()) histograms_.emplace_back();
    histograms_[0].columns.push_back(sample.t, sample.h);
    histograms_[0].bytes += promql::HeldBytes(*sample.h);
    return;
  }
  tail_.emplace_back(sample.t, sample.v);
  if (tail_.size() >= kTail) Fold();
}

void OpenChunk::Fold() {
  const promql::SampleColumns all = All(encoded_, tail_);
  encoded_ = promql::EncodeXor(all.t.data(), all.v.data(), all.size());
  tail_.clear();
}

int64_t OpenChunk::memory_bytes() const {
  return static_cast<int64_t>(encoded_.capacity() + tail_.capacity() * sizeof(tail_[0])) +
         (histograms_.empty() ? 0 : histograms_[0].bytes);
}

std::vector<Chunk> OpenChunk::Chunks() const {
  if (count_ == 0) return {};
  if (!histograms_.empty()) return EncodeHistograms(histograms_[0].columns);
  if (tail_.empty()) return {Owning(min_t_, max_t_, ChunkEncoding::kXor, encoded_)};
  const promql::SampleColumns all = All(encoded_, tail_);
  return {Owning(min_t_, max_t_, ChunkEncoding::kXor,
                 promql::EncodeXor(all.t.data(), all.v.data(), all.size()))};
}

std::vector<Chunk> OpenChunk::Take() {
  std::vector<Chunk> chunks = Chunks();
  *this = OpenChunk();
  return chunks;
}

std::vector<Chunk> EncodeChunks(const promql::MixedSamples& samples) {
  std::vector<Chunk> out;
  OpenChunk open;
  const auto cut = [&] {
    for (Chunk& chunk : open.Take()) out.push_back(std::move(chunk));
  };
  for (const MixedSample& sample : samples) {
    if (open.MustCutBefore(sample)) cut();
    open.Append(sample);
  }
  cut();
  return out;
}

std::string PackChunk(const Chunk& chunk) {
  std::string out;
  out.reserve(chunk.bytes.size() + 8);
  out.push_back(static_cast<char>(chunk.encoding));
  PutVarint(out, ZigZag(chunk.min_t));
  PutVarint(out, ZigZag(chunk.max_t - chunk.min_t));
  out.append(chunk.bytes);
  return out;
}

absl::StatusOr<Chunk> UnpackChunk(std::string_view bytes,
                                  const std::shared_ptr<const std::string>& owner) {
  const absl::Status bad = MakeStatus(absl::StatusCode::kDataLoss, "a chunk without its header");
  if (bytes.empty()) return bad;
  Chunk chunk;
  chunk.encoding = static_cast<ChunkEncoding>(bytes.front());
  bytes.remove_prefix(1);
  uint64_t min_t = 0, length = 0;
  if (!TakeVarint(bytes, min_t) || !TakeVarint(bytes, length)) return bad;
  chunk.min_t = UnZigZag(min_t);
  chunk.max_t = chunk.min_t + UnZigZag(length);
  chunk.bytes = bytes;
  chunk.owner = owner;
  return chunk;
}

}  // namespace synoptic::aggregator
