// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Rules taken apart, once and not at every tick: parsed, planned, and found among the windows. A
// rule that only compares, `expr > 5`, is split: whoever records expr, or compares it with
// something else, shares its value.
//
// Not thread-safe: as RuleWindows.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "aggregator/query/query_service.h"
#include "aggregator/query/rule_windows.h"
#include "promql/plan/plan.h"

namespace synoptic::aggregator {

// An expression over windows.
struct RuleCore {
  // What one selector looks at, times counted from the evaluation.
  struct Read {
    std::shared_ptr<RuleSelector> selector;
    int64_t min_t = 0;
    int64_t max_t = 0;
  };
  promql::ExprPtr root;
  std::vector<Read> reads;             // by number of the fetch
  std::vector<MetricWindow*> windows;  // of them, each once
  std::string text;                    // of the rule that came first: positions in annotations
  int64_t time_ms = 0;                 // of the value
  std::optional<absl::StatusOr<QueryAnswer>> value;  // of this round; nothing: to be asked alone
  bool evaluated = false;                            // in this round
};

struct RuleQuestion {
  std::shared_ptr<RuleCore> core;
  std::optional<std::pair<promql::BinaryOp, double>> keep_if;  // of core's elements; absent: all
};

class RulePlans {
 public:
  // What the service lends.
  struct Language {
    std::function<absl::StatusOr<promql::ExprPtr>(const std::string&)> parse;
    // With everything read raw.
    std::function<absl::StatusOr<promql::Plan>(promql::ExprPtr, const QueryRequest&,
                                               const promql::Topology&, const promql::OwnSeries&)>
        plan;
    bool split = true;  // comparisons
  };
  // References outlive this.
  RulePlans(const Language& language, RuleWindows& windows)
      : language_(language), windows_(windows) {}

  // Null: it has to be asked alone, by which it gets its error, too. Of an instant question; the
  // topology is the same at each call.
  std::shared_ptr<const RuleQuestion> Of(const QueryRequest& request,
                                         const promql::Topology& topology,
                                         const promql::OwnSeries& own);

 private:
  std::shared_ptr<RuleCore> CoreOf(promql::ExprPtr expr, const QueryRequest& request,
                                   const promql::Topology& topology, const promql::OwnSeries& own);

  const Language& language_;
  RuleWindows& windows_;
  absl::flat_hash_map<std::string, std::shared_ptr<const RuleQuestion>> questions_;  // by text
  absl::flat_hash_map<std::string, std::weak_ptr<RuleCore>> cores_;  // by canonical text
};

}  // namespace synoptic::aggregator
