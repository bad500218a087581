// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

#include "promql/parse/check.h"

#include <algorithm>

#include "base/go_format.h"
#include "base/status.h"
#include "promql/parse/parser_impl.h"

namespace synoptic::promql::internal {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool IsOperand(ValueType type) { return type == ValueType::kScalar || type == ValueType::kVector; }

class Checker {
 public:
  explicit Checker(std::string_view text) : text_(text) {}

  absl::Status Check(Expr& expr) {
    switch (expr.kind) {
      case ExprKind::kAggregate:
        return CheckAggregate(As<Aggregate>(expr));
      case ExprKind::kBinary:
        return CheckBinary(As<Binary>(expr));
      case ExprKind::kCall:
        return CheckCall(As<Call>(expr));
      case ExprKind::kUnary:
        return CheckUnary(As<Unary>(expr));
      case ExprKind::kSubquery:
        return CheckSubquery(As<Subquery>(expr));
      case ExprKind::kVectorSelector:
        return CheckSelector(As<VectorSelector>(expr));
      default:
        for (Expr* child : Children(expr)) RETURN_IF_ERROR(Check(*child));
        return absl::OkStatus();
    }
  }

 private:
  template <class... Args>
  absl::Status Error(int offset, fmt::format_string<Args...> format, Args&&... args) const {
    return absl::InvalidArgumentError(
        PositionedError(text_, offset, fmt::format(format, std::forward<Args>(args)...)));
  }

  absl::Status Expect(Expr& expr, ValueType wanted, std::string_view place) {
    RETURN_IF_ERROR(Check(expr));
    if (TypeOf(expr) == wanted) return absl::OkStatus();
    return Error(expr.pos.start, "expected type {} in {}, got {}", DocumentedName(wanted), place,
                 DocumentedName(TypeOf(expr)));
  }

  absl::Status CheckAggregate(Aggregate& expr) {
    RETURN_IF_ERROR(Expect(*expr.expr, ValueType::kVector, "aggregation expression"));
    if (!expr.param) return absl::OkStatus();
    const bool string = expr.op == AggregateOp::kCountValues;
    return Expect(*expr.param, string ? ValueType::kString : ValueType::kScalar,
                  "aggregation parameter");
  }

  absl::Status CheckUnary(Unary& expr) {
    RETURN_IF_ERROR(Check(*expr.expr));
    const ValueType type = TypeOf(*expr.expr);
    if (IsOperand(type)) return absl::OkStatus();
    return Error(expr.pos.start,
                 "unary expression only allowed on expressions of type scalar or instant vector, "
                 "got \"{}\"",
                 DocumentedName(type));
  }

  absl::Status CheckSubquery(Subquery& expr) {
    RETURN_IF_ERROR(Check(*expr.expr));
    const ValueType type = TypeOf(*expr.expr);
    if (type == ValueType::kVector) return absl::OkStatus();
    return Error(expr.pos.start, "subquery is only allowed on instant vector, got {} instead",
                 ApiName(type));
  }

  absl::Status CheckSelector(const VectorSelector& expr) const {
    if (!expr.name.empty()) {
      // The outside name's own matcher is the last.
      for (size_t i = 0; i + 1 < expr.matchers.size(); ++i) {
        if (expr.matchers[i].name() != kMetricName) continue;
        return Error(expr.pos.start, "metric name must not be set twice: {} or {}",
                     GoQuote(expr.name), GoQuote(expr.matchers[i].value()));
      }
      return absl::OkStatus();
    }
    if (expr.bypass_empty_check) return absl::OkStatus();
    const auto selects = [](const Matcher& m) { return !m.MatchesEmpty(); };
    if (std::ranges::any_of(expr.matchers, selects)) return absl::OkStatus();
    return Error(expr.pos.start, "vector selector must contain at least one non-empty matcher");
  }

  absl::Status CheckBinary(Binary& expr) {
    RETURN_IF_ERROR(Check(*expr.lhs));
    RETURN_IF_ERROR(Check(*expr.rhs));
    RETURN_IF_ERROR(CheckModifiers(expr));
    const ValueType lhs = TypeOf(*expr.lhs);
    const ValueType rhs = TypeOf(*expr.rhs);
    for (const Expr* side : {expr.lhs.get(), expr.rhs.get()}) {
      if (IsOperand(TypeOf(*side))) continue;
      return Error(side->pos.start,
                   "binary expression must contain only scalar and instant vector types");
    }
    if (lhs != ValueType::kVector || rhs != ValueType::kVector) return CheckScalarSide(expr);
    if (IsSetOperator(expr.op)) return CheckSetOperator(expr);
    return absl::OkStatus();
  }

