// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What a query may cost: everything that walks a tree stands the highest one the parser lets
// through, on a small stack; and what is held is charged before it is.
#include <pthread.h>

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/status.h"
#include "promql/eval/evaluator.h"
#include "promql/eval/memory_source.h"
#include "promql/parse/parser.h"
#include "promql/parse/preprocess.h"
#include "promql/parse/printer.h"
#include "promql/plan/plan.h"

namespace synoptic::promql {
namespace {

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SYNOPTIC_LARGE_FRAMES 1
#endif
#endif
// Threads of the compute pool have 8 MiB.
#ifdef SYNOPTIC_LARGE_FRAMES
constexpr size_t kStackBytes = 8 << 20;
#else
constexpr size_t kStackBytes = 4 << 20;
#endif

void* Call(void* function) {
  (*static_cast<std::function<void()>*>(function))();
  return nullptr;
}

void RunOnSmallStack(std::function<void()> function) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, kStackBytes), 0);
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, &attributes, Call, &function), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

RawSeries Series(const char* name, const char* label = "1") {
  SampleColumns samples;
  for (int64_t t = 0; t <= 600'000; t += 15'000) samples.push_back(t, static_cast<double>(t));
  return {Labels::From({{"__name__", name}, {"a", label}}), std::move(samples)};
}

std::string Chain(std::string first, std::string_view next, int times) {
  for (int i = 0; i < times; ++i) first += next;
  return first;
}

// All that a query goes through.
absl::Status Everything(const std::string& text) {
  ASSIGN_OR_RETURN(ExprPtr tree, ParseExpr(text));
  ASSIGN_OR_RETURN(const ExprPtr again, ParseExpr(Print(*tree)));
  if (ToJson(*again) != ToJson(*tree)) return absl::InternalError("prints as another tree");
  if (Prettify(*tree).empty()) return absl::InternalError("prints as nothing");
  const Grid grid{0, 600'000, 60'000};
  ASSIGN_OR_RETURN(tree, Preprocess(Clone(*tree), grid));
  MemorySource source({Series("x"), Series("y")});
  ExprPtr planned = Clone(*tree);
  source.Bind(*tree);
  EvalOptions options;
  options.grid = grid;
  options.range_query = true;
  RETURN_IF_ERROR(Evaluate(*tree, options, source).status());
  const Topology topology{{{"eu", "main", Labels::From({{"region", "eu"}})},
                           {"us", "main", Labels::From({{"region", "us"}})}}};
  PlanOptions plan_options;
  plan_options.grid = grid;
  plan_options.range_query = true;
  ASSIGN_OR_RETURN(const Plan plan, MakePlan(std::move(planned), topology, plan_options));
  return ExplainPlan(plan, topology).empty() ? absl::InternalError("no plan") : absl::OkStatus();
}

TEST(Limits, TheHighestTreeIsNoDeepRecursion) {
  const int most = ParseOptions().max_height - 2;
  const std::string queries[] = {
      Chain("1", "+1", most),
      Chain("x", "+1", most),
      Chain("x", " > bool 1", most),
      Chain("x", " or y", 199),
      Chain("x", "*on(a)y", 199),
      "sum(" + Chain("x", "/2", most - 1) + ")",
      Chain(std::string(120, '(') + "x" + std::string(120, ')'), "-1", most - 130),
      "x" + Chain("", "^2", 100),
      Chain("", "-", 100) + "x",
      Chain("", "abs(", 60) + "x" + std::string(60, ')'),
      Chain("", "sum(", 60) + "x" + std::string(60, ')'),
      Chain("x", "[1m:30s]", 0),
  };
  for (const std::string& text : queries) {
    RunOnSmallStack([&text] {
      if (text.ends_with("]")) return;  // a range query's value is no range
      const absl::Status status = Everything(text);
      EXPECT_TRUE(status.ok()) << text.substr(0, 20) << ": " << status;
    });
  }
}

TEST(Limits, AHigherTreeIsRefusedByName) {
  EXPECT_EQ(MessageOf(ParseExpr(Chain("1", "+1", 1'500)).status()),
            "1:1: parse error: expression is more than 1000 operations deep");
  EXPECT_EQ(MessageOf(ParseExpr(Chain("x", " or x", 250)).status()),
            "1:1001: parse error: expression has more than 200 selectors");
}

absl::Status Evaluated(const std::string& text, int64_t memory) {
  ASSIGN_OR_RETURN(ExprPtr tree, ParseExpr(text));
  const Grid grid{0, 600'000, 100};
  ASSIGN_OR_RETURN(tree, Preprocess(std::move(tree), grid));
  std::vector<RawSeries> series;
  for (int i = 0; i < 20; ++i) series.push_back(Series("x", std::to_string(i).c_str()));
  MemorySource source(std::move(series));
  source.Bind(*tree);
  MemoryBudget budget("query memory", memory);
  EvalOptions options;
  options.grid = grid;
  options.range_query = true;
  options.budget = &budget;
  return Evaluate(*tree, options, source).status();
}

// 6,001 steps: 48 kB a column.
TEST(Limits, ColumnsAreChargedBeforeTheyAreHeld) {
  for (const char* text : {"count_values(\"v\", x)", "x", "sum by (a) (x)", "x and x", "sort(x)",
                           "topk(5, x)", "quantile(0.5, x)", "x + on (a) x"}) {
    const absl::Status status = Evaluated(text, 200'000);
    EXPECT_TRUE(absl::IsResourceExhausted(status)) << text << ": " << status;
    EXPECT_NE(MessageOf(status).find("query memory"), std::string_view::npos) << text;
    EXPECT_TRUE(Evaluated(text, 200'000'000).ok()) << text;
  }
}

TEST(Limits, ScalarsAreChargedToo) {
  EXPECT_TRUE(absl::IsResourceExhausted(Evaluated("time() + 1", 90'000)));
  EXPECT_TRUE(Evaluated("time() + 1", 200'000).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(Evaluated("vector(scalar(x) * 2)", 90'000)));
}

// The answer, and what waits for a partner or for members of its group to come.
TEST(Limits, SeriesInOneOrderAreNotHeld) {
  std::vector<RawSeries> data;
  std::vector<std::string> labels;
  constexpr int kSeries = 50;
  for (const char* name : {"x", "y"}) {
    for (int i = 0; i < kSeries; ++i) {
      data.push_back(Series(name, labels.emplace_back(std::to_string(100 + i)).c_str()));
    }
  }
  const Grid grid{0, 600'000, 60'000};
  for (const char* text : {"x - y", "x - on (a) y", "sum by (a) (x)", "avg by (a) (x)",
                           "stddev by (a) (x)", "max by (a) (x)"}) {
    ExprPtr tree = Preprocess(ParseExpr(text).value(), grid).value();
    MemorySource source(data);
    source.Bind(*tree);
    EvalOptions options;
    options.grid = grid;
    options.range_query = true;
    const auto result = Evaluate(*tree, options, source);
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->value.series.size(), size_t{kSeries}) << text;
    EXPECT_LE(result->stats.peak_samples, static_cast<int64_t>((kSeries + 4) * grid.size()))
        << text;
  }
}

}  // namespace
}  // namespace synoptic::promql
