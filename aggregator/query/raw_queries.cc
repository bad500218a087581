// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/raw_queries.h"

#include <algorithm>

#include "aggregator/query/fetched_data.h"
#include "base/status.h"
#include "promql/parse/parser.h"
#include "promql/parse/preprocess.h"
#include "promql/parse/printer.h"

namespace synoptic::aggregator {
namespace {

// A range no longer than the language can say; nothing is stored for longer.
constexpr int64_t kLongestMs = int64_t{100} * 365 * 86'400'000;
// Selectors of one plan: a chain of `or` stays well within the parser's depth.
constexpr size_t kMostAtOnce = 32;

// Legs first: each charges a child of the query's budget.
struct Holds {
  std::shared_ptr<QueryMemory> memory;
  std::vector<std::shared_ptr<LegMemory>> legs;
};

// An expression whose fetches, without pushdown, are just these selectors' samples.
std::string ExpressionOf(std::span<const std::vector<promql::Matcher>> selectors,
                         int64_t range_ms) {
  std::string text;
  for (const std::vector<promql::Matcher>& matchers : selectors) {
    if (!text.empty()) text += " or ";
    text += fmt::format("last_over_time({}[{}ms])", promql::PrintMatchers(matchers), range_ms);
  }
  return text;
}

absl::StatusOr<promql::Plan> PlanOf(const std::string& text, int64_t at,
                                    const promql::Topology& topology,
                                    const promql::OwnSeries& own) {
  promql::PlanOptions options;
  options.own = own.shard < 0 ? nullptr : &own;
  options.grid = promql::Grid::Instant(at);
  options.pushdown = false;
  ASSIGN_OR_RETURN(promql::ExprPtr expr, promql::ParseExpr(text));
  ASSIGN_OR_RETURN(expr, promql::Preprocess(std::move(expr), options.grid));
  return promql::MakePlan(std::move(expr), topology, options);
}

// Series of all, sorted. Equal ones hold the same samples: which stays does not matter.
std::vector<promql::RawSeries> UnionOf(std::vector<std::vector<promql::RawSeries>> parts) {
  std::vector<promql::RawSeries> all;
  for (std::vector<promql::RawSeries>& part : parts) {
    std::move(part.begin(), part.end(), std::back_inserter(all));
  }
  const auto less = [](const auto& a, const auto& b) { return a.labels < b.labels; };
  std::sort(all.begin(), all.end(), less);
  const auto equal = [](const auto& a, const auto& b) { return a.labels == b.labels; };
  all.erase(std::unique(all.begin(), all.end(), equal), all.end());
  return all;
}

}  // namespace

Task<RawQueryAnswer> RawOf(RawQuery query, UpstreamsRef upstreams, FetchEnvironment environment,
                           std::shared_ptr<MemoryBudget> all_memory, QueryServiceOptions options) {
  RawQueryAnswer answer;
  if (query.selectors.empty() || query.max_t < query.min_t) co_return answer;
  CO_ASSIGN_OR_RETURN(Reach reach, ReachOf(*upstreams, query.regions, query.partial));
  reach.via = query.via;
  const promql::Topology topology = reach.MakeTopology();
  const auto memory = std::make_shared<QueryMemory>(all_memory, options.max_memory_bytes);
  const auto holds = std::make_shared<Holds>();
  holds->memory = memory;
  query.max_t = std::clamp(query.max_t, -kLongestMs, kLongestMs);
  query.min_t = std::max(query.min_t, query.max_t - kLongestMs);
  const int64_t range_ms = query.max_t - query.min_t + 1;  // its start is exclusive
  std::vector<std::vector<promql::RawSeries>> parts;
  const std::span<const std::vector<promql::Matcher>> selectors = query.selectors;
  for (size_t from = 0; from < selectors.size(); from += kMostAtOnce) {
    const size_t count = std::min(kMostAtOnce, selectors.size() - from);
    const std::string text = ExpressionOf(selectors.subspan(from, count), range_ms);
    CO_ASSIGN_OR_RETURN(const promql::Plan plan, PlanOf(text, query.max_t, topology, reach.own));
    CO_ASSIGN_OR_RETURN(FetchResult fetched,
                        co_await RunFetches(plan, reach, query.deadline, memory, environment));
    answer.coverage.Merge(fetched.coverage);
    std::move(fetched.warnings.begin(), fetched.warnings.end(),
              std::back_inserter(answer.warnings));
    CO_ASSIGN_OR_RETURN(
        auto merged,
        co_await RunOn(
            environment.pool, [&]() -> absl::StatusOr<std::vector<std::vector<promql::RawSeries>>> {
              ASSIGN_OR_RETURN(FetchedData data, FetchedData::Merge(plan, reach, fetched));
              return data.TakeRaw(holds->legs);
            }));
    std::move(merged.begin(), merged.end(), std::back_inserter(parts));
  }
  CO_ASSIGN_OR_RETURN(answer.series, co_await RunOn(environment.pool, [&parts] {
                        return UnionOf(std::move(parts));
                      }));
  answer.budget = &memory->query;
  answer.holds = holds;
  co_return answer;
}

}  // namespace synoptic::aggregator