  absl::Status CheckModifiers(Binary& expr) {
    if (expr.return_bool && !IsComparison(expr.op)) {
      return OperatorError(expr, "bool modifier can only be used on comparison operators");
    }
    if (IsComparison(expr.op) && !expr.return_bool && TypeOf(expr) == ValueType::kScalar) {
      return OperatorError(expr, "comparisons between scalars must use BOOL modifier");
    }
    VectorMatching& matching = *expr.matching;
    if (IsSetOperator(expr.op) && matching.cardinality == MatchCardinality::kOneToOne) {
      matching.cardinality = MatchCardinality::kManyToMany;
    }
    if (!matching.on) return absl::OkStatus();
    for (const std::string& label : matching.labels) {
      if (std::ranges::find(matching.include, label) == matching.include.end()) continue;
      return OperatorError(
          expr,
          fmt::format("label {} must not occur in ON and GROUP clause at once", GoQuote(label)));
    }
    return absl::OkStatus();
  }

  // At the first character after the left side that is not space.
  absl::Status OperatorError(const Binary& expr, std::string_view message) const {
    size_t at = static_cast<size_t>(expr.lhs->pos.end);
    while (at < text_.size() && IsSpace(text_[at])) ++at;
    return Error(static_cast<int>(at), "{}", message);
  }

  absl::Status CheckScalarSide(Binary& expr) {
    const VectorMatching& matching = *expr.matching;
    if (!matching.labels.empty()) {
      return Error(expr.pos.start, "vector matching only allowed between instant vectors");
    }
    if (matching.fill_left || matching.fill_right) {
      return Error(expr.pos.start,
                   "filling in missing series only allowed between instant vectors");
    }
    expr.matching.reset();
    if (!IsSetOperator(expr.op)) return absl::OkStatus();
    return Error(expr.pos.start, "set operator {} not allowed in binary scalar expression",
                 GoQuote(OperatorText(expr.op)));
  }

  absl::Status CheckSetOperator(const Binary& expr) const {
    const VectorMatching& matching = *expr.matching;
    if (matching.cardinality != MatchCardinality::kManyToMany) {
      return Error(expr.pos.start, "no grouping allowed for {} operation",
                   GoQuote(OperatorText(expr.op)));
    }
    if (matching.fill_left || matching.fill_right) {
      return Error(expr.pos.start, "filling in missing series not allowed for set operators");
    }
    return absl::OkStatus();
  }

  absl::Status CheckCall(Call& expr) {
    const Function& function = *expr.function;
    RETURN_IF_ERROR(CheckArity(expr));
    if (function.id == FunctionId::kInfo && expr.args.size() > 1) {
      RETURN_IF_ERROR(CheckInfoSelector(expr));
    }
    for (size_t i = 0; i < expr.args.size(); ++i) {
      // Surplus arguments have the last declared type.
      const ValueType wanted = function.args[std::min(i, function.args.size() - 1)];
      Expr& arg = *expr.args[i];
      RETURN_IF_ERROR(Check(arg));
      if (TypeOf(arg) == wanted) continue;
      return Error(arg.pos.start, "expected type {} in call to function {}, got {}",
                   DocumentedName(wanted), GoQuote(function.name), DocumentedName(TypeOf(arg)));
    }
    return absl::OkStatus();
  }

  absl::Status CheckArity(const Call& expr) const {
    const Function& function = *expr.function;
    const size_t got = expr.args.size();
    const size_t declared = function.args.size();
    const auto error = [&](std::string_view bound, size_t wanted) {
      return Error(expr.pos.start, "expected {}{} argument(s) in call to {}, got {}", bound, wanted,
                   GoQuote(function.name), got);
    };
    if (function.variadic == 0) return got == declared ? absl::OkStatus() : error("", declared);
    const size_t required = declared - 1;
    if (got < required) return error("at least ", required);
    if (function.variadic < 0) return absl::OkStatus();
    const size_t most = required + static_cast<size_t>(function.variadic);
    return got <= most ? absl::OkStatus() : error("at most ", most);
  }

  // The second argument of info() is a set of matchers in a selector's clothes.
  absl::Status CheckInfoSelector(Call& expr) const {
    Expr& arg = *expr.args[1];
    if (TypeOf(arg) != ValueType::kVector) {
      return Error(expr.pos.start,
                   "expected type instant vector in call to function \"info\", "
                   "got {}",
                   DocumentedName(TypeOf(arg)));
    }
    if (arg.kind != ExprKind::kVectorSelector) {
      return Error(arg.pos.start, "expected label selectors only");
    }
    auto& selector = As<VectorSelector>(arg);
    if (!selector.name.empty()) {
      return Error(arg.pos.start, "expected label selectors only, got vector selector instead");
    }
    selector.bypass_empty_check = true;
    return absl::OkStatus();
  }

  const std::string_view text_;
};

}  // namespace

absl::Status CheckTypes(Expr& expr, std::string_view text) { return Checker(text).Check(expr); }

}  // namespace synoptic::promql::internal
