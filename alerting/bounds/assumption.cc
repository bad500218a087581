// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/bounds/assumption.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_split.h"
#include "promql/parse/parser.h"
#include "promql/parse/printer.h"

namespace synoptic::alerting {
namespace {

using promql::AggregateOp;
using promql::Expr;
using promql::ExprKind;
using promql::FunctionId;

std::string NameOf(const promql::VectorSelector& selector) {
  for (const promql::Matcher& matcher : selector.matchers) {
    if (matcher.name() == promql::kMetricName && matcher.op() == promql::MatchOp::kEqual) {
      return std::string(matcher.value());
    }
  }
  return "";
}

// What a second is in the unit that the name says; nothing: the name is of no lag.
std::optional<double> SecondOf(const std::string& name) {
  const std::set<std::string> words = absl::StrSplit(name, absl::ByAnyChar("_:"));
  const bool lag = words.contains("lag") || words.contains("behind") || words.contains("delay") ||
                   words.contains("age") || words.contains("staleness") ||
                   (words.contains("replication") && words.contains("latency"));
  // Of these it is not known how they go on.
  if (!lag || words.contains("total") || words.contains("bytes") || words.contains("records") ||
      words.contains("messages")) {
    return std::nullopt;
  }
  if (words.contains("ms") || words.contains("millis") || words.contains("milliseconds")) {
    return 1000;
  }
  if (words.contains("minutes")) return 1.0 / 60;
  return 1;
}

bool SteadyFunction(const promql::Call& call) {
  switch (call.function->id) {
    case FunctionId::kAbsent:
    case FunctionId::kAbsentOverTime:
    case FunctionId::kPresentOverTime:
    case FunctionId::kScalar:
    case FunctionId::kSgn:
    case FunctionId::kVector:
      return false;
    default:
      return true;
  }
}

bool SteadyAggregate(AggregateOp op) {
  return op == AggregateOp::kSum || op == AggregateOp::kMin || op == AggregateOp::kMax ||
         op == AggregateOp::kAvg || op == AggregateOp::kStddev || op == AggregateOp::kStdvar;
}

bool SteadyNode(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kAggregate:
      return SteadyAggregate(promql::As<promql::Aggregate>(expr).op);
    case ExprKind::kBinary: {
      const promql::BinaryOp op = promql::As<promql::Binary>(expr).op;
      return !promql::IsComparison(op) && !promql::IsSetOperator(op);
    }
    case ExprKind::kCall:
      return SteadyFunction(promql::As<promql::Call>(expr));
    default:
      return true;
  }
}

}  // namespace

std::optional<LagInput> AsLag(const Expr& expr) {
  const Expr& e = promql::Unwrap(expr);
  if (e.kind == ExprKind::kVectorSelector) {
    const auto& selector = promql::As<promql::VectorSelector>(e);
    const std::optional<double> second = SecondOf(NameOf(selector));
    const std::string text = promql::Print(e);
    // As of another time, it says nothing of how old it is now.
    const bool now = text.find(" offset ") == std::string::npos && text.find(" @ ") == text.npos;
    if (!second || !now) return std::nullopt;
    return LagInput{"timestamp(" + text + ")", *second};
  }
  if (e.kind != ExprKind::kAggregate) return std::nullopt;
  const auto& aggregate = promql::As<promql::Aggregate>(e);
  if (aggregate.op != AggregateOp::kMax && aggregate.op != AggregateOp::kMin) return std::nullopt;
  if (promql::Unwrap(*aggregate.expr).kind != ExprKind::kVectorSelector) return std::nullopt;
  const std::optional<LagInput> inner = AsLag(*aggregate.expr);
  if (!inner) return std::nullopt;
  auto times = promql::ParseExpr(inner->oldest_sample);
  if (!times.ok()) return std::nullopt;
  const promql::ExprPtr copy = promql::Clone(e);
  auto& oldest = promql::As<promql::Aggregate>(*copy);
  oldest.op = AggregateOp::kMin;
  oldest.expr = *std::move(times);
  return LagInput{promql::Print(oldest), inner->per_second};
}

bool ChangesSteadily(const Expr& expr) {
  const auto children = promql::Children(expr);
  return SteadyNode(expr) && std::all_of(children.begin(), children.end(),
                                         [](const Expr* child) { return ChangesSteadily(*child); });
}

}  // namespace synoptic::alerting
