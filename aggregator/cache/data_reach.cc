// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/data_reach.h"

#include <algorithm>

namespace synoptic::aggregator {
namespace {

using promql::Expr;
using promql::ExprKind;
using promql::TimeModifiers;

// When something is evaluated: at a fixed time, or so much after the step.
struct Place {
  bool fixed = false;
  int64_t ms = 0;
};

bool Known(const TimeModifiers& time) {
  using AtKind = TimeModifiers::AtKind;
  return time.offset_expr == nullptr && (time.at == AtKind::kNone || time.at == AtKind::kTimestamp);
}

Place Moved(Place from, const TimeModifiers& time) {
  if (time.at == TimeModifiers::AtKind::kTimestamp) from = {true, time.at_ms};
  from.ms -= time.offset_ms();
  return from;
}

class Walk {
 public:
  explicit Walk(int64_t lookback_ms) : lookback_ms_(lookback_ms) {}

  void Visit(const Expr& expr, Place at) {
    switch (expr.kind) {
      case ExprKind::kVectorSelector: {
        const auto& selector = promql::As<promql::VectorSelector>(expr);
        if (!Known(selector.time)) return NotKnown();
        Place place = Moved(at, selector.time);
        // A smoothed value is drawn towards the sample that follows.
        if (selector.smoothed) place.ms += lookback_ms_;
        return Reaches(place);
      }
      case ExprKind::kMatrixSelector: {
        const auto& matrix = promql::As<promql::MatrixSelector>(expr);
        if (matrix.range_expr != nullptr) return NotKnown();
        return Visit(*matrix.selector, at);
      }
      case ExprKind::kSubquery: {
        const auto& subquery = promql::As<promql::Subquery>(expr);
        const bool computed = subquery.range_expr != nullptr || subquery.step_expr != nullptr;
        if (computed || !Known(subquery.time)) return NotKnown();
        return Visit(*subquery.expr, Moved(at, subquery.time));
      }
      case ExprKind::kFetched:
        return NotKnown();
      default:
        for (const Expr* child : promql::Children(expr)) Visit(*child, at);
    }
  }

  const DataReach& reach() const { return reach_; }

 private:
  void Reaches(Place place) {
    int64_t& newest = place.fixed ? reach_.fixed_ms : reach_.ahead_ms;
    newest = std::max(newest, place.ms);
  }
  void NotKnown() { reach_.fixed_ms = DataReach::kForever; }

  const int64_t lookback_ms_;
  DataReach reach_;
};

}  // namespace

bool DataReach::SettledAt(int64_t t, int64_t edge_ms) const { return t <= SettledUntil(edge_ms); }

int64_t DataReach::SettledUntil(int64_t edge_ms) const {
  if (fixed_ms > edge_ms) return kNever;
  if (ahead_ms == kNever) return kForever;
  return edge_ms - ahead_ms;
}

DataReach ReachOf(const Expr& expr, int64_t lookback_ms) {
  Walk walk(lookback_ms);
  walk.Visit(expr, Place());
  return walk.reach();
}

bool SelectsAny(const std::vector<promql::Matcher>& selector,
                const absl::flat_hash_set<std::string>& names) {
  if (names.empty()) return false;
  for (const promql::Matcher& matcher : selector) {
    if (matcher.name() == "__name__" && matcher.op() == promql::MatchOp::kEqual) {
      return names.contains(matcher.value());
    }
  }
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return std::all_of(selector.begin(), selector.end(), [&](const promql::Matcher& matcher) {
      return matcher.name() != "__name__" || matcher.Matches(name);
    });
  });
}

bool SelectsAny(const promql::Expr& expr, const absl::flat_hash_set<std::string>& names) {
  if (names.empty()) return false;
  if (expr.kind == promql::ExprKind::kVectorSelector) {
    return SelectsAny(promql::As<promql::VectorSelector>(expr).matchers, names);
  }
  const auto children = promql::Children(expr);
  return std::any_of(children.begin(), children.end(),
                     [&](const promql::Expr* child) { return SelectsAny(*child, names); });
}

}  // namespace synoptic::aggregator
