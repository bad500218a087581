// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The door between rules and the query service: aggregator and alerting do not know each other.
//
// Lives on the event loop's executor.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aggregator/query/query_service.h"
#include "alerting/rule/querier.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "promql/model/topology.h"

namespace synoptic::app {

// The query service as rules see it: answers with what is there, and says what is missing.
class ServiceQuerier final : public alerting::Querier {
 public:
  ServiceQuerier(const Clock& clock, Metrics& metrics,
                 aggregator::Lane lane = aggregator::Lane::kRules)
      : clock_(clock), metrics_(metrics), lane_(lane) {}
  // For questions from now on; `service` outlives their answers.
  void SetService(aggregator::QueryService* service, promql::Topology topology);

  Task<alerting::RuleAnswer> Instant(std::string expr, int64_t time_ms, Deadline deadline) override;
  Task<std::vector<std::optional<absl::StatusOr<alerting::RuleAnswer>>>> Together(
      std::vector<std::string> exprs, int64_t time_ms, Deadline deadline,
      MonoDuration gather) override;
  Task<alerting::RangeAnswer> Range(std::string expr, promql::Grid grid,
                                    Deadline deadline) override;
  std::vector<std::string> TopologyLabels() const override { return topology_->LabelNames(); }
  std::shared_ptr<const promql::Topology> World() const override { return topology_; }

 private:
  absl::StatusOr<alerting::RuleAnswer> AnswerOf(const aggregator::QueryAnswer& result,
                                                const promql::Topology& topology);
  const Clock& clock_;
  Metrics& metrics_;
  const aggregator::Lane lane_;
  aggregator::QueryService* service_ = nullptr;
  std::shared_ptr<const promql::Topology> topology_;
};

}  // namespace synoptic::app
