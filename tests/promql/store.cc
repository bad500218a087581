// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/promql/store.h"

#include "base/status.h"
#include "promql/model/histogram_math.h"
#include "tests/promql/classic_to_native.h"

namespace synoptic::promqltest {
namespace {

using promql::Chunk;
using promql::CounterResetHint;
using promql::FloatHistogram;
using promql::HistogramPtr;
using promql::Labels;
using promql::RawSeries;

constexpr size_t kSamplesPerChunk = 120;

Chunk MakeChunk(const promql::SampleColumns& samples, size_t first, size_t count) {
  Chunk chunk;
  chunk.min_t = samples.t[first];
  chunk.max_t = samples.t[first + count - 1];
  chunk.owner = std::make_shared<const std::string>(
      promql::EncodeXor(samples.t.data() + first, samples.v.data() + first, count));
  chunk.bytes = *chunk.owner;
  return chunk;
}

std::vector<Chunk> MakeChunks(const promql::SampleColumns& samples) {
  std::vector<Chunk> chunks;
  for (size_t i = 0; i < samples.size(); i += kSamplesPerChunk) {
    chunks.push_back(MakeChunk(samples, i, std::min(kSamplesPerChunk, samples.size() - i)));
  }
  return chunks;
}

bool IsGauge(const FloatHistogram& h) { return h.hint == CounterResetHint::kGauge; }

HistogramPtr WithHint(const FloatHistogram& h, CounterResetHint hint) {
  auto copy = std::make_shared<FloatHistogram>(h);
  copy->hint = hint;
  return copy;
}

// Prometheus keeps histograms in chunks of one layout without resets, and knows of the samples
// behind a chunk's first one, and of no other, that they are no resets.
class HistogramChunks {
 public:
  HistogramPtr Stored(const FloatHistogram& h) {
    const bool continued = previous_ != nullptr && Continues(h);
    previous_ = WithHint(h, h.hint);
    if (IsGauge(h)) return previous_;
    return WithHint(h, continued ? CounterResetHint::kNotReset : CounterResetHint::kUnknown);
  }
  void Interrupt() { previous_ = nullptr; }

 private:
  bool Continues(const FloatHistogram& h) const {
    if (IsGauge(h) != IsGauge(*previous_)) return false;
    if (!IsGauge(h) && h.hint == CounterResetHint::kReset) return false;
    if (promql::IsStaleNaN(h.sum)) return true;
    if (promql::IsStaleNaN(previous_->sum)) return false;
    if (h.schema != previous_->schema || h.zero_threshold != previous_->zero_threshold ||
        h.custom_values != previous_->custom_values) {
      return false;
    }
    return IsGauge(h) || !promql::DetectReset(*WithHint(h, CounterResetHint::kUnknown), *previous_);
  }

  HistogramPtr previous_;
};

RawSeries ToRaw(const Labels& labels, const StoredSamples& samples) {
  RawSeries raw{labels, promql::SampleColumns(), {}};
  auto& floats = std::get<promql::SampleColumns>(raw.data);
  HistogramChunks chunks;
  for (const auto& [t, sample] : samples) {
    if (sample.histogram != nullptr) {
      raw.histograms.push_back(t, chunks.Stored(*sample.histogram), sample.start);
    } else {
      chunks.Interrupt();
      floats.push_back(t, sample.value, sample.start);
    }
  }
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

std::unique_ptr<promql::MemorySource> Store::Source() {
  if (stored_.empty()) {
    for (const auto& [labels, samples] : series_) {
      RawSeries raw = ToRaw(labels, samples);
      const auto& floats = std::get<promql::SampleColumns>(raw.data);
      // Every other series is compressed, so that scripts prove both ways of reading.
      if (raw.histograms.empty() && floats.st.empty() && stored_.size() % 2 == 0) {
        raw.data = MakeChunks(floats);
      }
      stored_.push_back(std::move(raw));
    }
  }
  return std::make_unique<promql::MemorySource>(stored_);
}

}  // namespace synoptic::promqltest
