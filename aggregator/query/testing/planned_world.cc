// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/testing/planned_world.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "aggregator/query/fetched_data.h"
#include "base/status.h"
#include "promql/eval/memory_source.h"
#include "promql/parse/parser.h"
#include "promql/parse/preprocess.h"

namespace synoptic::aggregator {
namespace {

using promql::Grid;
using promql::Labels;
using promql::Topology;
using promql::TopologyShard;

AnswerRows ToRows(const promql::EvalResult& result) {
  AnswerRows out;
  for (const auto& series : result.value.series) {
    AnswerRow& row = out[series.labels.ToString()];
    row.values = series.values;
    row.histograms.resize(series.values.size());
    for (size_t s = 0; s < series.histograms.size(); ++s) {
      if (series.histograms[s] != nullptr) row.histograms[s] = series.histograms[s]->ToString();
    }
  }
  return out;
}

promql::EvalOptions OptionsOf(const Grid& grid) {
  promql::EvalOptions options;
  options.grid = grid;
  options.range_query = grid.size() > 1;
  return options;
}

Reach ReachOf(const Topology& topology) {
  Reach reach;
  for (const TopologyShard& place : topology.shards) reach.shards.push_back({{}, place});
  return reach;
}

absl::StatusOr<FetchResult> Ask(const promql::Plan& plan, const PlannedWorld& world) {
  FetchResult fetched;
  for (const promql::Fetch& fetch : plan.fetches) {
    for (size_t slot = 0; slot < fetch.shards.size(); ++slot) {
      FetchedPart part;
      part.fetch = fetch.id;
      part.shard = static_cast<size_t>(fetch.shards[slot]);
      const FakeShard& shard = *world.shards[part.shard];
      if (fetch.form == promql::Fetch::Form::kSteps) {
        StepRequest request;
        request.text = fetch.shard_texts.empty() ? fetch.text : fetch.shard_texts[slot];
        request.grid = fetch.grid;
        request.instant = fetch.grid.size() == 1;
        request.lookback_ms = fetch.lookback_ms;
        ASSIGN_OR_RETURN(StepAnswer steps, shard.AnswerSteps(request));
        for (const promql::StepSeries& series : steps.series) {
          if (!series.histograms.empty()) {
            return absl::InternalError("a native histogram is the value of " + request.text);
          }
        }
        part.answer = std::move(steps);
      } else {
        RawRequest request;
        request.matchers = fetch.matchers;
        request.min_t = fetch.min_t;
        request.max_t = fetch.max_t;
        part.answer = shard.AnswerRaw(request);
      }
      fetched.parts.push_back(std::move(part));
    }
  }
  return fetched;
}

bool Near(double a, double b) {
  if (promql::IsAbsent(a) || promql::IsAbsent(b)) return promql::IsAbsent(a) && promql::IsAbsent(b);
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  if (a == b) return true;
  // The absolute part: differences of nearly equal sums lose digits.
  return std::abs(a - b) <= 1e-9 * std::max({std::abs(a), std::abs(b), 100.0});
}

}  // namespace

void Populate(PlannedWorld& world, const std::function<std::vector<promql::RawSeries>()>& data) {
  std::vector<std::pair<TopologyShard, std::vector<promql::RawSeries>>> placed;
  for (const TopologyShard& place : world.topology.shards) {
    placed.emplace_back(place, data());
    world.shards.push_back(std::make_unique<FakeShard>(
        world.clock, place, world.topology.LabelNames(), placed.back().second));
  }
  world.all = UnionOf(world.topology.LabelNames(), placed);
}

absl::StatusOr<AnswerRows> OverUnion(const std::string& text, const Grid& grid,
                                     const PlannedWorld& world) {
  ASSIGN_OR_RETURN(promql::ExprPtr expr, promql::ParseExpr(text));
  ASSIGN_OR_RETURN(expr, promql::Preprocess(std::move(expr), grid));
  promql::MemorySource source(world.all);
  source.Bind(*expr);
  ASSIGN_OR_RETURN(const auto result, promql::Evaluate(*expr, OptionsOf(grid), source));
  return ToRows(result);
}

absl::StatusOr<AnswerRows> Planned(const std::string& text, const Grid& grid,
                                   const PlannedWorld& world, bool pushdown,
                                   std::string* explained) {
  ASSIGN_OR_RETURN(promql::ExprPtr expr, promql::ParseExpr(text));
  ASSIGN_OR_RETURN(expr, promql::Preprocess(std::move(expr), grid));
  promql::PlanOptions options;
  options.grid = grid;
  options.range_query = grid.size() > 1;
  options.pushdown = pushdown;
  options.histograms = &world.histograms;
  ASSIGN_OR_RETURN(const promql::Plan plan,
                   promql::MakePlan(std::move(expr), world.topology, options));
  *explained = promql::ExplainPlan(plan, world.topology);
  ASSIGN_OR_RETURN(FetchResult fetched, Ask(plan, world));
  const Reach reach = ReachOf(world.topology);
  ASSIGN_OR_RETURN(FetchedData data, FetchedData::Merge(plan, reach, fetched));
  ASSIGN_OR_RETURN(const auto result, promql::Evaluate(*plan.root, OptionsOf(grid), data));
  return ToRows(result);
}

std::string Difference(const AnswerRows& want, const AnswerRows& got) {
  for (const auto& [labels, row] : want) {
    const auto found = got.find(labels);
    if (found == got.end()) return "missing " + labels;
    for (size_t i = 0; i < row.values.size(); ++i) {
      if (!Near(row.values[i], found->second.values[i])) {
        return absl::StrCat(labels, " step ", i, ": want ", row.values[i], " got ",
                            found->second.values[i]);
      }
      if (row.histograms[i] != found->second.histograms[i]) {
        return absl::StrCat(labels, " step ", i, ": want ", row.histograms[i], " got ",
                            found->second.histograms[i]);
      }
    }
  }
  for (const auto& [labels, row] : got) {
    if (!want.contains(labels)) return "extra " + labels;
  }
  return "";
}

Topology RandomTopology(bool sharded) {
  const auto place = [](const char* region, const char* shard, bool labelled) {
    std::vector<std::pair<std::string, std::string>> labels = {{"region", region}};
    if (labelled) labels.emplace_back("shard", shard);
    return TopologyShard{region, shard, Labels::From(std::move(labels))};
  };
  if (!sharded) return {{place("eu", "main", false), place("us", "main", false)}};
  return {{place("ap", "main", false), place("eu", "a", true), place("us", "a", true),
           place("us", "b", true)}};
}

}  // namespace synoptic::aggregator
