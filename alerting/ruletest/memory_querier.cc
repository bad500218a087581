// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/ruletest/memory_querier.h"

#include "base/status.h"
#include "promql/plan/locality.h"

namespace synoptic::alerting {

std::set<int> MemoryQuerier::Dark() const {
  std::set<int> dark;
  for (const Outage& outage : outages_) {
    if (now_ms_ < outage.from_ms || now_ms_ >= outage.to_ms) continue;
    for (size_t i = 0; i < topology_.shards.size(); ++i) {
      if (topology_.shards[i].region == outage.region) dark.insert(static_cast<int>(i));
    }
  }
  return dark;
}

// The parts that `expr` can read and that are out, told in `answer`.
template <class Answer>
absl::Status MemoryQuerier::NoteMissing(const std::string& expr, const std::set<int>& dark,
                                        Answer& answer) const {
  if (dark.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const promql::ExprPtr tree, promql::ParseExpr(expr, language_.parse));
  promql::LocalityAnalysis locality(topology_, promql::Locality::kShard);
  std::string last;
  for (const int shard : locality.Of(*tree).all_shards) {
    if (!dark.contains(shard)) continue;
    const promql::TopologyShard& part = topology_.shards[static_cast<size_t>(shard)];
    answer.complete = false;
    answer.missing_parts.push_back(part.labels);
    if (part.region == last) continue;
    last = part.region;
    answer.missing += fmt::format("{}{} (outage)", answer.missing.empty() ? "" : ", ", last);
  }
  return absl::OkStatus();
}

absl::StatusOr<RuleAnswer> MemoryQuerier::Ask(const std::string& expr, int64_t time_ms) const {
  const SampleStore::View view{now_ms_, Dark()};
  ASSIGN_OR_RETURN(const promql::EvalResult result,
                   store_.Query(expr, promql::Grid::Instant(time_ms), false, view, language_));
  RuleAnswer answer;
  ASSIGN_OR_RETURN(answer.elements, ElementsOf(result.value));
  RETURN_IF_ERROR(NoteMissing(expr, view.dark, answer));
  return answer;
}

Task<RuleAnswer> MemoryQuerier::Instant(std::string expr, int64_t time_ms, Deadline) {
  co_return Ask(expr, time_ms);
}

Task<RangeAnswer> MemoryQuerier::Range(std::string expr, promql::Grid grid, Deadline) {
  const SampleStore::View view{now_ms_, Dark()};
  CO_ASSIGN_OR_RETURN(promql::EvalResult result, store_.Query(expr, grid, true, view, language_));
  RangeAnswer answer;
  answer.value = std::move(result.value);
  CO_RETURN_IF_ERROR(NoteMissing(expr, view.dark, answer));
  co_return answer;
}

std::shared_ptr<const promql::Topology> MemoryQuerier::World() const { return world_; }

std::vector<std::string> MemoryQuerier::TopologyLabels() const { return topology_.LabelNames(); }

}  // namespace synoptic::alerting
