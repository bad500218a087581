// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/promql/variants.h"

#include <set>

#include "base/status.h"
#include "promql/parse/ast.h"
#include "promql/parse/printer.h"

namespace synoptic::promqltest {
namespace {

using promql::Expr;
using promql::ExprKind;
using promql::TimeModifiers;

// Their value moves with the evaluation time whatever their arguments are.
bool DependsOnEvaluationTime(std::string_view function) {
  static const std::set<std::string_view> kNames = {
      "days_in_month", "day_of_month", "day_of_week", "day_of_year", "end",
      "hour",          "minute",       "month",       "year",        "predict_linear",
      "range",         "start",        "step",        "time",        "timestamp"};
  return kNames.contains(function);
}

void Pin(TimeModifiers& time, int64_t at_ms) {
  if (time.at == TimeModifiers::AtKind::kTimestamp) return;
  time.at = TimeModifiers::AtKind::kTimestamp;
  time.at_ms = at_ms;
}

// Pins all selectors outside of pinned subqueries. False when that would change the value.
bool PinSelectors(Expr& expr, int64_t at_ms) {
  bool safe = true;
  switch (expr.kind) {
    case ExprKind::kVectorSelector:
      Pin(promql::As<promql::VectorSelector>(expr).time, at_ms);
      break;
    case ExprKind::kSubquery:
      Pin(promql::As<promql::Subquery>(expr).time, at_ms);
      return true;
    case ExprKind::kCall:
      safe = !DependsOnEvaluationTime(promql::As<promql::Call>(expr).function->name);
      break;
    default:
      break;
  }
  for (Expr* child : promql::Children(expr)) safe = PinSelectors(*child, at_ms) && safe;
  return safe;
}

}  // namespace

promql::ParseOptions TestParseOptions() {
  promql::ParseOptions options;
  options.experimental_functions = true;
  options.binop_fill_modifiers = true;
  return options;
}

absl::StatusOr<std::vector<Variant>> VariantsOf(const std::string& expr, int64_t at_ms) {
  std::vector<Variant> variants = {{expr, at_ms}};
  ASSIGN_OR_RETURN(const promql::ExprPtr tree, promql::ParseExpr(expr, TestParseOptions()));
  if (!PinSelectors(*tree, at_ms)) return variants;
  const std::string pinned = promql::Print(*tree);
  std::vector<int64_t> times = {-10 * at_ms, 0, at_ms / 5, at_ms, 10 * at_ms};
  if (at_ms == 0) times = {-1000, 0, 1000};
  for (const int64_t t : times) variants.push_back({pinned, t});
  return variants;
}

}  // namespace synoptic::promqltest
