// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/bounds/assumption.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

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

// What a second is in each unit that a name's words may say.
constexpr std::pair<std::string_view, double> kUnits[] = {
    {"seconds", 1},
    {"second", 1},
    {"s", 1},
    {"secs", 1},
    {"sec", 1},
    {"milliseconds", 1e3},
    {"millis", 1e3},
    {"ms", 1e3},
    {"microseconds", 1e6},
    {"micros", 1e6},
    {"us", 1e6},
    {"nanoseconds", 1e9},
    {"nanos", 1e9},
    {"ns", 1e9},
    {"minutes", 1.0 / 60},
    {"hours", 1.0 / 3600},
    {"days", 1.0 / 86'400},
};
// What these name is no time, or it is not known how it goes on.
constexpr std::string_view kOthers[] = {"total",   "bytes",   "records", "messages", "count",
                                        "sum",     "bucket",  "ratio",   "percent",  "per",
                                        "squared", "offsets", "rows",    "events",   "info"};

std::set<std::string> WordsOf(const std::string& name) {
  return absl::StrSplit(name, absl::ByAnyChar("_:"));
}

bool SaysLag(const std::set<std::string>& words) {
  const bool lag = words.contains("lag") || words.contains("behind") || words.contains("delay") ||
                   words.contains("age") || words.contains("staleness") ||
                   (words.contains("replication") && words.contains("latency"));
  return lag && std::none_of(std::begin(kOthers), std::end(kOthers), [&](std::string_view other) {
           return words.contains(std::string(other));
         });
}

// What a second is in the unit that the name says; nothing: it is of no lag, or says no unit, or
// several.
std::optional<double> SecondOf(const std::string& name) {
  const std::set<std::string> words = WordsOf(name);
  std::optional<double> second;
  if (!SaysLag(words)) return std::nullopt;
  for (const auto& [unit, in_unit] : kUnits) {
    if (!words.contains(std::string(unit))) continue;
    if (second) return std::nullopt;
    second = in_unit;
  }
  return second;
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

void LagsOfUnknownUnit(const Expr& expr, std::set<std::string>& names) {
  if (expr.kind == ExprKind::kVectorSelector) {
    const std::string name = NameOf(promql::As<promql::VectorSelector>(expr));
    if (SaysLag(WordsOf(name)) && !SecondOf(name)) names.insert(name);
  }
  for (const Expr* child : promql::Children(expr)) LagsOfUnknownUnit(*child, names);
}

bool ChangesSteadily(const Expr& expr) {
  const auto children = promql::Children(expr);
  return SteadyNode(expr) && std::all_of(children.begin(), children.end(),
                                         [](const Expr* child) { return ChangesSteadily(*child); });
}

}  // namespace synoptic::alerting
