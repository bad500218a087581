// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// How late the samples of a group's inputs arrive, region by region, learned from how old the
// newest of them is when one looks. Samples that come each period are between nothing and a period
// old though they are not late: the period, learned from their times, is taken off.
//
// Pure; not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "alerting/rule/rule.h"
#include "promql/model/labels.h"

namespace synoptic::alerting {

// The vector selectors of an expression, by their matchers; none when it does not parse.
std::set<std::string> InputSelectors(const std::string& expr);

// A question whose values are when the newest samples of `selector` in the last half hour are of,
// in seconds, by `labels`. As of now: what a selector's own offset looks for is not meant.
std::string NewestSampleQuestion(const std::string& selector,
                                 const std::vector<std::string>& labels);

class InputDelays {
 public:
  // The newest sample that was seen of `selector` in a part of the world, ms.
  void Learn(int64_t asked_ms, const std::string& selector, const promql::Labels& part,
             int64_t newest_ms);

  // By how much earlier to ask so that what is late has come: the latest of all inputs that are not
  // stale, in whole seconds, within the bounds.
  int64_t OffsetMs(int64_t now_ms, const FreshnessBounds& bounds) const;

  struct Stale {
    promql::Labels part;
    std::string selector;
    int64_t age_ms = 0;  // of its newest sample
  };
  // Of these selectors. What is older than half an hour is no longer waited for.
  std::vector<Stale> StaleOf(const std::set<std::string>& selectors, int64_t now_ms,
                             const FreshnessBounds& bounds) const;

 private:
  struct Input {
    int64_t newest_ms = 0;
    int64_t period_ms = 0;  // least time between two of its samples; 0: not known
    std::deque<std::pair<int64_t, int64_t>> ages;  // when looked, and how old it was then
  };
  static bool IsStale(const Input& input, int64_t now_ms, const FreshnessBounds& bounds);

  std::map<std::pair<std::string, promql::Labels>, Input> inputs_;
};

}  // namespace synoptic::alerting
