// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The door through which rules ask questions. `app` adapts the query service to it: alerting does
// not know the aggregator.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "net/async/deadline.h"
#include "net/async/task.h"
#include "promql/model/labels.h"
#include "promql/model/series.h"
#include "promql/model/topology.h"

namespace synoptic::alerting {

// An instant answer and how much of the world it saw.
struct RuleAnswer {
  struct Element {
    promql::Labels labels;
    double value = 0;
    promql::HistogramPtr histogram = nullptr;  // set: the value is this, and `value` is 0
    // Where parts are unseen: between what the true value lies. Equal ends: it is `value`.
    double low = std::numeric_limits<double>::quiet_NaN();  // NaN: no bounds told
    double high = std::numeric_limits<double>::quiet_NaN();
  };
  std::vector<Element> elements = {};  // scalar results: one element without labels
  bool complete = true;
  std::string missing = {};  // `us-west-2 (timeout)`; empty when complete
  // The topology labels of each missing part: {region="us-west-2"}.
  std::vector<promql::Labels> missing_parts = {};
  // Those of the parts that answered, where the querier tells.
  std::vector<promql::Labels> seen_parts = {};
  // Of the missing, those that answered without the input that a rule expects of them.
  std::vector<promql::Labels> absent_parts = {};
  std::vector<std::string> warnings = {};
  // What elements rest on beyond proof, where they do: `lags grow by at most 1 s/s and ...`, and
  // between what their values lie then. Of those not listed in `unproven` it narrows only the
  // bounds.
  struct Belief {
    std::string basis = {};
    std::map<promql::Labels, std::pair<double, double>> bounds = {};
    std::set<promql::Labels> unproven = {};
  } belief = {};
};

// The values over a grid, and which parts of the world it did not see.
struct RangeAnswer {
  promql::QueryValue value;
  bool complete = true;
  std::string missing = {};
  std::vector<promql::Labels> missing_parts = {};
};

// Thread-safe.
class Querier {
 public:
  virtual ~Querier() = default;
  // The value of `expr` at `time_ms`. Errors are PromQL's or the service's.
  virtual Task<RuleAnswer> Instant(std::string expr, int64_t time_ms, Deadline deadline) = 0;
  // The values of many at once, in their order, which share what they read with all that come
  // within `gather`. Nothing: to be asked by itself, as is every one unless overridden.
  virtual Task<std::vector<std::optional<absl::StatusOr<RuleAnswer>>>> Together(
      std::vector<std::string> exprs, int64_t time_ms, Deadline deadline, MonoDuration gather) {
    (void)time_ms, (void)deadline, (void)gather;
    co_return std::vector<std::optional<absl::StatusOr<RuleAnswer>>>(exprs.size());
  }
  // The value over a grid (catch-up, backtests).
  virtual Task<RangeAnswer> Range(std::string expr, promql::Grid grid, Deadline deadline) = 0;
  // The labels by which the topology tells its parts apart (region, ...).
  virtual std::vector<std::string> TopologyLabels() const { return {}; }
  // The whole topology; null: not known, so nothing is proven about what is unseen.
  virtual std::shared_ptr<const promql::Topology> World() const { return nullptr; }
};

// The elements of an instant answer. Error: it is neither a vector nor a scalar.
absl::StatusOr<std::vector<RuleAnswer::Element>> ElementsOf(const promql::QueryValue& value);

}  // namespace synoptic::alerting
