// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/fragment.h"

#include <algorithm>

#include "base/varint.h"
#include "promql/model/column_chunk.h"
#include "promql/model/histogram_writer.h"

namespace synoptic::aggregator {
namespace {

using promql::Chunk;
using promql::HistogramColumns;
using promql::SampleColumns;

// As many samples as one chunk gets before the next begins: small enough to be read in part, large
// enough that its header does not show.
constexpr size_t kChunkSamples = 480;

// In the buffer, per chunk: encoding (0 ends the series), first time after the fragment's, span,
// samples, length, bytes.
void PutChunk(std::string& buffer, const Chunk& chunk, int64_t first) {
  buffer.push_back(static_cast<char>(chunk.encoding));
  PutVarint(buffer, ZigZag(chunk.min_t - first));
  PutVarint(buffer, static_cast<uint64_t>(chunk.max_t - chunk.min_t));
  PutVarint(buffer, chunk.bytes.size());
  buffer += chunk.bytes;
}

// The first two bytes of every encoding count the samples.
int64_t SampleCount(const Chunk& chunk) {
  return static_cast<int64_t>(promql::XorSampleCount(chunk.bytes));
}

}  // namespace

std::vector<Chunk> Fragment::Chunks(size_t i) const {
  std::vector<Chunk> chunks;
  std::string_view in = *buffer_;
  in.remove_prefix(series_[i].begin);
  // The buffer is our own writing: it needs no distrust.
  while (!in.empty() && in.front() != 0) {
    Chunk& chunk = chunks.emplace_back();
    chunk.encoding = static_cast<promql::ChunkEncoding>(in.front());
    in.remove_prefix(1);
    uint64_t start = 0;
    uint64_t span = 0;
    uint64_t length = 0;
    TakeVarint(in, start);
    TakeVarint(in, span);
    TakeVarint(in, length);
    chunk.min_t = first_ + UnZigZag(start);
    chunk.max_t = chunk.min_t + static_cast<int64_t>(span);
    chunk.bytes = in.substr(0, length);
    chunk.owner = buffer_;
    in.remove_prefix(chunk.bytes.size());
  }
  return chunks;
}

FragmentBuilder::FragmentBuilder(int64_t first, int64_t last, FragmentOrigin origin,
                                 FragmentPtr like)
    : fragment_(new Fragment()), like_(std::move(like)) {
  fragment_->first_ = first;
  fragment_->last_ = last;
  fragment_->origin_ = std::move(origin);
}

void FragmentBuilder::Replaces() { label_bytes_ += like_->label_bytes_; }

void FragmentBuilder::Note(const FragmentOrigin& other) {
  const auto add = [](const std::vector<std::string>& from, std::vector<std::string>& to) {
    for (const std::string& text : from) {
      if (std::find(to.begin(), to.end(), text) == to.end()) to.push_back(text);
    }
  };
  add(other.warnings, fragment_->origin_.warnings);
  add(other.infos, fragment_->origin_.infos);
}

void FragmentBuilder::Flush() {
  if (!has_chunks_) return;
  buffer_.push_back(0);
  if (own_labels_) label_bytes_ += static_cast<int64_t>(labels_.MemoryBytes());
  has_chunks_ = false;
}

void FragmentBuilder::Begin(const promql::Labels& labels) {
  Flush();
  labels_ = labels;
  own_labels_ = true;
  if (like_ == nullptr) return;
  while (like_at_ < like_->size() && like_->labels(like_at_) < labels) ++like_at_;
  if (like_at_ < like_->size() && like_->labels(like_at_) == labels) {
    labels_ = like_->labels(like_at_);
    own_labels_ = false;
  }
}

void FragmentBuilder::AddChunk(const Chunk& chunk) {
  if (!has_chunks_) fragment_->series_.push_back({labels_, buffer_.size()});
  has_chunks_ = true;
  PutChunk(buffer_, chunk, fragment_->first_);
  const int64_t count = SampleCount(chunk);
  fragment_->samples_ += count;
  if (chunk.encoding == promql::ChunkEncoding::kXor &&
      count >= static_cast<int64_t>(promql::kLeastColumnSamples)) {
    fragment_->loose_ = true;
  }
}

void FragmentBuilder::AddSamples(SampleColumns& floats, HistogramColumns& histograms) {
  std::vector<promql::EncodedChunk> written;
  if (!histograms.empty()) {
    promql::HistogramWriter<promql::FloatHistogram> writer(!histograms.st.empty());
    size_t next_float = 0;
    for (size_t i = 0; i < histograms.size(); ++i) {
      // A float between two histograms ends the chunk, or chunks would overlap.
      while (next_float < floats.size() && floats.t[next_float] < histograms.t[i]) {
        if (writer.samples() > 0) writer.Cut();
        ++next_float;
      }
      if (writer.samples() >= kChunkSamples) writer.Cut();
      writer.Append(histograms.t[i], *histograms.h[i],
                    histograms.st.empty() ? 0 : histograms.st[i]);
    }
    written = writer.Take();
  }
  auto histogram = written.begin();
  for (size_t i = 0; i < floats.size() || histogram != written.end();) {
    if (i >= floats.size() || (histogram != written.end() && histogram->min_t < floats.t[i])) {
      AddChunk(
          {histogram->min_t, histogram->max_t, histogram->encoding, histogram->bytes, nullptr});
      ++histogram;
      continue;
    }
    size_t end = std::min(i + kChunkSamples, floats.size());
    if (histogram != written.end()) {
      const auto limit = std::lower_bound(floats.t.begin() + static_cast<std::ptrdiff_t>(i),
                                          floats.t.end(), histogram->min_t);
      end = std::min(end, static_cast<size_t>(limit - floats.t.begin()));
    }
    const size_t count = end - i;
    promql::EncodedFloats encoded;
    if (floats.st.empty()) {
      encoded = promql::EncodeFloats(&floats.t[i], &floats.v[i], count);
    } else {
      encoded = {promql::ChunkEncoding::kXor2,
                 promql::EncodeXor2(&floats.t[i], &floats.v[i], &floats.st[i], count)};
    }
    AddChunk({floats.t[i], floats.t[end - 1], encoded.encoding, encoded.bytes, nullptr});
    i = end;
  }
  floats.clear();
  histograms.clear();
}

FragmentPtr FragmentBuilder::Build() {
  Flush();
  buffer_.shrink_to_fit();
  fragment_->series_.shrink_to_fit();
  int64_t notes = 0;
  for (const auto* texts : {&fragment_->origin_.warnings, &fragment_->origin_.infos}) {
    for (const std::string& text : *texts)
      notes += static_cast<int64_t>(text.size() + sizeof(std::string));
  }
  fragment_->label_bytes_ = label_bytes_;
  fragment_->bytes_ =
      static_cast<int64_t>(sizeof(Fragment) + buffer_.size() + fragment_->origin_.replica.size() +
                           fragment_->series_.size() * sizeof(Fragment::Series)) +
      label_bytes_ + notes;
  fragment_->buffer_ = std::make_shared<const std::string>(std::move(buffer_));
  return FragmentPtr(std::move(fragment_));
}

}  // namespace synoptic::aggregator
