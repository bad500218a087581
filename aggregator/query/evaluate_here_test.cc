// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/evaluate_here.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aggregator/query/memory.h"
#include "aggregator/upstream/reason.h"
#include "net/async/testing.h"

namespace synoptic::aggregator {
namespace {

using promql::Labels;

constexpr int64_t kNow = 1'700'000'000'000;

// m{kind="float"} is a float, m{kind="histogram"} a native histogram.
Task<RawAnswer> Both(RawRequest) {
  RawAnswer answer;
  promql::SampleColumns floats;
  floats.push_back(kNow - 1000, 1);
  answer.series.push_back(
      {Labels::From({{"__name__", "m"}, {"kind", "float"}}), std::move(floats)});
  auto h = std::make_shared<promql::FloatHistogram>();
  h->count = h->zero_count = 3;
  promql::HistogramColumns histograms;
  histograms.t.push_back(kNow - 1000);
  histograms.h.push_back(std::move(h));
  answer.series.push_back({Labels::From({{"__name__", "m"}, {"kind", "histogram"}}),
                           promql::SampleColumns(), std::move(histograms)});
  co_return answer;
}

TEST(EvaluateHere, SaysThatHistogramsAreMissingWhereFloatsMetThem) {
  AsyncTest loop;
  ComputePool pool{1};
  TaskGroup legs;
  const struct {
    const char* text;
    const char* reason;  // empty: an answer
  } cases[] = {
      {"sum(m)", "histograms"},  // their sum is no value, but a part of a larger one
      {"avg by (job) (m)", "histograms"}, {"m", "histograms"}, {"count(m)", ""},
      {"count by (kind) (m)", ""},
  };
  for (const auto& [text, reason] : cases) {
    StepRequest request;
    request.text = text;
    request.grid = promql::Grid::Instant(kNow);
    request.instant = true;
    auto memory = std::make_shared<LegMemory>(std::make_shared<QueryMemory>(nullptr, 0));
    const auto answer =
        loop.Run(EvaluateHere({"eu", "main", {}}, memory, Both, request,
                              FetchEnvironment{legs, loop.clock, std::chrono::seconds(10), pool}));
    EXPECT_EQ(ReasonOf(answer.status()), reason) << text << ": " << answer.status();
    if (*reason == 0) {
      EXPECT_TRUE(answer.ok()) << text << ": " << answer.status();
    }
  }
}

}  // namespace
}  // namespace synoptic::aggregator
