// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Native histograms: chunks of 120 samples with 40 buckets in three spans, a third of which grows
// between samples, and arithmetic on what they hold.
#include <random>

#include "benchmark/benchmark.h"
#include "promql/model/chunk.h"
#include "promql/model/histogram_math.h"
#include "promql/model/histogram_writer.h"

namespace synoptic::bench {
namespace {

using promql::FloatHistogram;

constexpr int kSamples = 120;

std::vector<FloatHistogram> Samples() {
  std::mt19937_64 rng(1);  // NOLINT: the same samples in every run
  FloatHistogram h;
  h.schema = 3;
  h.zero_threshold = 0x1p-128;
  h.positive_spans = {{-10, 25}, {2, 10}, {1, 5}};
  for (int i = 0; i < 40; ++i) {
    h.positive_buckets.push_back(static_cast<double>(1000 + rng() % 1000));
  }
  std::vector<FloatHistogram> all;
  for (int i = 0; i < kSamples; ++i) {
    for (double& bucket : h.positive_buckets) {
      if (rng() % 3 != 0) continue;
      const double inc = static_cast<double>(rng() % 20);
      bucket += inc;
      h.count += inc;
    }
    h.sum += 0.37 * static_cast<double>(rng() % 100);
    all.push_back(h);
  }
  return all;
}

template <class H>
std::string Encode(H (*convert)(const FloatHistogram&)) {
  promql::HistogramWriter<H> writer(false);
  int64_t t = 1'700'000'000'000;
  for (const FloatHistogram& h : Samples()) writer.Append(t += 15000, convert(h));
  return writer.Take().at(0).bytes;
}

void Decode(benchmark::State& state, promql::ChunkEncoding encoding, const std::string& bytes) {
  for (auto _ : state) {
    promql::HistogramColumns out;
    if (!DecodeHistograms(encoding, bytes, INT64_MIN, INT64_MAX, out).ok() ||
        out.size() != kSamples) {
      return state.SkipWithError("not decoded");
    }
    benchmark::DoNotOptimize(out);
  }
  state.counters["ns/sample"] = benchmark::Counter(
      kSamples * 1e-9, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
  state.counters["bytes/sample"] = static_cast<double>(bytes.size()) / kSamples;
}

void HistogramDecodeInteger(benchmark::State& state) {
  Decode(state, promql::ChunkEncoding::kHistogram,
         Encode<promql::IntegerHistogram>(
             [](const FloatHistogram& h) { return promql::ToInteger(h).value(); }));
}
void HistogramDecodeFloat(benchmark::State& state) {
  Decode(state, promql::ChunkEncoding::kFloatHistogram,
         Encode<FloatHistogram>([](const FloatHistogram& h) { return h; }));
}

void HistogramAdd(benchmark::State& state) {
  const std::vector<FloatHistogram> all = Samples();
  FloatHistogram sum = all[0];
  for (auto _ : state) {
    benchmark::DoNotOptimize(promql::Add(sum, all[1]).ok());
  }
}
void HistogramKahanAdd(benchmark::State& state) {
  const std::vector<FloatHistogram> all = Samples();
  FloatHistogram sum = all[0];
  std::optional<FloatHistogram> c;
  for (auto _ : state) {
    benchmark::DoNotOptimize(promql::KahanAdd(sum, all[1], c).ok());
  }
}
// With a bucket that the other misses.
void HistogramAddOtherLayout(benchmark::State& state) {
  const std::vector<FloatHistogram> all = Samples();
  FloatHistogram other = all[1];
  other.positive_spans = {{-10, 25}, {2, 10}, {2, 5}};
  for (auto _ : state) {
    FloatHistogram sum = all[0];
    benchmark::DoNotOptimize(promql::Add(sum, other).ok());
  }
}
void HistogramRate(benchmark::State& state) {
  const std::vector<FloatHistogram> all = Samples();
  for (auto _ : state) {
    FloatHistogram rate = all[20];
    benchmark::DoNotOptimize(promql::Subtract(rate, all[0]).ok());
    promql::Multiply(rate, 1.0 / 300);
    promql::Compact(rate, 0);
    benchmark::DoNotOptimize(rate);
  }
}
void HistogramDetectReset(benchmark::State& state) {
  const std::vector<FloatHistogram> all = Samples();
  for (auto _ : state) {
    benchmark::DoNotOptimize(promql::DetectReset(all[1], all[0]));
  }
}

BENCHMARK(HistogramDecodeInteger);
BENCHMARK(HistogramDecodeFloat);
BENCHMARK(HistogramAdd);
BENCHMARK(HistogramKahanAdd);
BENCHMARK(HistogramAddOtherLayout);
BENCHMARK(HistogramRate);
BENCHMARK(HistogramDetectReset);

}  // namespace
}  // namespace synoptic::bench
