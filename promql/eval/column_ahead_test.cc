// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/column_ahead.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>
#include <thread>

#include "base/executor.h"
#include "base/status.h"
#include "promql/eval/evaluator.h"
#include "promql/eval/memory_source.h"
#include "promql/parse/parser.h"
#include "promql/parse/preprocess.h"

namespace synoptic::promql {
namespace {

constexpr int64_t kStep = 10'000;
constexpr Grid kGrid = {1'000'000, 1'000'000 + 999 * kStep, kStep};

// Each piece of work gets a thread of its own.
class ThreadEach final : public Executor {
 public:
  ~ThreadEach() override {
    for (std::thread& thread : started_) thread.join();
  }
  int threads() const override { return 4; }
  void Post(std::function<void()> work) override { started_.emplace_back(std::move(work)); }

 private:
  std::vector<std::thread> started_;
};

// All work waits until the query is over.
class TooLate final : public Executor {
 public:
  ~TooLate() override {
    for (const auto& work : posted_) work();
  }
  int threads() const override { return 4; }
  void Post(std::function<void()> work) override { posted_.push_back(std::move(work)); }

 private:
  std::vector<std::function<void()>> posted_;
};

// Counters with resets and holes, as chunks.
std::vector<RawSeries> ManySeries() {
  std::mt19937_64 rng(1);  // NOLINT: the same series in every run
  std::vector<RawSeries> all;
  for (int i = 0; i < 500; ++i) {
    RawSeries series;
    series.labels = Labels::From({{"__name__", "requests"}, {"l", std::to_string(i)}});
    auto& chunks = series.data.emplace<std::vector<Chunk>>();
    double v = 0;
    for (int64_t t = kGrid.start - 600'000; t <= kGrid.end;) {
      std::vector<int64_t> times;
      std::vector<double> values;
      for (int n = 0; n < 120; ++n, t += kStep) {
        v = rng() % 500 == 0 ? 0 : v + std::uniform_real_distribution<double>(0, 9)(rng);
        times.push_back(t);
        values.push_back(v);
      }
      if (rng() % 10 == 0) t += 1'000'000;
      const auto bytes =
          std::make_shared<const std::string>(EncodeXor(times.data(), values.data(), times.size()));
      chunks.push_back({times.front(), times.back(), ChunkEncoding::kXor, *bytes, bytes});
    }
    all.push_back(std::move(series));
  }
  return all;
}

class ColumnAheadTest : public ::testing::Test {
 protected:
  absl::StatusOr<EvalResult> Run(std::string_view query, Executor* executor) {
    ASSIGN_OR_RETURN(ExprPtr expr, ParseExpr(query));
    ASSIGN_OR_RETURN(expr, Preprocess(std::move(expr), kGrid));
    source_.Bind(*expr);
    EvalOptions options;
    options.grid = kGrid;
    options.range_query = true;
    options.query_text = query;
    options.budget = &budget_;
    options.cancel = &cancel_;
    options.executor = executor;
    return Evaluate(*expr, options, source_);
  }

  void ExpectSame(std::string_view query, Executor* executor) {
    const auto one = Run(query, nullptr), many = Run(query, executor);
    ASSERT_TRUE(one.ok() && many.ok()) << one.status() << " " << many.status();
    EXPECT_EQ(one->stats.samples_read, many->stats.samples_read);
    EXPECT_EQ(one->annotations.infos(), many->annotations.infos());
    ASSERT_EQ(one->value.series.size(), many->value.series.size());
    ASSERT_FALSE(one->value.series.empty());
    for (size_t i = 0; i < one->value.series.size(); ++i) {
      const StepSeries &a = one->value.series[i], &b = many->value.series[i];
      ASSERT_EQ(a.labels, b.labels);
      for (size_t s = 0; s < a.values.size(); ++s) {
        ASSERT_EQ(std::bit_cast<uint64_t>(a.values[s]), std::bit_cast<uint64_t>(b.values[s]))
            << query << " series " << i << " step " << s;
      }
    }
  }

  MemorySource source_{ManySeries()};
  MemoryBudget budget_{"query memory", int64_t{1} << 30};
  CancelToken cancel_;
};

constexpr const char* kQueries[] = {
    "requests",
    "rate(requests[5m])",
    "sum(rate(requests[5m]))",
    "avg by (l) (stddev_over_time(requests[1m])) - requests",
    "topk(3, increase(requests[10m]))",
    "max_over_time(sum(rate(requests[2m]))[10m:1m])",
};

TEST_F(ColumnAheadTest, ManyThreadsGiveTheSameBits) {
  for (const char* query : kQueries) {
    ThreadEach executor;
    ExpectSame(query, &executor);
  }
}

TEST_F(ColumnAheadTest, NobodyWaitsForHelpThatComesTooLate) {
  for (const char* query : kQueries) {
    TooLate executor;
    ExpectSame(query, &executor);
    EXPECT_EQ(budget_.used(), 0);
  }
}

TEST_F(ColumnAheadTest, TheFirstSeriesThatFailsFailsTheQuery) {
  std::vector<RawSeries> series = ManySeries();
  for (const size_t bad : {100, 101, 300}) {
    std::get<std::vector<Chunk>>(series[bad].data)[2].bytes = "\x01\x00 nonsense";
  }
  source_ = MemorySource(std::move(series));
  for (const char* query : {"requests", "rate(requests[5m])"}) {
    const auto one = Run(query, nullptr);
    EXPECT_EQ(one.status().code(), absl::StatusCode::kDataLoss);
    ThreadEach executor;
    EXPECT_EQ(Run(query, &executor).status(), one.status());
  }
  EXPECT_EQ(budget_.used(), 0);
}

TEST_F(ColumnAheadTest, ACancelledQueryEndsItsThreads) {
  ThreadEach executor;
  std::thread other([&] { cancel_.Cancel(CancelReason::kCancelled); });
  const auto result = Run("sum(quantile_over_time(0.9, requests[1h]))", &executor);
  other.join();
  if (!result.ok()) EXPECT_EQ(result.status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(budget_.used(), 0);
}

TEST_F(ColumnAheadTest, MemoryAheadIsChargedAndDoneWithoutWhenThereIsNone) {
  const auto one = Run("sum(rate(requests[5m]))", nullptr);
  ASSERT_TRUE(one.ok());
  const int64_t needed = budget_.peak();
  {
    ThreadEach executor;
    ASSERT_TRUE(Run("sum(rate(requests[5m]))", &executor).ok());
  }
  EXPECT_GT(budget_.peak(), needed);
}

}  // namespace
}  // namespace synoptic::promql
