// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// federation_invariance [--queries N] [--seed N] [--show N] [--world N] [--engine PORT]: random
// queries over random worlds. The answer must be that of one place with all the data, however the
// world is spread over regions, shards and replicas, whatever the replicas miss, in parts or as a
// whole, with and without pushdown and parentheses. That place is our evaluator; behind PORT there
// is a real one (tests/compat/engine/server), which must say the same. Exits 1 when an answer
// differs.
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>

#include "absl/strings/str_replace.h"
#include "base/status.h"
#include "fmt/format.h"
#include "promql/eval/memory_source.h"
#include "promql/parse/preprocess.h"
#include "promql/parse/printer.h"
#include "re2/re2.h"
#include "tests/federation/parentheses.h"
#include "tests/federation/random_world.h"
#include "tests/federation/real_truth.h"
#include "tests/federation/same_answer.h"
#include "tests/promql/random_query.h"
#include "tests/promql/variants.h"

namespace synoptic::federation {
namespace {

using promql::Grid;
using promql::QueryValue;

constexpr int kQueriesAWorld = 60;

struct Arguments {
  int64_t queries = 2'000;
  uint64_t seed = 1;
  int show = 5;
  int64_t world = -1;  // this one only, by its number
  int engine = 0;
};

// One way to spread a world.
struct Instance {
  std::string name;
  bool pushdown = false;
  bool cache = false;
  std::vector<promql::RawSeries> own_truth;  // where it is not the world's
  std::unique_ptr<Federation> federation;
};

struct Question {
  std::string text;
  Grid grid;
  bool range = false;
};

std::vector<Instance> MakeInstances(const World& world, Random& random) {
  struct Kind {
    const char* name;
    Split split;
    size_t replicas;
    bool pushdown, phased, cache = false;
  };
  constexpr Kind kKinds[] = {
      {"one place, 2 replicas", Split::kOnePlace, 2, true, false},
      {"by region, 2 replicas", Split::kByRegion, 2, true, false},
      {"by shard, 3 replicas", Split::kByShard, 3, true, false},
      {"by shard, 1 replica", Split::kByShard, 1, true, false},
      {"by shard, 2 replicas, raw", Split::kByShard, 2, false, false},
      {"by hash, 2 replicas", Split::kByHash, 2, true, false},
      {"by region, 2 out of phase", Split::kByRegion, 2, false, true},
      {"by shard, 2 replicas, cached", Split::kByShard, 2, true, false, true},
      {"out of phase, cached", Split::kByRegion, 2, false, true, true}};
  std::vector<Instance> out;
  for (const Kind& kind : kKinds) {
    FederationOptions options;
    options.pushdown = kind.pushdown;
    options.cache = kind.cache;
    options.wall_ms = world.end + 3'600'000;
    options.service.language = promqltest::TestParseOptions();
    SpreadWorld spread = Spread(world, kind.split, kind.replicas, kind.phased, random);
    if (!kind.phased) spread.truth.clear();
    out.push_back({kind.name, kind.pushdown, kind.cache, std::move(spread.truth),
                   std::make_unique<Federation>(std::move(spread.shards), options)});
  }
  return out;
}

// Of times within the world; its `@` are there too.
Question MakeQuestion(const World& world, promqltest::RandomQuery& queries, Random& random) {
  Question question;
  question.text = queries.Query(static_cast<int>(1 + random.Below(3)));
  absl::StrReplaceAll({{" @ 300", fmt::format(" @ {}", world.start / 1000 + 300)},
                       {" @ 500", fmt::format(" @ {}", world.start / 1000 + 500)},
                       {"nope", random.Chance(70) ? "up" : "nope"}},
                      &question.text);
  if (random.Chance(60)) RE2::GlobalReplace(&question.text, R"(\bn\b)", "nh");
  const int64_t length = world.end - world.start;
  question.range = random.Chance(70);
  const int64_t first = world.start + random.Below(length);
  if (!question.range) {
    question.grid = Grid::Instant(first);
  } else {
    constexpr int64_t kSteps[] = {7'000, 15'000, 30'000, 37'000, 60'000, 300'000};
    const int64_t step = kSteps[random.Below(6)];
    question.grid = {first, first + step * random.Below(100), step};
  }
  return question;
}

absl::StatusOr<QueryValue> AskTruth(const Question& question,
                                    const std::vector<promql::RawSeries>& truth) {
  ASSIGN_OR_RETURN(promql::ExprPtr expr,
                   promql::ParseExpr(question.text, promqltest::TestParseOptions()));
  ASSIGN_OR_RETURN(expr, promql::Preprocess(std::move(expr), question.grid));
  promql::MemorySource source(truth);
  source.Bind(*expr);
  promql::EvalOptions options;
  options.grid = question.grid;
  options.range_query = question.range;
  ASSIGN_OR_RETURN(promql::EvalResult result, promql::Evaluate(*expr, options, source));
  return std::move(result.value);
}

absl::StatusOr<aggregator::QueryAnswer> Ask(const Question& question, Instance& instance) {
  aggregator::QueryRequest request;
  request.text = question.text;
  request.grid = question.grid;
  request.range_query = question.range;
  request.explain = true;
  return instance.federation->Ask(std::move(request));
}

bool SelectsByValue(const promql::Expr& expr) {
  if (expr.kind != promql::ExprKind::kAggregate) return false;
  const promql::AggregateOp op = promql::As<promql::Aggregate>(expr).op;
  return op == promql::AggregateOp::kTopk || op == promql::AggregateOp::kBottomk;
}

// Whether a topk or bottomk of the question has two equal values to choose from, at any time of the
// grid: which of them is taken is nobody's promise. Below a subquery the times are others: the grid
// is then made so fine that it has them.
bool HasTies(const promql::Expr& expr, const Question& question, const World& world,
             const std::vector<promql::RawSeries>& truth) {
  if (SelectsByValue(expr)) {
    Question operand = question;
    operand.text = promql::Print(*promql::As<promql::Aggregate>(expr).expr);
    operand.range = true;
    operand.grid = {world.start, world.end, 1'000};
    for (const Grid& grid : {question.grid, operand.grid}) {
      operand.grid = grid;
      const absl::StatusOr<QueryValue> values = AskTruth(operand, truth);
      if (!values.ok()) continue;
      for (size_t i = 0; i < grid.size(); ++i) {
        std::set<double> seen;
        for (const promql::StepSeries& series : values->series) {
          if (promql::IsAbsent(series.values[i])) continue;
          if (!seen.insert(series.values[i]).second) return true;
        }
      }
    }
  }
  for (const promql::Expr* child : promql::Children(expr)) {
    if (HasTies(*child, question, world, truth)) return true;
  }
  return false;
}

// Steps `first` to `last` of an answer, as if nothing else had been asked for.
QueryValue Slice(const QueryValue& whole, size_t first, size_t last) {
  QueryValue out;
  out.type = whole.type;
  for (const promql::StepSeries& series : whole.series) {
    promql::StepSeries part{series.labels, {}};
    bool any = false;
    for (size_t i = first; i <= last; ++i) {
      part.values.push_back(series.values[i]);
      any = any || !promql::IsAbsent(series.values[i]);
      if (series.histograms.empty()) continue;
      part.histograms.push_back(series.histograms[i]);
      any = any || series.histograms[i] != nullptr;
    }
    if (any) out.series.push_back(std::move(part));
  }
  return out;
}

bool HoldsHistograms(const QueryValue& value) {
  return std::any_of(value.series.begin(), value.series.end(),
                     [](const promql::StepSeries& one) { return !one.histograms.empty(); });
}

// Of anything but what the language says about a query.
bool Warns(const aggregator::QueryAnswer& answer) {
  return std::any_of(answer.upstream_warnings.begin(), answer.upstream_warnings.end(),
                     [](std::string_view text) { return !text.starts_with("PromQL "); });
}

class Comparison {
 public:
  explicit Comparison(const Arguments& arguments)
      : arguments_(arguments), prometheus_(arguments.engine) {}

  int Run() {
    uint64_t number = arguments_.world < 0 ? 0 : static_cast<uint64_t>(arguments_.world);
    do {
      RunWorld(number++);
    } while (arguments_.world < 0 && asked_ < arguments_.queries);
    fmt::print("invariance_queries {} queries\n", asked_);
    fmt::print("invariance_answers {} answers\n", answers_);
    for (const auto& [name, count] : by_instance_) fmt::print("  {} {}\n", name, count);
    fmt::print("invariance_refused {} queries\n", refused_);
    fmt::print("invariance_cut {} answers\n", cut_);
    fmt::print("invariance_here {} answers\n", here_);
    fmt::print("invariance_pushed {} answers\n", pushed_);
    fmt::print("invariance_from_cache {} answers\n", from_cache_);
    fmt::print("invariance_histograms {} queries\n", histograms_);
    fmt::print("invariance_ties {} answers\n", ties_);
    fmt::print("invariance_prometheus {} queries\n", prometheus_.compared());
    fmt::print("invariance_prometheus_by_chance {} queries\n", prometheus_.by_chance());
    fmt::print("invariance_differences {} answers\n", failed_);
    // The comparison means nothing when nothing was pushed, cut, merged or known before.
    const bool all_seen =
        pushed_ > 0 && cut_ > 0 && here_ > 0 && from_cache_ > 0 && histograms_ > 0;
    return failed_ == 0 && (all_seen || arguments_.world >= 0) ? 0 : 1;
  }

 private:
  void RunWorld(uint64_t number) {
    world_number_ = number;
    const uint64_t seed = arguments_.seed * 1'000'003 + number;
    const World world = MakeWorld(seed, {.histograms = true, .without_up = seed % 2 == 0});
    world_ = &world;
    Random random(seed ^ 0x5eed);
    std::vector<Instance> instances = MakeInstances(world, random);
    promqltest::RandomQuery queries(random.Next());
    for (int i = 0; i < kQueriesAWorld && asked_ < arguments_.queries; ++i) {
      const Question question = MakeQuestion(world, queries, random);
      ++asked_;
      prometheus_.Add(question.text, question.grid, question.range);
      const absl::StatusOr<QueryValue> truth = AskTruth(question, world.truth);
      if (!truth.ok()) {
        ++refused_;  // duplicates: an answer is allowed then
        continue;
      }
      if (HoldsHistograms(*truth)) ++histograms_;
      const auto pick = static_cast<size_t>(random.Below(static_cast<int64_t>(instances.size())));
      for (const size_t k : {pick, (pick + 3) % instances.size()}) {
        truth_ = instances[k].own_truth.empty() ? &world.truth : &instances[k].own_truth;
        const absl::StatusOr<QueryValue> own =
            truth_ == &world.truth ? truth : AskTruth(question, *truth_);
        if (own.ok()) Compare(question, *own, instances[k], random);
      }
    }
    CompareWithPrometheus();
  }

  void CompareWithPrometheus() {
    absl::Status status = prometheus_.Load(world_->truth);
    if (status.ok()) {
      const auto differences = prometheus_.Compare();
      status = differences.status();
      for (size_t i = 0; status.ok() && i < differences->size(); ++i) {
        if (++failed_ > arguments_.show) continue;
        const RealTruth::Difference& one = (*differences)[i];
        fmt::print("DIFFERS world {} from Prometheus: {}\n{}", world_number_,
                   compat::Describe(one.question), one.text);
      }
    }
    if (status.ok()) return;
    ++failed_;
    fmt::print("DIFFERS world {}: Prometheus: {}\n", world_number_, MessageOf(status));
  }

  void Compare(const Question& question, const QueryValue& truth, Instance& instance,
               Random& random) {
    Question spelled = question;
    if (random.Chance(30)) {
      auto expr = promql::ParseExpr(question.text, promqltest::TestParseOptions());
      spelled.text = promql::Print(*WithParentheses(*std::move(expr), random));
    }
    const int64_t fragments = instance.federation->fragments();
    const auto got = Ask(spelled, instance);
    ++answers_;
    ++by_instance_[instance.name];
    if (fragments > 0 && instance.federation->fragments() == fragments) ++from_cache_;
    if (!got.ok()) return Fail(spelled, instance, std::string(MessageOf(got.status())), "");
    if (got->explain.find(" by http") != std::string::npos) ++cut_;
    if (got->explain.find("no replica is whole") != std::string::npos) ++here_;
    const bool pushed = got->explain.find(" steps ") != std::string::npos;
    if (pushed) ++pushed_;
    if (!got->coverage.complete() || Warns(*got)) {
      return Fail(spelled, instance, "not complete", got->explain);
    }
    // Sums of parts are added up in another order.
    const Tolerance tolerance = pushed ? Tolerance{1e-9, 100} : Tolerance{};
    const std::string difference = Difference(truth, got->value, tolerance);
    if (!difference.empty() && HasTies(question)) return;
    if (!difference.empty()) return Fail(spelled, instance, difference, got->explain);
    const bool fixed = question.text.find("start()") == std::string::npos &&
                       question.text.find("end()") == std::string::npos;
    if (question.range && fixed && random.Chance(25)) {
      ComparePart(spelled, got->value, instance, random);
    }
    if (instance.cache && random.Chance(50)) {
      // From what the cache knows by now.
      const auto again = Ask(question, instance);
      ++answers_;
      if (!again.ok()) return Fail(question, instance, std::string(MessageOf(again.status())), "");
      const std::string later = Difference(truth, again->value, tolerance);
      if (!later.empty() && HasTies(question)) return;
      if (!later.empty()) Fail(question, instance, "asked again: " + later, again->explain);
    }
  }

  bool HasTies(const Question& question) {
    const auto expr = promql::ParseExpr(question.text, promqltest::TestParseOptions());
    const bool ties = federation::HasTies(**expr, question, *world_, *truth_);
    ties_ += ties ? 1 : 0;
    return ties;
  }

  // A part of the range gives a part of the answer.
  void ComparePart(const Question& question, const QueryValue& whole, Instance& instance,
                   Random& random) {
    const auto steps = static_cast<int64_t>(question.grid.size());
    const int64_t first = random.Below(steps);
    const int64_t last = first + random.Below(steps - first);
    Question part = question;
    part.grid = {question.grid.at(static_cast<size_t>(first)),
                 question.grid.at(static_cast<size_t>(last)), question.grid.step};
    const auto got = Ask(part, instance);
    ++answers_;
    if (!got.ok()) return Fail(part, instance, std::string(MessageOf(got.status())), "");
    const Tolerance tolerance = instance.pushdown ? Tolerance{1e-9, 100} : Tolerance{};
    const std::string difference = Difference(
        Slice(whole, static_cast<size_t>(first), static_cast<size_t>(last)), got->value, tolerance);
    if (!difference.empty() && HasTies(question)) return;
    if (!difference.empty()) Fail(part, instance, "a part differs: " + difference, got->explain);
  }

  void Fail(const Question& question, const Instance& instance, const std::string& what,
            const std::string& explain) {
    if (++failed_ > arguments_.show) return;
    fmt::print("DIFFERS world {} ({}): {}\n  {}..{} by {}{}\n  {}\n{}\n", world_number_,
               instance.name, question.text, question.grid.start, question.grid.end,
               question.grid.step, question.range ? "" : " (instant)", what, explain);
    (void)std::fflush(stdout);
  }

  const Arguments arguments_;
  RealTruth prometheus_;
  uint64_t world_number_ = 0;
  const World* world_ = nullptr;
  const std::vector<promql::RawSeries>* truth_ = nullptr;  // of the instance being asked
  int64_t asked_ = 0, answers_ = 0, refused_ = 0, pushed_ = 0, cut_ = 0, here_ = 0, ties_ = 0;
  int64_t from_cache_ = 0, histograms_ = 0;
  std::map<std::string, int64_t> by_instance_;
  int failed_ = 0;
};

int Main(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const int64_t value = std::strtoll(argv[i + 1], nullptr, 10);
    if (name == "--queries") arguments.queries = value;
    if (name == "--seed") arguments.seed = static_cast<uint64_t>(value);
    if (name == "--show") arguments.show = static_cast<int>(value);
    if (name == "--world") arguments.world = value;
    if (name == "--engine") arguments.engine = static_cast<int>(value);
  }
  return Comparison(arguments).Run();
}

}  // namespace
}  // namespace synoptic::federation

int main(int argc, char** argv) { return synoptic::federation::Main(argc, argv); }
