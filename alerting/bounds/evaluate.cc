// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/bounds/evaluate.h"

#include <algorithm>
#include <cmath>

#include "alerting/bounds/operations.h"
#include "alerting/bounds/units.h"

namespace synoptic::alerting {
namespace {

using domain::Verdict;
using promql::AggregateOp;
using promql::Expr;
using promql::ExprKind;
using promql::FunctionId;

class Evaluation {
 public:
  Evaluation(const LeafPlan& plan, const promql::Topology& topology,
             const std::vector<LeafAnswer>& answers, double time_seconds)
      : plan_(plan), topology_(topology), answers_(answers), time_seconds_(time_seconds) {}

  PartialVector Vector(const Expr& expr) {
    if (const auto at = plan_.at.find(&expr); at != plan_.at.end()) return OfLeaf(expr, at->second);
    switch (expr.kind) {
      case ExprKind::kParen:
        return Vector(*promql::As<promql::Paren>(expr).expr);
      case ExprKind::kStepInvariant:
        return Vector(*promql::As<promql::StepInvariant>(expr).expr);
      case ExprKind::kUnary:
        return Negated(promql::As<promql::Unary>(expr));
      case ExprKind::kAggregate:
        return Aggregated(promql::As<promql::Aggregate>(expr));
      case ExprKind::kBinary:
        return OfBinary(promql::As<promql::Binary>(expr));
      case ExprKind::kCall:
        return OfCall(promql::As<promql::Call>(expr));
      default:
        return PartialVector::Anything();
    }
  }

  BoundedValue Scalar(const Expr& expr) {
    if (const auto at = plan_.at.find(&expr); at != plan_.at.end()) {
      const LeafAnswer& answer = answers_[at->second];
      if (!answer.usable || !answer.missing.empty() || answer.elements.size() != 1) {
        return BoundedValue::Anything();
      }
      return BoundedValue::Exactly(answer.elements[0].second);
    }
    switch (expr.kind) {
      case ExprKind::kNumber:
        return BoundedValue::Exactly(promql::As<promql::NumberLiteral>(expr).value);
      case ExprKind::kParen:
        return Scalar(*promql::As<promql::Paren>(expr).expr);
      case ExprKind::kStepInvariant:
        return Scalar(*promql::As<promql::StepInvariant>(expr).expr);
      case ExprKind::kUnary: {
        const auto& unary = promql::As<promql::Unary>(expr);
        const BoundedValue v = Scalar(*unary.expr);
        return unary.negate ? Arithmetic(promql::BinaryOp::kMul, BoundedValue::Exactly(-1), v) : v;
      }
      case ExprKind::kBinary: {
        const auto& binary = promql::As<promql::Binary>(expr);
        const BoundedValue a = Scalar(*binary.lhs), b = Scalar(*binary.rhs);
        if (!promql::IsComparison(binary.op)) return Arithmetic(binary.op, a, b);
        const Verdict holds = CompareValues(binary.op, a, b);
        if (holds == Verdict::kUnknown) return BoundedValue::Between(0, 1);
        return BoundedValue::Exactly(holds == Verdict::kTrue ? 1 : 0);
      }
      case ExprKind::kCall:
        return ScalarCall(promql::As<promql::Call>(expr));
      default:
        return BoundedValue::Anything();
    }
  }

 private:
  BoundedValue ScalarCall(const promql::Call& call) {
    if (call.function->id == FunctionId::kTime) return BoundedValue::Exactly(time_seconds_);
    if (call.function->id != FunctionId::kScalar) return BoundedValue::Anything();
    const PartialVector input = Vector(*call.args[0]);
    const PartialElement* one = nullptr;
    for (const PartialElement& element : input.elements) {
      if (element.present == Verdict::kFalse) continue;
      if (one != nullptr) return BoundedValue::Anything();
      one = &element;
    }
    const bool certain = one != nullptr && one->present == Verdict::kTrue && input.open.empty();
    return certain ? one->value : BoundedValue::Anything();
  }

  PartialVector OfLeaf(const Expr& expr, size_t index) {
    const Leaf& leaf = plan_.leaves[index];
    const LeafAnswer& answer = answers_[index];
    if (leaf.presence) return Absence(answer);
    if (!answer.usable || (leaf.unaffected && !answer.missing.empty())) {
      return PartialVector::Anything();
    }
    PartialVector out;
    std::vector<OpenKind> unseen;
    for (LeafUnit& unit : UnitsOf(leaf, topology_)) {
      if (!unit.Unseen(answer.missing)) continue;
      unseen.push_back(unit.kind);
      const auto assumed = answer.assumed.find(unit.shards.front());
      if (assumed == answer.assumed.end()) {
        out.open.push_back(std::move(unit.kind));
        continue;
      }
      for (const auto& [labels, value] : assumed->second) out.elements.push_back({labels, value});
    }
    for (const auto& [labels, value] : answer.elements) {
      // What came from a part that is not wholly seen proves nothing.
      const bool proves_nothing = std::any_of(
          unseen.begin(), unseen.end(), [&](const OpenKind& kind) { return kind.CanBe(labels); });
      if (!proves_nothing) out.elements.push_back({labels, BoundedValue::Exactly(value)});
    }
    if (!leaf.partial) return out;
    const auto& aggregate = promql::As<promql::Aggregate>(expr);
    const AggregateOp op = aggregate.op == AggregateOp::kCount ? AggregateOp::kSum : aggregate.op;
    return AggregateBounds(op, GroupingOf(aggregate), out);
  }

