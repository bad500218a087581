// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/promql/store.h"

#include <algorithm>

#include "base/status.h"
#include "promql/model/histogram_writer.h"
#include "tests/promql/classic_to_native.h"

namespace synoptic::promqltest {
namespace {

using promql::Chunk;
using promql::ChunkEncoding;
using promql::FloatHistogram;
using promql::Labels;
using promql::RawSeries;

constexpr size_t kSamplesPerChunk = 120;

Chunk MakeChunk(ChunkEncoding encoding, int64_t min_t, int64_t max_t, std::string bytes) {
  Chunk chunk{min_t, max_t, encoding, {}, std::make_shared<const std::string>(std::move(bytes))};
  chunk.bytes = *chunk.owner;
  return chunk;
}

// One series' samples in chunks as Prometheus' head block would cut them: floats and histograms
// apart, one layout of buckets and no counter reset in a chunk.
class ChunkWriter {
 public:
  explicit ChunkWriter(bool with_start) : with_start_(with_start), histograms_(with_start) {}

  std::vector<Chunk> Write(const StoredSamples& samples) {
    for (const auto& [t, sample] : samples) {
      if (sample.histogram == nullptr) {
        TakeHistograms();
        floats_.push_back(t, sample.value, sample.start);
        if (floats_.size() == kSamplesPerChunk) TakeFloats();
      } else {
        TakeFloats();
        histograms_.Append(t, *sample.histogram, sample.start);
      }
    }
    TakeFloats();
    TakeHistograms();
    return std::move(chunks_);
  }

 private:
  void TakeFloats() {
    const size_t count = floats_.size();
    if (count == 0) return;
    const std::vector<int64_t>& t = floats_.t;
    if (with_start_) {
      floats_.st.resize(count);
      chunks_.push_back(
          MakeChunk(ChunkEncoding::kXor2, t.front(), t.back(),
                    promql::EncodeXor2(t.data(), floats_.v.data(), floats_.st.data(), count)));
    } else {
      chunks_.push_back(MakeChunk(ChunkEncoding::kXor, t.front(), t.back(),
                                  promql::EncodeXor(t.data(), floats_.v.data(), count)));
    }
    floats_.clear();
  }

  void TakeHistograms() {
    for (promql::EncodedChunk& chunk : histograms_.Take()) {
      chunks_.push_back(
          MakeChunk(chunk.encoding, chunk.min_t, chunk.max_t, std::move(chunk.bytes)));
    }
  }

  const bool with_start_;
  promql::SampleColumns floats_;
  promql::HistogramWriter<FloatHistogram> histograms_;
  std::vector<Chunk> chunks_;
};

// Every other series is decoded into columns, so that scripts prove both ways of reading.
absl::StatusOr<RawSeries> ToRaw(const Labels& labels, const StoredSamples& samples,
                                bool as_columns) {
  const bool with_start =
      std::ranges::any_of(samples, [](const auto& sample) { return sample.second.start != 0; });
  RawSeries chunked{labels, ChunkWriter(with_start).Write(samples), {}};
  if (!as_columns) return chunked;
  RawSeries raw{labels, promql::SampleColumns(), {}};
  RETURN_IF_ERROR(promql::ReadSamples(chunked, INT64_MIN, INT64_MAX,
                                      std::get<promql::SampleColumns>(raw.data), &raw.histograms));
  return raw;
}

}  // namespace

absl::Status Store::Load(const LoadCommand& load) {
  stored_.clear();
  // Of one label set within a load the last line counts.
  std::map<Labels, StoredSamples> loaded;
  for (const LoadedSeries& series : load.series) {
    StoredSamples& samples = loaded[series.description.labels];
    samples.clear();
    for (size_t i = 0; i < series.description.items.size(); ++i) {
      const promql::SeriesItem& item = series.description.items[i];
      if (item.omitted) continue;
      const int64_t t = static_cast<int64_t>(i) * load.step_ms;
      StoredSample sample{item.value, item.histogram, 0};
      if (!series.start_offsets.empty() && series.start_offsets[i].has_value()) {
        sample.start = t + *series.start_offsets[i];
      }
      samples[t] = std::move(sample);
    }
  }
  if (load.with_nhcb) RETURN_IF_ERROR(AddNativeOfClassic(loaded));
  for (auto& [labels, samples] : loaded) series_[labels].merge(samples);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<promql::MemorySource>> Store::Source() {
  if (stored_.empty()) {
    for (const auto& [labels, samples] : series_) {
      ASSIGN_OR_RETURN(stored_.emplace_back(), ToRaw(labels, samples, stored_.size() % 2 == 1));
    }
  }
  return std::make_unique<promql::MemorySource>(stored_);
}

absl::StatusOr<std::vector<RawSeries>> Store::Chunked() const {
  std::vector<RawSeries> out;
  for (const auto& [labels, samples] : series_) {
    ASSIGN_OR_RETURN(out.emplace_back(), ToRaw(labels, samples, /*as_columns=*/false));
  }
  return out;
}

}  // namespace synoptic::promqltest
