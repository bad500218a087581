// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/plan/histograms.h"

#include <vector>

#include "promql/parse/printer.h"

namespace synoptic::promql {
namespace {

// Functions whose value is a histogram when their argument is one. Those not listed give floats,
// or drop histograms.
bool KeepsHistograms(FunctionId id) {
  switch (id) {
    case FunctionId::kAvgOverTime:
    case FunctionId::kDelta:
    case FunctionId::kFirstOverTime:
    case FunctionId::kIdelta:
    case FunctionId::kIncrease:
    case FunctionId::kInfo:
    case FunctionId::kIrate:
    case FunctionId::kLabelJoin:
    case FunctionId::kLabelReplace:
    case FunctionId::kLastOverTime:
    case FunctionId::kRate:
    case FunctionId::kSort:
    case FunctionId::kSortByLabel:
    case FunctionId::kSortByLabelDesc:
    case FunctionId::kSortDesc:
    case FunctionId::kSumOverTime:
      return true;
    default:
      return false;
  }
}

bool KeepsHistograms(AggregateOp op) {
  return op == AggregateOp::kSum || op == AggregateOp::kAvg || op == AggregateOp::kLimitk ||
         op == AggregateOp::kLimitRatio;
}

// Children whose histograms can be in the value of `expr`.
absl::InlinedVector<const Expr*, 4> Sources(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kCall:
      if (!KeepsHistograms(As<Call>(expr).function->id)) return {};
      return Children(expr);
    case ExprKind::kAggregate:
      if (!KeepsHistograms(As<Aggregate>(expr).op)) return {};
      return {As<Aggregate>(expr).expr.get()};
    case ExprKind::kBinary: {
      const auto& binary = As<Binary>(expr);
      if (binary.return_bool) return {};
      if (binary.op == BinaryOp::kAnd || binary.op == BinaryOp::kUnless) return {binary.lhs.get()};
      return Children(expr);
    }
    default:
      return Children(expr);
  }
}

// Calls visit(selector) for those a histogram can come from, until one answers true. No recursion:
// chains of operators are as long as the parser allows.
template <class Visit>
bool VisitSources(const Expr& expr, Visit visit) {
  std::vector<const Expr*> todo = {&expr};
  while (!todo.empty()) {
    const Expr* next = todo.back();
    todo.pop_back();
    if (next->kind == ExprKind::kVectorSelector) {
      if (visit(As<VectorSelector>(*next))) return true;
      continue;
    }
    for (const Expr* source : Sources(*next)) todo.push_back(source);
  }
  return false;
}

}  // namespace

std::string HistogramKey(const VectorSelector& selector) {
  for (const Matcher& matcher : selector.matchers) {
    if (matcher.name() == kMetricName && matcher.op() == MatchOp::kEqual) return matcher.value();
  }
  return PrintMatchers(selector.matchers);
}

bool MayYieldHistograms(const Expr& expr, const HistogramMetrics& known) {
  return !known.empty() && VisitSources(expr, [&](const VectorSelector& selector) {
    return known.contains(HistogramKey(selector));
  });
}

void CollectHistogramKeys(const Expr& expr, HistogramMetrics& keys) {
  VisitSources(expr, [&](const VectorSelector& selector) {
    keys.insert(HistogramKey(selector));
    return false;
  });
}

}  // namespace synoptic::promql
