// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Gathers what capacity questions need: asks for demand, supply, limit and quota of every resource
// at once, sorts the series into pools and regions, and remembers what it saw, so that a region
// that goes dark leaves its last known load behind.
//
// Lives on the event loop's executor.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reports/capacity_spec.h"
#include "reports/document.h"
#include "reports/querier.h"
#include "reports/what_if.h"

namespace synoptic::reports {

struct CapacityInputs {
  int64_t at_ms = 0;
  std::vector<PoolInputs> pools;      // by resource, then pool
  std::vector<Source> sources;        // by resource
  std::vector<std::string> warnings;  // of the queries
};

class CapacityDesk {
 public:
  explicit CapacityDesk(CapacitySpec spec) : spec_(std::move(spec)) {}
  const CapacitySpec& spec() const { return spec_; }

  // At `at_ms`; what is asked at the present is remembered. Errors: a query that fails, a series
  // that belongs to no region.
  Task<CapacityInputs> Gather(Door door, int64_t at_ms, bool with_age, Deadline deadline);
  // Keeps what `other` remembers of resources that are in both.
  void TakeMemoryOf(const CapacityDesk& other);

 private:
  struct Seen {
    double demand = 0;
    double supply = 0;
    int64_t at_ms = 0;
  };
  // resource name, pool, region name
  using Memory = std::map<std::string, std::map<std::string, std::map<std::string, Seen>>>;

  void Recall(int64_t at_ms, CapacityInputs* inputs) const;
  void Remember(int64_t at_ms, const CapacityInputs& inputs);

  const CapacitySpec spec_;
  Memory memory_;
  int64_t newest_ms_ = 0;
};

// The pure part: one resource's answers as pools. `answers` are of demand, supply, limit and quota,
// in this order; null where there is no query.
absl::StatusOr<std::vector<PoolInputs>> PoolsOf(const CapacitySpec& spec, size_t resource,
                                                const std::vector<const Answer*>& answers);

// "complete", or `missing us-west-2 (timeout)`.
std::string CoverageText(const std::vector<Unseen>& unseen);

}  // namespace synoptic::reports
