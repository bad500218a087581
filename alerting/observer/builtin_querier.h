// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Answers the questions of the built-in rules from what the process knows of itself. Two need the
// regions: how old their newest sample is, and who contributes to rules that expect somebody.
//
// Lives on the event loop's executor.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "alerting/observer/conditions.h"
#include "alerting/rule/querier.h"

namespace synoptic::alerting {

class BuiltinQuerier final : public Querier {
 public:
  // `world` outlives this.
  BuiltinQuerier(std::function<Conditions()> conditions, Querier& world)
      : conditions_(std::move(conditions)), world_(world) {}

  Task<RuleAnswer> Instant(std::string expr, int64_t time_ms, Deadline deadline) override;
  // Never: the past of this process is not kept. A gap freezes the clocks.
  Task<RangeAnswer> Range(std::string expr, promql::Grid grid, Deadline deadline) override;

  // Parts that answer with data too old to count, as last looked: by their topology labels.
  std::vector<promql::Labels> StaleParts() const;
  // Which share of its targets each part has lost against the most of the last minutes; 0: none.
  const std::map<promql::Labels, double>& SeriesDrops() const { return drops_; }

 private:
  Task<RuleAnswer> MissingInputs(int64_t time_ms, Deadline deadline);
  Task<RuleAnswer> StaleRegions(int64_t time_ms, Deadline deadline);
  Task<> CountSeries(int64_t time_ms, Deadline deadline);

  const std::function<Conditions()> conditions_;
  Querier& world_;
  int64_t inputs_asked_at_ms_ = 0;
  std::vector<Conditions::MissingInput> missing_inputs_;  // as of then
  int64_t asked_at_ms_ = 0;
  RuleAnswer stale_;                                    // as of then
  std::map<promql::Labels, int64_t> newest_sample_ms_;  // of each part that ever had one
  // The most targets that a part had, in this stretch of time and the one before.
  struct Most {
    double now = 0;
    double before = 0;
  };
  std::map<promql::Labels, Most> most_;
  int64_t most_since_ms_ = 0;
  std::map<promql::Labels, double> drops_;
};

}  // namespace synoptic::alerting
