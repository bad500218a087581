// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Microseconds per series of range functions over 1,000 steps of a minute, samples every 15 s: the
// width of the window should matter little.
#include <benchmark/benchmark.h>

#include <random>
#include <string>
#include <vector>

#include "promql/functions/range.h"
#include "promql/model/sample.h"

namespace synoptic::bench {
namespace {

using promql::FunctionId;

constexpr int64_t kMinute = 60'000;
constexpr int64_t kDay = 24 * 60 * kMinute;
constexpr int64_t kSteps = 1000;

enum class Data { kCounter, kFloats };

promql::SampleColumns MakeSeries(Data data) {
  std::mt19937_64 rng(1);  // NOLINT: the same data in every run
  std::normal_distribution<double> normal(0, 1000);
  promql::SampleColumns out;
  double v = 0;
  for (int64_t t = 0; t < kDay + kSteps * kMinute; t += 15'000) {
    v = data == Data::kCounter ? v + static_cast<double>(rng() % 100) : normal(rng);
    out.push_back(t, v);
  }
  return out;
}

void Run(benchmark::State& state, FunctionId id, Data data, int64_t range_ms) {
  const promql::SampleColumns samples = MakeSeries(data);
  const promql::Grid grid{kDay, kDay + (kSteps - 1) * kMinute, kMinute};
  const std::vector<double> half(grid.size(), 0.5);
  std::vector<double> out(grid.size());
  const promql::RangeInput input{samples.t, samples.v, grid, range_ms, 0, half, half};
  for (auto _ : state) {
    promql::FindRangeKernel(id)(input, out);
    benchmark::DoNotOptimize(out.data());
  }
}

void Register(const std::string& name, FunctionId id, Data data) {
  for (const auto& [window, range_ms] :
       {std::pair{"minute", kMinute}, std::pair{"hour", 60 * kMinute}, std::pair{"day", kDay}}) {
    benchmark::RegisterBenchmark(
        (name + "/" + (data == Data::kCounter ? "counter/" : "floats/") + window).c_str(),
        [id, data, range = range_ms](benchmark::State& state) { Run(state, id, data, range); })
        ->Unit(benchmark::kMicrosecond);
  }
}

const bool kRegistered = [] {
  for (const Data data : {Data::kCounter, Data::kFloats}) {
    Register("rate", FunctionId::kRate, data);
    Register("sum_over_time", FunctionId::kSumOverTime, data);
    Register("max_over_time", FunctionId::kMaxOverTime, data);
    Register("stddev_over_time", FunctionId::kStddevOverTime, data);
    Register("quantile_over_time", FunctionId::kQuantileOverTime, data);
    Register("deriv", FunctionId::kDeriv, data);
    Register("double_exponential_smoothing", FunctionId::kDoubleExponentialSmoothing, data);
  }
  return true;
}();

}  // namespace
}  // namespace synoptic::bench
