// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/promql/store.h"

namespace synoptic::promqltest {
namespace {

using promql::Chunk;
using promql::ChunkEncoding;
using promql::Labels;

constexpr size_t kSamplesPerChunk = 120;

Chunk MakeChunk(const promql::SampleColumns& samples, bool histogram) {
  Chunk chunk;
  chunk.min_t = samples.t.front();
  chunk.max_t = samples.t.back();
  chunk.encoding = histogram ? ChunkEncoding::kFloatHistogram : ChunkEncoding::kXor;
  chunk.owner = std::make_shared<const std::string>(
      histogram ? "" : promql::EncodeXor(samples.t.data(), samples.v.data(), samples.size()));
  chunk.bytes = *chunk.owner;
  return chunk;
}

std::string_view WithoutHistogramSuffix(std::string_view name) {
  for (const std::string_view suffix : {"_bucket", "_count", "_sum"}) {
    if (name.ends_with(suffix)) return name.substr(0, name.size() - suffix.size());
  }
  return {};
}

}  // namespace

void Store::Load(const LoadCommand& load) {
  // Of one label set within a load the last line counts.
  std::map<Labels, const SeriesText*> last;
  for (const SeriesText& series : load.series) last[series.labels] = &series;
  for (const auto& [labels, series] : last) {
    LoadSeries(*series, load.step_ms);
    if (load.with_nhcb) LoadClassicAsNative(*series, load.step_ms);
  }
  with_start_timestamps_.insert(load.with_start_timestamps.begin(),
                                load.with_start_timestamps.end());
}

void Store::LoadSeries(const SeriesText& series, int64_t step_ms) {
  for (size_t i = 0; i < series.values.size(); ++i) {
    if (series.values[i].omitted) continue;
    series_[series.labels][static_cast<int64_t>(i) * step_ms] = series.values[i];
  }
}

void Store::LoadClassicAsNative(const SeriesText& series, int64_t step_ms) {
  const std::string_view base = WithoutHistogramSuffix(series.labels.Get(promql::kMetricName));
  if (base.empty()) return;
  promql::LabelsBuilder builder(series.labels);
  builder.Set(promql::kMetricName, base).Delete(promql::kBucketLabel);
  SeriesText native{builder.Build(), series.values};
  for (SequenceValue& value : native.values) value.histogram = true;
  LoadSeries(native, step_ms);
}

void Store::Clear() {
  series_.clear();
  with_start_timestamps_.clear();
}

std::unique_ptr<promql::MemorySource> Store::Source() const {
  std::vector<promql::RawSeries> out;
  for (const auto& [labels, samples] : series_) {
    std::vector<Chunk> chunks;
    promql::SampleColumns columns;
    bool histogram = false, any_histogram = false;
    const auto flush = [&] {
      if (!columns.empty()) chunks.push_back(MakeChunk(columns, histogram));
      columns.clear();
    };
    for (const auto& [t, sample] : samples) {
      if (sample.histogram != histogram || columns.size() == kSamplesPerChunk) flush();
      histogram = sample.histogram;
      any_histogram = any_histogram || histogram;
      columns.push_back(t, sample.value);
    }
    // Every other series stays in columns, so that scripts prove both ways of reading.
    const bool as_columns = !any_histogram && chunks.empty() && out.size() % 2 == 1;
    if (as_columns) {
      out.push_back({labels, std::move(columns)});
    } else {
      flush();
      out.push_back({labels, std::move(chunks)});
    }
  }
  return std::make_unique<promql::MemorySource>(std::move(out));
}

}  // namespace synoptic::promqltest
