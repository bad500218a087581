// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/service_querier.h"

#include <algorithm>

#include "aggregator/api/query_metrics.h"
#include "aggregator/query/service.h"
#include "base/status.h"

namespace synoptic::app {
namespace {

// Also a region whose policy is `optional`: nobody needs to hear that it is missing, but its
// silence must not resolve what fires there.
bool Unseen(const aggregator::PartCoverage& part) { return !part.reason.empty(); }

std::string MissingText(const aggregator::Coverage& coverage) {
  std::string text;
  std::string_view last;
  for (const aggregator::PartCoverage& part : coverage.parts()) {
    if (!Unseen(part) || part.region == last) continue;
    last = part.region;
    text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", part.region, part.reason);
  }
  return text;
}

std::vector<promql::Labels> MissingParts(const aggregator::Coverage& coverage,
                                         const promql::Topology& topology) {
  std::vector<promql::Labels> parts;
  for (const aggregator::PartCoverage& part : coverage.parts()) {
    if (!Unseen(part)) continue;
    // What was recorded is of no region: what it lacks may be anything's.
    if (part.region == aggregator::kOwnRegion) parts.emplace_back();
    for (const promql::TopologyShard& shard : topology.shards) {
      if (shard.region == part.region && shard.shard == part.shard) parts.push_back(shard.labels);
    }
  }
  return parts;
}

aggregator::QueryRequest InstantRequest(std::string expr, int64_t time_ms, Deadline deadline) {
  aggregator::QueryRequest request;
  request.lane = aggregator::Lane::kRules;
  request.text = std::move(expr);
  request.grid = promql::Grid::Instant(time_ms);
  request.deadline = deadline;
  // The rule decides what half an answer means: it is told what is missing.
  request.partial = aggregator::PartialPolicy::kDegrade;
  return request;
}

}  // namespace

void ServiceQuerier::SetService(aggregator::QueryService* service, promql::Topology topology) {
  service_ = service;
  topology_ = std::make_shared<const promql::Topology>(std::move(topology));
}

absl::StatusOr<alerting::RuleAnswer> ServiceQuerier::AnswerOf(const aggregator::QueryAnswer& result,
                                                              const promql::Topology& topology) {
  aggregator::CountMissing(metrics_, result.coverage);
  alerting::RuleAnswer answer;
  ASSIGN_OR_RETURN(answer.elements, alerting::ElementsOf(result.value));
  answer.complete =
      std::none_of(result.coverage.parts().begin(), result.coverage.parts().end(), Unseen);
  answer.missing = MissingText(result.coverage);
  answer.missing_parts = MissingParts(result.coverage, topology);
  for (const aggregator::PartCoverage& part : result.coverage.parts()) {
    if (Unseen(part)) continue;
    for (const promql::TopologyShard& shard : topology.shards) {
      if (shard.region == part.region && shard.shard == part.shard) {
        answer.seen_parts.push_back(shard.labels);
      }
    }
  }
  answer.warnings = result.annotations.warnings();
  return answer;
}

Task<alerting::RuleAnswer> ServiceQuerier::Instant(std::string expr, int64_t time_ms,
                                                   Deadline deadline) {
  const auto topology = topology_;
  const MonoTime start = clock_.Mono();
  CO_ASSIGN_OR_RETURN(aggregator::QueryAnswer result,
                      co_await service_->Query(InstantRequest(std::move(expr), time_ms, deadline)));
  aggregator::ObserveQuery(metrics_, "rules", clock_.Mono() - start);
  co_return AnswerOf(result, *topology);
}

Task<std::vector<std::optional<absl::StatusOr<alerting::RuleAnswer>>>> ServiceQuerier::Together(
    std::vector<std::string> exprs, int64_t time_ms, Deadline deadline, MonoDuration gather) {
  const auto topology = topology_;
  std::vector<aggregator::QueryRequest> requests;
  for (std::string& expr : exprs) {
    requests.push_back(InstantRequest(std::move(expr), time_ms, deadline));
  }
  CO_ASSIGN_OR_RETURN(const aggregator::TogetherAnswers results,
                      co_await service_->QueryTogether(std::move(requests), gather));
  std::vector<std::optional<absl::StatusOr<alerting::RuleAnswer>>> answers(results.size());
  for (size_t i = 0; i < results.size(); ++i) {
    if (!results[i].has_value()) continue;
    if (results[i]->ok()) {
      answers[i].emplace(AnswerOf(**results[i], *topology));
    } else {
      answers[i].emplace(results[i]->status());
    }
  }
  co_return answers;
}

Task<alerting::RangeAnswer> ServiceQuerier::Range(std::string expr, promql::Grid grid,
                                                  Deadline deadline) {
  const auto topology = topology_;
  aggregator::QueryRequest request;
  request.lane = lane_;
  request.text = std::move(expr);
  request.grid = grid;
  request.range_query = true;
  request.deadline = deadline;
  request.partial = aggregator::PartialPolicy::kDegrade;
  CO_ASSIGN_OR_RETURN(aggregator::QueryAnswer result, co_await service_->Query(std::move(request)));
  alerting::RangeAnswer answer;
  answer.complete =
      std::none_of(result.coverage.parts().begin(), result.coverage.parts().end(), Unseen);
  answer.missing = MissingText(result.coverage);
  answer.missing_parts = MissingParts(result.coverage, *topology);
  answer.value = std::move(result.value);
  co_return answer;
}

}  // namespace synoptic::app
