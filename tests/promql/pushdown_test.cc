// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A planned query, evaluated in parts on three shards and put together, against the same query over
// all series in one place. Thousands of random queries, the same on every machine: whatever the
// planner pushes down must not change an answer, and the windows it fetches must suffice.
#include <cmath>
#include <map>

#include "base/go_format.h"
#include "base/status.h"
#include "gtest/gtest.h"
#include "promql/eval/memory_source.h"
#include "promql/parse/parser.h"
#include "promql/parse/preprocess.h"
#include "promql/plan/plan.h"
#include "tests/promql/random_query.h"
#include "tests/promql/variants.h"

namespace synoptic::promqltest {
namespace {

using namespace promql;  // NOLINT: a test of that namespace

Labels Parse(const std::string& text) { return ParseMetric(text).value(); }

const Topology& TestTopology() {
  static const Topology topology{{{"eu", "a", Parse(R"({region="eu",shard="a"})")},
                                  {"eu", "b", Parse(R"({region="eu",shard="b"})")},
                                  {"us", "main", Parse(R"({region="us"})")}}};
  return topology;
}

Labels WithLabels(const Labels& labels, const Labels& added) {
  LabelsBuilder builder(labels);
  for (const Label& label : added) builder.Set(label.name, label.value);
  return builder.Build();
}

// No two series ever have the same value, so that ties never decide.
double Value(size_t series, int64_t step) {
  return static_cast<double>((series * 7919 + 13) % 101) +
         static_cast<double>((step * static_cast<int64_t>(series % 7 + 1)) % 41) +
         static_cast<double>(series) / 977;
}

SampleColumns Samples(size_t series, bool counter) {
  SampleColumns samples;
  double total = 0;
  for (int64_t step = 0; step < 60; ++step) {
    const double value = Value(series, step);
    total = counter && step % 23 == 22 ? value : total + value;
    if (series % 5 == 2 && step > 20 && step < 40) continue;  // a gap longer than the lookback
    if (series % 4 == 1 && step == 30) {
      samples.push_back(step * 30'000, StaleNaN());
    } else {
      samples.push_back(step * 30'000, counter ? total : value);
    }
  }
  return samples;
}

// Series of each shard, without the shard's labels.
const std::vector<std::vector<RawSeries>>& ShardData() {
  static const std::vector<std::vector<RawSeries>> data = [] {
    const char* const kSeries[] = {R"(c_total{job="a",i="0"})",
                                   R"(c_total{job="a",i="1"})",
                                   R"(c_total{job="b",i="0"})",
                                   R"(m{job="a",i="0"})",
                                   R"(m{job="a",i="1"})",
                                   R"(m{job="b",i="0"})",
                                   R"(n{job="a",i="0"})",
                                   R"(n{job="b",i="0"})",
                                   R"(one{job="a"})",
                                   R"(h_bucket{job="a",le="1"})",
                                   R"(h_bucket{job="a",le="10"})",
                                   R"(h_bucket{job="a",le="+Inf"})"};
    std::vector<std::vector<RawSeries>> shards(TestTopology().shards.size());
    size_t number = 0;
    for (size_t shard = 0; shard < shards.size(); ++shard) {
      for (const char* text : kSeries) {
        ++number;
        // Not every shard has everything, but whole histograms only.
        if (number % 6 == 3 && std::string_view(text)[0] != 'h') continue;
        const Labels labels = Parse(text);
        shards[shard].push_back({labels, Samples(number, text[0] == 'c' || text[0] == 'h')});
      }
    }
    return shards;
  }();
  return data;
}

struct Question {
  std::string text;
  Grid grid;
  bool range = false;
};

EvalOptions OptionsOf(const Question& question) {
  EvalOptions options;
  options.grid = question.grid;
  options.range_query = question.range;
  return options;
}

absl::StatusOr<QueryValue> Ask(const Question& question, std::vector<RawSeries> series) {
  ASSIGN_OR_RETURN(ExprPtr tree, ParseExpr(question.text, TestParseOptions()));
  ASSIGN_OR_RETURN(tree, Preprocess(std::move(tree), question.grid));
  MemorySource source(std::move(series));
  source.Bind(*tree);
  ASSIGN_OR_RETURN(EvalResult result, Evaluate(*tree, OptionsOf(question), source));
  return std::move(result.value);
}

absl::StatusOr<QueryValue> AskInOnePlace(const Question& question) {
  std::vector<RawSeries> all;
  for (size_t shard = 0; shard < ShardData().size(); ++shard) {
    for (const RawSeries& one : ShardData()[shard]) {
      all.push_back({WithLabels(one.labels, TestTopology().shards[shard].labels), one.data});
    }
  }
  return Ask(question, std::move(all));
}

// Shards answer a plan's fetches: nothing outside the planned windows, texts evaluated at the
// shard.
class PlannedSource final : public DataSource {
 public:
  absl::Status Answer(const Plan& plan) {
    for (const Fetch& fetch : plan.fetches) {
      for (size_t k = 0; k < fetch.shards.size(); ++k) {
        RETURN_IF_ERROR(fetch.form == Fetch::Form::kRaw ? FetchRaw(fetch, k)
                                                        : FetchSteps(fetch, k));
      }
      Sort(raw_[fetch.id]);
      Sort(steps_[fetch.id]);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::span<const RawSeries>> Raw(int fetch_id) override {
    return std::span<const RawSeries>(raw_[fetch_id]);
  }
  absl::StatusOr<std::span<const StepSeries>> Steps(int fetch_id, const Grid& grid) override {
    for (const StepSeries& series : steps_[fetch_id]) {
      if (series.values.size() == grid.size()) continue;
      return MakeStatus(absl::StatusCode::kInternal, "fetch {} is on another grid", fetch_id);
    }
    return std::span<const StepSeries>(steps_[fetch_id]);
  }

 private:
  template <class Series>
  static void Sort(std::vector<Series>& series) {
    std::sort(series.begin(), series.end(),
              [](const Series& a, const Series& b) { return a.labels < b.labels; });
  }

  static bool MatchesAll(const std::vector<Matcher>& matchers, const Labels& labels) {
    return std::all_of(matchers.begin(), matchers.end(),
                       [&](const Matcher& m) { return m.Matches(labels); });
  }

  absl::Status FetchRaw(const Fetch& fetch, size_t k) {
    const auto shard = static_cast<size_t>(fetch.shards[k]);
    for (const RawSeries& one : ShardData()[shard]) {
      const Labels labels = WithLabels(one.labels, TestTopology().shards[shard].labels);
      if (!MatchesAll(fetch.matchers, one.labels) || !MatchesAll(fetch.residual, labels)) continue;
      SampleColumns samples;
      RETURN_IF_ERROR(ReadSamples(one, fetch.min_t, fetch.max_t, samples));
      raw_[fetch.id].push_back({labels, std::move(samples)});
    }
    return absl::OkStatus();
  }

  absl::Status FetchSteps(const Fetch& fetch, size_t k) {
    const auto shard = static_cast<size_t>(fetch.shards[k]);
    const std::string& text = fetch.shard_texts.empty() ? fetch.text : fetch.shard_texts[k];
    ASSIGN_OR_RETURN(const QueryValue value,
                     Ask({text, fetch.grid, fetch.grid.size() != 1}, ShardData()[shard]));
    const Labels& added = TestTopology().shards[shard].labels;
    for (const StepSeries& one : value.series) {
      LabelsBuilder builder(WithLabels(one.labels, added));
      for (const std::string& name : fetch.strip_labels) {
        if (!added.Get(name).empty()) builder.Delete(name);
      }
      steps_[fetch.id].push_back({builder.Build(), one.values});
    }
    return absl::OkStatus();
  }

  std::map<int, std::vector<RawSeries>> raw_;
  std::map<int, std::vector<StepSeries>> steps_;
};

absl::StatusOr<Plan> PlanOf(const Question& question, bool pushdown) {
  ASSIGN_OR_RETURN(ExprPtr tree, ParseExpr(question.text, TestParseOptions()));
  ASSIGN_OR_RETURN(tree, Preprocess(std::move(tree), question.grid));
  PlanOptions options;
  options.grid = question.grid;
  options.range_query = question.range;
  options.pushdown = pushdown;
  return MakePlan(std::move(tree), TestTopology(), options);
}

absl::StatusOr<QueryValue> AskPlanned(const Question& question, bool pushdown) {
  ASSIGN_OR_RETURN(const Plan plan, PlanOf(question, pushdown));
  PlannedSource source;
  RETURN_IF_ERROR(source.Answer(plan));
  ASSIGN_OR_RETURN(EvalResult result, Evaluate(*plan.root, OptionsOf(question), source));
  return std::move(result.value);
}

// Partial sums add up in another order: equal within 1e-9.
bool Close(double a, double b) {
  if (IsAbsent(a) || IsAbsent(b)) return IsAbsent(a) && IsAbsent(b);
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return a == b || std::abs(a - b) <= 1e-9 * (std::abs(a) + std::abs(b)) + 1e-9;
}

std::string Text(const absl::StatusOr<QueryValue>& value) {
  if (!value.ok()) return "error: " + std::string(MessageOf(value.status()));
  std::string out;
  for (const StepSeries& series : value->series) {
    out += series.labels.ToString();
    for (const double v : series.values) out += IsAbsent(v) ? " _" : " " + GoFloatG(v);
    out += "\n";
  }
  return out;
}

// An error that only asking everybody would have found may be missed (a shard that cannot
// contribute is not asked, so its duplicates go unnoticed); a new error may not appear.
bool Same(const absl::StatusOr<QueryValue>& a, const absl::StatusOr<QueryValue>& b) {
  if (!a.ok()) return true;
  if (!b.ok()) return false;
  if (a->series.size() != b->series.size()) return false;
  std::map<Labels, const std::vector<double>*> values;
  for (const StepSeries& series : a->series) values[series.labels] = &series.values;
  for (const StepSeries& series : b->series) {
    const auto it = values.find(series.labels);
    if (it == values.end() ||
        !std::equal(series.values.begin(), series.values.end(), it->second->begin(), Close)) {
      return false;
    }
  }
  return true;
}

constexpr int kQueries = 1500;

std::vector<Question> Questions() {
  std::vector<Question> questions;
  RandomQuery random(20261122);
  for (int i = 0; i < kQueries; ++i) {
    const std::string text = random.Query(1 + i % 3);
    questions.push_back({text, Grid::Instant(900'000), false});
    questions.push_back({text, Grid{0, 1'800'000, 45'000}, true});
  }
  return questions;
}

void Compare(bool pushdown) {
  int pushed = 0, failed = 0;
  for (const Question& question : Questions()) {
    const auto expected = AskInOnePlace(question);
    const auto actual = AskPlanned(question, pushdown);
    const auto plan = PlanOf(question, pushdown);
    if (plan.ok()) {
      for (const Fetch& fetch : plan->fetches) pushed += fetch.form == Fetch::Form::kSteps ? 1 : 0;
    }
    if (Same(expected, actual)) continue;
    if (++failed > 5) continue;
    ADD_FAILURE() << question.text << (question.range ? " as a range" : " as an instant")
                  << "\nexpected\n"
                  << Text(expected) << "got\n"
                  << Text(actual) << "plan\n"
                  << (plan.ok() ? ExplainPlan(*plan, TestTopology()) : "none");
  }
  EXPECT_EQ(failed, 0);
  // The comparison means nothing if nothing was pushed.
  EXPECT_EQ(pushed > kQueries / 2, pushdown) << pushed;
}

TEST(Pushdown, NeverChangesAnAnswer) { Compare(/*pushdown=*/true); }
TEST(RawPlan, FetchesEnough) { Compare(/*pushdown=*/false); }

}  // namespace
}  // namespace synoptic::promqltest
