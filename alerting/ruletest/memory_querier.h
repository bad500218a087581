// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The rules' door to a SampleStore: answers as the query service would over regions of which some
// are out, and says what is missing.
//
// Not thread-safe; answers at once.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "alerting/rule/querier.h"
#include "alerting/ruletest/sample_store.h"
#include "promql/model/topology.h"

namespace synoptic::alerting {

// A region that does not answer from `from_ms` until before `to_ms`.
struct Outage {
  std::string region;
  int64_t from_ms = 0;
  int64_t to_ms = INT64_MAX;
};

class MemoryQuerier final : public Querier {
 public:
  // References outlive this.
  MemoryQuerier(const SampleStore& store, const promql::Topology& topology,
                SampleStore::Language language, std::vector<Outage> outages)
      : store_(store),
        topology_(topology),
        world_(std::make_shared<const promql::Topology>(topology)),
        language_(language),
        outages_(std::move(outages)) {}

  // It is `now_ms`: what is out, and up to when there are samples.
  void SetNow(int64_t now_ms) { now_ms_ = now_ms; }
  // Everything is seen, whatever the outages say.
  void IgnoreOutages() { outages_.clear(); }

  Task<RuleAnswer> Instant(std::string expr, int64_t time_ms, Deadline deadline) override;
  Task<RangeAnswer> Range(std::string expr, promql::Grid grid, Deadline deadline) override;
  std::vector<std::string> TopologyLabels() const override;
  std::shared_ptr<const promql::Topology> World() const override;
  absl::StatusOr<RuleAnswer> Ask(const std::string& expr, int64_t time_ms) const;

 private:
  template <class Answer>
  absl::Status NoteMissing(const std::string& expr, const std::set<int>& dark,
                           Answer& answer) const;
  std::set<int> Dark() const;

  const SampleStore& store_;
  const promql::Topology& topology_;
  const std::shared_ptr<const promql::Topology> world_;
  const SampleStore::Language language_;
  std::vector<Outage> outages_;
  int64_t now_ms_ = INT64_MAX;
};

}  // namespace synoptic::alerting
