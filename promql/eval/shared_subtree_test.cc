// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/shared_subtree.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "promql/eval/eval_test_support.h"

namespace synoptic::promql {
namespace {

using eval_test::Minutes;
using eval_test::Series;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<RawSeries> Data() {
  return {Series("a{i=\"1\"} 1+2x10"), Series("a{i=\"2\"} 5-1x10"), Series("b{i=\"1\"} 3+3x10")};
}

// Counts how often leaves are read.
class CountingSource final : public DataSource {
 public:
  explicit CountingSource(DataSource& data) : data_(data) {}
  absl::StatusOr<std::span<const RawSeries>> Raw(int fetch_id) override {
    ++reads;
    return data_.Raw(fetch_id);
  }
  absl::StatusOr<std::span<const StepSeries>> Steps(int fetch_id, const Grid& grid) override {
    return data_.Steps(fetch_id, grid);
  }
  int reads = 0;

 private:
  DataSource& data_;
};

struct Outcome {
  std::vector<std::string> lines;
  int reads = 0;
  int64_t samples_read = 0;
};

Outcome Evaluated(const std::string& text) {
  EvalOptions options = Minutes(2, 8);
  options.query_text = text;
  ExprPtr tree = ParseExpr(text).value();
  tree = Preprocess(std::move(tree), options.grid).value();
  MemorySource memory(Data());
  memory.Bind(*tree);
  CountingSource source(memory);
  const auto result = Evaluate(*tree, options, source);
  if (!result.ok()) return {{std::string(result.status().message())}, source.reads, 0};
  return {eval_test::Text(*result), source.reads, result->stats.samples_read};
}

TEST(SharedSubtrees, AreReadOnceAndAnswerAsEachAlone) {
  struct Case {
    std::string with, without;  // the same but for the twins: `by ()` is another text
    int reads;
  };
  const std::vector<Case> cases = {
      {"(sum(a) - sum(b)) / sum(a)", "(sum(a) - sum(b)) / sum by () (a)", 2},
      {"sum by (i) (a) and sum by(i)(a) > 4", "sum by (i) (a) and sum by (i, i) (a) > 4", 1},
      {"max(sum by (i) (a)) - max(sum by (i) (a))",
       "max(sum by (i) (a)) - max by () (sum by (i) (a))", 1},
      {"max(sum by (i) (a)) - on() group_right sum by (i) (a)",
       "max(sum by (i) (a)) - on() group_right sum by (i, i) (a)", 1},
      {"max_over_time(sum(a)[3m:1m]) - sum(a)", "max_over_time(sum(a)[3m:1m]) - sum by () (a)", 2},
      {"sum(a) + sum(a @ 120) + sum(a @ 120)", "sum(a) + sum(a @ 120) + sum by () (a @ 120)", 2},
      {"sum(a offset 1m) - sum(a)", "sum(a offset 1m) - sum by () (a)", 2},
      {"sum(a{i=\"3\"}) or sum(a{i=\"3\"})", "sum(a{i=\"3\"}) or sum by () (a{i=\"3\"})", 1},
  };
  for (const Case& c : cases) {
    const Outcome with = Evaluated(c.with), without = Evaluated(c.without);
    EXPECT_EQ(with.lines, without.lines) << c.with;
    EXPECT_EQ(with.samples_read, without.samples_read) << c.with;
    EXPECT_EQ(with.reads, c.reads) << c.with;
    EXPECT_GE(without.reads, c.reads) << c.with;
  }
}

TEST(SharedSubtrees, TellTheirNotesAtTheLastPlace) {
  const Outcome run = Evaluated("sum(rate(a[2m])) + sum(rate(a[2m]))");
  EXPECT_EQ(run.reads, 1);
  ASSERT_EQ(run.lines.size(), 2U);
  EXPECT_THAT(run.lines[1], HasSubstr("might not be a counter"));
  EXPECT_THAT(run.lines[1], HasSubstr("(1:29)"));
  // Positions inside of other words are not a shift away.
  const Outcome spaced = Evaluated("sum(rate(a[2m])) + sum( rate(a[2m]))");
  EXPECT_EQ(spaced.reads, 2);
  EXPECT_THAT(spaced.lines[1], HasSubstr("(1:30)"));
}

TEST(SharedSubtrees, TellTheErrorOfTheFirst) {
  // `a` without its labels matches itself twice.
  EXPECT_THAT(Evaluated("sum(a + on() a) + sum(a + on() a)").lines,
              ElementsAre(HasSubstr("many-to-many matching not allowed")));
  EXPECT_THAT(Evaluated("(b + on() a) + (sum(a + on() b) - sum(a + on() b))").lines,
              ElementsAre(HasSubstr("right hand-side")));
}

}  // namespace
}  // namespace synoptic::promql
