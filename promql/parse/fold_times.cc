// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/parse/fold_times.h"

#include <cmath>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "base/status.h"
#include "promql/functions/math.h"
#include "promql/parse/literals.h"

namespace synoptic::promql {
namespace {

using Op = DurationExpr::Op;

class Folder {
 public:
  explicit Folder(const Grid& grid) : grid_(grid) {}

  void Fold(ExprPtr& expr) const {
    if (expr->kind == ExprKind::kCall) {
      if (const auto value = ValueOf(As<Call>(*expr).function->id)) {
        auto number = std::make_unique<NumberLiteral>();
        number->value = *value;
        number->pos = expr->pos;
        expr = std::move(number);
        return;
      }
    }
    FoldChildren(*expr);
  }

 private:
  std::optional<double> ValueOf(FunctionId id) const {
    switch (id) {
      case FunctionId::kStartFn:
        return static_cast<double>(grid_.start) / 1000;
      case FunctionId::kEnd:
        return static_cast<double>(grid_.end) / 1000;
      case FunctionId::kRange:
        return DurationSeconds(grid_.end - grid_.start);
      case FunctionId::kStep:
        return grid_.start == grid_.end ? 0 : DurationSeconds(grid_.step);
      default:
        return std::nullopt;
    }
  }

  void FoldChildren(Expr& expr) const {
    switch (expr.kind) {
      case ExprKind::kBinary:
        Fold(As<Binary>(expr).lhs);
        Fold(As<Binary>(expr).rhs);
        break;
      case ExprKind::kCall:
        for (ExprPtr& arg : As<Call>(expr).args) Fold(arg);
        break;
      case ExprKind::kAggregate:
        Fold(As<Aggregate>(expr).expr);
        if (As<Aggregate>(expr).param) Fold(As<Aggregate>(expr).param);
        break;
      case ExprKind::kUnary:
        Fold(As<Unary>(expr).expr);
        break;
      case ExprKind::kParen:
        Fold(As<Paren>(expr).expr);
        break;
      case ExprKind::kSubquery:
        Fold(As<Subquery>(expr).expr);
        break;
      default:
        break;
    }
  }

  const Grid grid_;
};

class Durations {
 public:
  explicit Durations(const Grid& grid)
      // An instant query has neither a step nor a range.
      : step_(grid == Grid::Instant(grid.start) ? 0 : DurationSeconds(grid.step)),
        range_(DurationSeconds(grid.end - grid.start)) {}

  absl::Status Resolve(Expr& expr) const {
    if (expr.kind == ExprKind::kVectorSelector) {
      RETURN_IF_ERROR(Set(As<VectorSelector>(expr).time));
    } else if (expr.kind == ExprKind::kMatrixSelector) {
      auto& matrix = As<MatrixSelector>(expr);
      RETURN_IF_ERROR(Set(matrix.range_expr.get(), /*may_be_negative=*/false, matrix.range_ns));
    } else if (expr.kind == ExprKind::kSubquery) {
      auto& subquery = As<Subquery>(expr);
      RETURN_IF_ERROR(Set(subquery.time));
      RETURN_IF_ERROR(Set(subquery.step_expr.get(), /*may_be_negative=*/false, subquery.step_ns));
      RETURN_IF_ERROR(Set(subquery.range_expr.get(), /*may_be_negative=*/false, subquery.range_ns));
    }
    for (Expr* child : Children(expr)) RETURN_IF_ERROR(Resolve(*child));
    return absl::OkStatus();
  }

 private:
  absl::Status Set(TimeModifiers& time) const {
    return Set(time.offset_expr.get(), /*may_be_negative=*/true, time.offset_ns);
  }

  absl::Status Set(const DurationExpr* expr, bool may_be_negative, int64_t& ns) const {
    if (expr == nullptr) return absl::OkStatus();
    ASSIGN_OR_RETURN(const double seconds, Value(*expr));
    if (!std::isfinite(seconds)) return Error(*expr, "duration is NaN or infinite");
    if (seconds <= 0 && !may_be_negative) return Error(*expr, "duration must be greater than 0");
    if (std::fabs(seconds) > 9223372036.854775808) return Error(*expr, "duration is out of range");
    ns = internal::TruncatedToInt64(seconds * 1000) * 1'000'000;
    return absl::OkStatus();
  }

  // Byte offsets, not line and column: these errors come after parsing.
  static absl::Status Error(const DurationExpr& expr, std::string_view message) {
    return InvalidArgument("{}:{}: {}", expr.pos.start, expr.pos.end, message);
  }

  absl::StatusOr<double> Value(const DurationExpr& expr) const {
    double lhs = 0;
    double rhs = 0;
    if (expr.lhs) {
      ASSIGN_OR_RETURN(lhs, Value(*expr.lhs));
    }
    if (expr.rhs) {
      ASSIGN_OR_RETURN(rhs, Value(*expr.rhs));
    }
    switch (expr.op) {
      case Op::kLiteral:
        return expr.seconds;
      case Op::kStep:
        return step_;
      case Op::kRange:
        return range_;
      case Op::kAdd:
        return lhs + rhs;
      case Op::kSub:
        return lhs - rhs;
      case Op::kMul:
        return lhs * rhs;
      case Op::kDiv:
        if (rhs == 0) return Error(expr, "division by zero");
        return lhs / rhs;
      case Op::kMod:
        if (rhs == 0) return Error(expr, "modulo by zero");
        return std::fmod(lhs, rhs);
      case Op::kPow:
        return GoPow(lhs, rhs);
      case Op::kMinOf:
        return GoMin(lhs, rhs);
      case Op::kMaxOf:
        return GoMax(lhs, rhs);
      case Op::kNegate:
        return -lhs;
      case Op::kPlus:
        return lhs;
    }
    return 0;
  }

  const double step_;
  const double range_;
};

}  // namespace

void FoldQueryTimes(const Grid& grid, ExprPtr& expr) { Folder(grid).Fold(expr); }

absl::Status ResolveDurations(const Grid& grid, Expr& expr) {
  return Durations(grid).Resolve(expr);
}

}  // namespace synoptic::promql