  // absent(): false as soon as anything is seen, and never true while something is not.
  static PartialVector Absence(const LeafAnswer& answer) {
    if (answer.usable && !answer.elements.empty()) return {};
    PartialVector out;
    out.open.push_back({{}, std::nullopt, BoundedValue::Exactly(1)});
    return out;
  }

  static Grouping GroupingOf(const promql::Aggregate& aggregate) {
    return {promql::ToNameSet(aggregate.grouping), aggregate.without};
  }

  PartialVector Negated(const promql::Unary& unary) {
    PartialVector out = Vector(*unary.expr);
    if (!unary.negate) return out;
    const BoundedValue minus = BoundedValue::Exactly(-1);
    return Mapped(std::move(out), [&](const BoundedValue& v) {
      return Arithmetic(promql::BinaryOp::kMul, minus, v);
    });
  }

  // A function of each value, which loses the metric's name.
  template <class F>
  static PartialVector Mapped(PartialVector input, F f) {
    PartialVector out;
    for (PartialElement element : input.elements) {
      element.value = f(element.value);
      LoseName(input, element);
      out.elements.push_back(std::move(element));
    }
    if (HasTwins(out)) return PartialVector::Anything();
    for (OpenKind& open : input.open) {
      open.value = f(open.value);
      open.fixed[std::string(promql::kMetricName)] = "";
      out.open.push_back(std::move(open));
    }
    return out;
  }

  PartialVector Aggregated(const promql::Aggregate& aggregate) {
    PartialVector input = Vector(*aggregate.expr);
    switch (aggregate.op) {
      case AggregateOp::kCountValues:
        return PartialVector::Anything();
      case AggregateOp::kTopk:
      case AggregateOp::kBottomk:
      case AggregateOp::kLimitk:
      case AggregateOp::kLimitRatio:
        // Whoever is among the first may be behind one that nobody sees.
        for (PartialElement& element : input.elements) {
          element.present = domain::And(element.present, Verdict::kUnknown);
        }
        return input;
      case AggregateOp::kQuantile: {
        const BoundedValue rank = Scalar(*aggregate.param);
        if (!rank.exact || !(rank.lo >= 0 && rank.lo <= 1)) return PartialVector::Anything();
        break;
      }
      default:
        break;
    }
    return AggregateBounds(aggregate.op, GroupingOf(aggregate), input);
  }

  PartialVector OfBinary(const promql::Binary& binary) {
    const bool left = promql::TypeOf(*binary.lhs) == promql::ValueType::kVector;
    const bool right = promql::TypeOf(*binary.rhs) == promql::ValueType::kVector;
    if (left && right) return MatchVectors(binary, Vector(*binary.lhs), Vector(*binary.rhs));
    if (left) return WithScalar(binary, Vector(*binary.lhs), Scalar(*binary.rhs), false);
    return WithScalar(binary, Vector(*binary.rhs), Scalar(*binary.lhs), true);
  }

  PartialVector OfCall(const promql::Call& call) {
    const FunctionId id = call.function->id;
    if (id == FunctionId::kVector) return {{{promql::Labels(), Scalar(*call.args[0])}}, {}};
    if (call.args.empty() || promql::TypeOf(*call.args[0]) != promql::ValueType::kVector) {
      return PartialVector::Anything();
    }
    if (id == FunctionId::kSort || id == FunctionId::kSortDesc) return Vector(*call.args[0]);
    if (call.function->locality != promql::FunctionLocality::kPerSeries) {
      return PartialVector::Anything();
    }
    std::vector<BoundedValue> parameters;
    for (size_t i = 1; i < call.args.size(); ++i) {
      if (promql::TypeOf(*call.args[i]) != promql::ValueType::kScalar) {
        return PartialVector::Anything();
      }
      parameters.push_back(Scalar(*call.args[i]));
    }
    return Mapped(Vector(*call.args[0]),
                  [&](const BoundedValue& v) { return ApplyFunction(id, v, parameters); });
  }

  const LeafPlan& plan_;
  const promql::Topology& topology_;
  const std::vector<LeafAnswer>& answers_;
  const double time_seconds_;
};

}  // namespace

PartialVector EvaluateBounds(const LeafPlan& plan, const promql::Topology& topology,
                             const std::vector<LeafAnswer>& answers, double time_seconds) {
  Evaluation evaluation(plan, topology, answers, time_seconds);
  if (promql::TypeOf(*plan.tree) == promql::ValueType::kScalar) {
    return {{{promql::Labels(), evaluation.Scalar(*plan.tree)}}, {}};
  }
  return evaluation.Vector(*plan.tree);
}

}  // namespace synoptic::alerting
