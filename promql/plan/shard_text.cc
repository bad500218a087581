// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/plan/shard_text.h"

#include <algorithm>

#include "promql/parse/printer.h"

namespace synoptic::promql {
namespace {

Matcher MakeMatcher(MatchOp op, std::string_view name, std::string_view value) {
  // Constants: they always compile.
  return *Matcher::Create(op, std::string(name), std::string(value));
}

// Edits a clone in place.
class Rewriter {
 public:
  Rewriter(const Labels& shard_labels, const NameSet& topology_labels, int64_t default_step_ms)
      : shard_(shard_labels), ours_(topology_labels), default_step_ms_(default_step_ms) {}

  void Apply(Expr& expr) {
    switch (expr.kind) {
      case ExprKind::kNumber:
        As<NumberLiteral>(expr).is_duration = false;  // 2.x has no durations as numbers
        break;
      case ExprKind::kVectorSelector:
        ApplySelector(As<VectorSelector>(expr));
        break;
      case ExprKind::kMatrixSelector:
        As<MatrixSelector>(expr).range_expr.reset();
        break;
      case ExprKind::kSubquery:
        ApplySubquery(As<Subquery>(expr));
        break;
      case ExprKind::kAggregate:
        DropOurs(As<Aggregate>(expr).grouping);
        break;
      case ExprKind::kBinary:
        if (auto& matching = As<Binary>(expr).matching; matching) {
          DropOurs(matching->labels);
          DropOurs(matching->include);
        }
        break;
      default:
        break;
    }
    for (Expr* child : Children(expr)) Apply(*child);
  }

 private:
  void ApplyTime(TimeModifiers& time) {
    time.offset_expr.reset();
    if (time.at != TimeModifiers::AtKind::kNone) time.at = TimeModifiers::AtKind::kTimestamp;
  }

  void ApplySubquery(Subquery& subquery) {
    subquery.range_expr.reset();
    subquery.step_expr.reset();
    if (subquery.step_ns == 0) subquery.step_ns = default_step_ms_ * 1'000'000;
    ApplyTime(subquery.time);
  }

  void ApplySelector(VectorSelector& selector) {
    ApplyTime(selector.time);
    std::optional<std::vector<Matcher>> matchers = MatchersAt(selector.matchers, shard_, ours_);
    if (!matchers) {
      // Legal, and matches nothing: the metric name is both empty and not.
      selector.name.clear();
      matchers.emplace();
      matchers->push_back(MakeMatcher(MatchOp::kRegex, kMetricName, ".+"));
      matchers->push_back(MakeMatcher(MatchOp::kEqual, kMetricName, ""));
    }
    selector.matchers = std::move(*matchers);
  }

  void DropOurs(std::vector<std::string>& names) {
    std::erase_if(names, [&](const std::string& name) { return Contains(ours_, name); });
  }

  const Labels& shard_;
  const NameSet& ours_;
  const int64_t default_step_ms_;
};

}  // namespace

std::optional<std::vector<Matcher>> MatchersAt(const std::vector<Matcher>& matchers,
                                               const Labels& shard_labels,
                                               const NameSet& topology_labels) {
  std::vector<Matcher> out;
  for (const Matcher& matcher : matchers) {
    if (!Contains(topology_labels, matcher.name())) {
      out.push_back(matcher);
    } else if (!matcher.Matches(shard_labels)) {
      return std::nullopt;
    }
  }
  const bool selects = std::any_of(out.begin(), out.end(),
                                   [](const Matcher& matcher) { return !matcher.MatchesEmpty(); });
  // Every stored series has a name.
  if (!selects) out.push_back(MakeMatcher(MatchOp::kRegex, kMetricName, ".+"));
  return out;
}

std::string TextAt(const Expr& expr, const Labels& shard_labels, const NameSet& topology_labels,
                   int64_t default_subquery_step_ms) {
  const ExprPtr clone = Clone(expr);
  Rewriter(shard_labels, topology_labels, default_subquery_step_ms).Apply(*clone);
  return Print(*clone);
}

}  // namespace synoptic::promql
