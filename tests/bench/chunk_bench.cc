// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Nanoseconds per sample of decoding XOR chunks of 120 samples: ours and a plain bit reader.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "promql/model/chunk.h"
#include "tests/bench/plain_xor.h"

namespace synoptic::bench {
namespace {

constexpr size_t kChunkSamples = 120;
constexpr size_t kChunks = 200;

enum Kind : int64_t { kConstant, kCounter, kFloatCounter, kRandom, kJittered };
constexpr const char* kNames[] = {"constant", "counter", "float counter", "random", "jittered"};

std::vector<std::string> MakeChunks(int64_t kind) {
  std::mt19937_64 rng(1);  // NOLINT: the same data in every run
  std::uniform_real_distribution<double> uniform(0, 1);
  std::normal_distribution<double> normal(0, 1000);
  std::vector<std::string> chunks;
  double v = 0;
  for (size_t c = 0; c < kChunks; ++c) {
    std::vector<int64_t> t;
    std::vector<double> values;
    for (size_t i = 0; i < kChunkSamples; ++i) {
      const int64_t jitter = kind == kJittered ? static_cast<int64_t>(rng() % 11) - 5 : 0;
      t.push_back(1'700'000'000'000 + static_cast<int64_t>(c * kChunkSamples + i) * 15'000 +
                  jitter);
      if (kind == kCounter || kind == kJittered) v += static_cast<double>(rng() % 1000);
      if (kind == kFloatCounter) v += uniform(rng);
      if (kind == kRandom) v = normal(rng);
      values.push_back(v);
    }
    chunks.push_back(promql::EncodeXor(t.data(), values.data(), t.size()));
  }
  return chunks;
}

template <class Decode>
void Run(benchmark::State& state, Decode decode) {
  const std::vector<std::string> chunks = MakeChunks(state.range(0));
  promql::SampleColumns out;
  size_t bytes = 0;
  for (const std::string& chunk : chunks) bytes += chunk.size();
  for (auto _ : state) {
    for (const std::string& chunk : chunks) {
      out.clear();
      if (!decode(chunk, out)) std::abort();
      benchmark::DoNotOptimize(out.v.data());
    }
  }
  constexpr double kSamples = static_cast<double>(kChunks * kChunkSamples);
  state.SetLabel(kNames[state.range(0)]);
  state.counters["ns/sample"] = benchmark::Counter(
      kSamples * 1e-9, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
  state.counters["bytes/sample"] = static_cast<double>(bytes) / kSamples;
}

void Ours(benchmark::State& state) {
  Run(state, [](const std::string& chunk, promql::SampleColumns& out) {
    return promql::DecodeXor(chunk, INT64_MIN, INT64_MAX, out).ok();
  });
}

void Plain(benchmark::State& state) {
  Run(state, [](const std::string& chunk, promql::SampleColumns& out) {
    return PlainDecodeXor(chunk, out);
  });
}

BENCHMARK(Plain)->DenseRange(kConstant, kJittered);
BENCHMARK(Ours)->DenseRange(kConstant, kJittered);

}  // namespace
}  // namespace synoptic::bench
