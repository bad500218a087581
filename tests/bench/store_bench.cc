// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The store of recorded series beside what RocksDB itself costs for the same bytes: a put of a
// log's entry is the least that an append can cost.
#include <benchmark/benchmark.h>

#include <cmath>
#include <filesystem>

#include "aggregator/store/series_store.h"
#include "aggregator/store/testing.h"
#include "base/rocks.h"

namespace synoptic::aggregator {
namespace {

constexpr int64_t kStart = 1'700'000'000'000;
constexpr int64_t kStep = 15'000;

std::vector<NewSample> Evaluation(int64_t series) {
  std::vector<NewSample> samples;
  for (int64_t i = 0; i < series; ++i) {
    samples.push_back({promql::Labels::From({{"__name__", "job:requests:rate5m"},
                                             {"job", "service-" + std::to_string(i % 50)},
                                             {"region", "us-east-1"},
                                             {"pod", std::to_string(i)}})});
  }
  return samples;
}

// Rates that change a little each time.
void SetValues(std::vector<NewSample>& samples, int64_t slot) {
  for (size_t i = 0; i < samples.size(); ++i) {
    const double phase = static_cast<double>(slot) / 40 + static_cast<double>(i);
    samples[i].value = 100 + std::round(std::sin(phase) * 1000) / 100;
  }
}

int64_t BytesUnder(const std::string& path) {
  int64_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    if (entry.is_regular_file()) bytes += static_cast<int64_t>(entry.file_size());
  }
  return bytes;
}

// An evaluation of so many series, with upkeep as the program does it.
void Append(benchmark::State& state) {
  const ScratchDirectory directory;
  SeriesStoreOptions options;
  options.path = directory.path();
  auto store = SeriesStore::Open(options, kStart).value();
  std::vector<NewSample> samples = Evaluation(state.range(0));
  int64_t slot = 0;
  for (auto unused : state) {
    SetValues(samples, ++slot);
    if (!store->Append(kStart + slot * kStep, samples).ok()) state.SkipWithError("append failed");
    if (slot % 4 == 0 && !store->Maintain(kStart + slot * kStep).ok()) {
      state.SkipWithError("upkeep failed");
    }
  }
  const int64_t total = slot * state.range(0);
  state.SetItemsProcessed(total);
  store.reset();
  state.counters["bytes/sample"] =
      static_cast<double>(BytesUnder(options.path)) / static_cast<double>(total);
}
BENCHMARK(Append)->Arg(1)->Arg(100)->Arg(10'000)->Unit(benchmark::kMicrosecond)->MinTime(2);

// RocksDB alone: a value of the bytes that the log's entry has.
void PutFloor(benchmark::State& state) {
  const ScratchDirectory directory;
  RocksOptions options;
  options.path = directory.path();
  auto rocks = Rocks::Open(options).value();
  int64_t slot = 0;
  std::string value(static_cast<size_t>(state.range(0)) * 11, 'x');
  for (auto unused : state) {
    std::string key = std::to_string(1'000'000'000 + ++slot);
    for (size_t i = 0; i < value.size(); i += 11)
      value[i] = static_cast<char>(slot + static_cast<int64_t>(i));
    if (!rocks->db().Put({}, key, value).ok()) state.SkipWithError("put failed");
  }
  state.SetItemsProcessed(slot * state.range(0));
}
BENCHMARK(PutFloor)->Arg(1)->Arg(100)->Arg(10'000)->Unit(benchmark::kMicrosecond)->MinTime(2);

// A day of so many series, all samples, decoded.
void Read(benchmark::State& state) {
  const ScratchDirectory directory;
  SeriesStoreOptions options;
  options.path = directory.path();
  auto store = SeriesStore::Open(options, kStart).value();
  std::vector<NewSample> samples = Evaluation(state.range(0));
  constexpr int64_t kSlots = 5760;
  for (int64_t slot = 1; slot <= kSlots; ++slot) {
    SetValues(samples, slot);
    if (!store->Append(kStart + slot * kStep, samples).ok()) state.SkipWithError("append failed");
    if (slot % 20 == 0 && !store->Maintain(kStart + slot * kStep).ok()) {
      state.SkipWithError("upkeep failed");
    }
  }
  const auto selector = Selector("job:requests:rate5m");
  int64_t total = 0;
  for (auto unused : state) {
    const auto series = store->Read(selector, kStart, kStart + kSlots * kStep).value();
    for (const promql::RawSeries& one : series) {
      promql::SampleColumns out;
      benchmark::DoNotOptimize(promql::ReadSamples(one, kStart, INT64_MAX, out).ok());
      total += static_cast<int64_t>(out.size());
    }
  }
  if (total != static_cast<int64_t>(state.iterations()) * kSlots * state.range(0)) {
    state.SkipWithError("samples are missing");
  }
  state.SetItemsProcessed(total);
}
BENCHMARK(Read)->Arg(1)->Arg(100)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace synoptic::aggregator
