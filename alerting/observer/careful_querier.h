// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A querier that does not take every answer at its word: a part of the world that answers, but with
// data too old to count or by a clock that is far off, is as unseen as one that is silent. Rules
// hold, or decide by bounds, as they do when it is dark.
//
// Lives on the event loop's executor.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "alerting/rule/querier.h"

namespace synoptic::alerting {

// A part of the world whose answers do not count just now.
struct DoubtfulPart {
  promql::Labels labels;  // of the topology
  std::string reason;     // one word: stale, clock
};

class CarefulQuerier final : public Querier {
 public:
  using Doubts = std::function<std::vector<DoubtfulPart>()>;

  // `world` outlives this.
  CarefulQuerier(Querier& world, Doubts doubts) : world_(world), doubts_(std::move(doubts)) {}

  Task<RuleAnswer> Instant(std::string expr, int64_t time_ms, Deadline deadline) override;
  Task<std::vector<std::optional<absl::StatusOr<RuleAnswer>>>> Together(
      std::vector<std::string> exprs, int64_t time_ms, Deadline deadline,
      MonoDuration gather) override;
  // The past is asked for as it is kept.
  Task<RangeAnswer> Range(std::string expr, promql::Grid grid, Deadline deadline) override {
    return world_.Range(std::move(expr), grid, deadline);
  }
  std::vector<std::string> TopologyLabels() const override { return world_.TopologyLabels(); }
  std::shared_ptr<const promql::Topology> World() const override { return world_.World(); }

 private:
  // Takes the doubtful parts that contributed to `answer` for missing.
  void Amend(const std::vector<DoubtfulPart>& doubtful, RuleAnswer& answer) const;

  Querier& world_;
  const Doubts doubts_;
};

}  // namespace synoptic::alerting
