// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

#include "promql/parse/preprocess.h"

#include <cmath>
#include <optional>
#include <utility>

#include "base/status.h"
#include "promql/functions/math.h"
#include "promql/parse/histogram_stats.h"
#include "promql/parse/literals.h"

namespace synoptic::promql {
namespace {

using Op = DurationExpr::Op;
using AtKind = TimeModifiers::AtKind;

// start(), end(), range() and step() are numbers once the query's range is known.
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

// Gives every duration expression its value.
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

// The result of these may change with the evaluation time although their arguments do not.
bool DependsOnEvaluationTime(FunctionId id) {
  switch (id) {
    case FunctionId::kDaysInMonth:
    case FunctionId::kDayOfMonth:
    case FunctionId::kDayOfWeek:
    case FunctionId::kDayOfYear:
    case FunctionId::kEnd:
    case FunctionId::kHour:
    case FunctionId::kMinute:
    case FunctionId::kMonth:
    case FunctionId::kYear:
    case FunctionId::kPredictLinear:
    case FunctionId::kRange:
    case FunctionId::kStartFn:
    case FunctionId::kStep:
    case FunctionId::kTime:
    case FunctionId::kTimestamp:
      return true;
    default:
      return false;
  }
}

void StripParens(ExprPtr& expr) {
  while (expr->kind == ExprKind::kParen) {
    ExprPtr inner = std::move(As<Paren>(*expr).expr);
    expr = std::move(inner);
  }
}

void Wrap(ExprPtr& expr) {
  auto wrapper = std::make_unique<StepInvariant>();
  wrapper->pos = expr->pos;
  wrapper->expr = std::move(expr);
  expr = std::move(wrapper);
}

// Whether the selectors below info()'s first argument all look at the same time: only then does
// the call not depend on the step, and info series are looked at at that time too.
class InfoReference {
 public:
  struct Reference {
    std::optional<int64_t> at_ms;
    int64_t offset_ns = 0;
    bool operator==(const Reference& other) const {
      const int64_t offset_ms = offset_ns / 1'000'000, other_ms = other.offset_ns / 1'000'000;
      if (at_ms.has_value() != other.at_ms.has_value()) return false;
      return at_ms ? *at_ms - offset_ms == *other.at_ms - other_ms : offset_ms == other_ms;
    }
  };

  // Nothing where they differ, or where some part has no selector.
  static std::optional<Reference> Shared(const Expr& expr) {
    InfoReference visit;
    visit.Visit(expr, {});
    if (!visit.uniform_ || visit.has_part_without_selector_) return std::nullopt;
    return visit.first_;
  }

 private:
  static Reference Of(const TimeModifiers& time) {
    Reference own;
    own.offset_ns = time.offset_ns;
    if (time.at != AtKind::kNone) own.at_ms = time.at_ms;
    return own;
  }

  bool Visit(const Expr& expr, std::vector<const Subquery*> path) {
    const ValueType type = TypeOf(expr);
    if (type != ValueType::kVector && type != ValueType::kMatrix) return false;
    if (expr.kind == ExprKind::kVectorSelector) {
      Note(As<VectorSelector>(expr), path);
      return true;
    }
    if (expr.kind == ExprKind::kSubquery) path.push_back(&As<Subquery>(expr));
    if (expr.kind == ExprKind::kCall && As<Call>(expr).function->id == FunctionId::kInfo) {
      return Visit(*As<Call>(expr).args[0], path);
    }
    bool has_selector = false;
    for (const Expr* child : Children(expr)) has_selector = Visit(*child, path) || has_selector;
    if (!has_selector) has_part_without_selector_ = true;
    return has_selector;
  }

  void Note(const VectorSelector& selector, const std::vector<const Subquery*>& path) {
    Reference reference = Of(selector.time);
    // Enclosing subqueries shift it until a time of its own fixes it.
    for (auto it = path.rbegin(); it != path.rend() && !reference.at_ms; ++it) {
      const Reference outer = Of((*it)->time);
      reference.offset_ns += outer.offset_ns;
      reference.at_ms = outer.at_ms;
    }
    if (!first_) {
      first_ = reference;
    } else if (!(*first_ == reference)) {
      uniform_ = false;
    }
  }

  std::optional<Reference> first_;
  bool uniform_ = true;
  bool has_part_without_selector_ = false;
};

// Makes info()'s second argument what is to be fetched: Prometheus asks its storage for the info
// metrics that it names (target_info when it names none, all of them when it only excludes some),
// at the time that the first argument's selectors share.
void CompleteInfo(Call& call, const std::optional<InfoReference::Reference>& reference) {
  if (call.args.size() < 2) {
    auto all = std::make_unique<VectorSelector>();
    all->pos = call.pos;
    all->bypass_empty_check = true;
    call.args.push_back(std::move(all));
  }
  if (call.args[1]->kind != ExprKind::kVectorSelector) return;
  auto& selector = As<VectorSelector>(*call.args[1]);
  bool named = false, excluded = false;
  for (const Matcher& matcher : selector.matchers) {
    if (matcher.name() != kMetricName) continue;
    const bool positive = matcher.op() == MatchOp::kEqual || matcher.op() == MatchOp::kRegex;
    (positive ? named : excluded) = true;
  }
  if (!named) {
    const auto matcher =
        excluded ? Matcher::Create(MatchOp::kRegex, std::string(kMetricName), ".+_info")
                 : Matcher::Create(MatchOp::kEqual, std::string(kMetricName), "target_info");
    selector.matchers.push_back(*matcher);
  }
  selector.time = {};
  if (!reference) return;
  selector.time.offset_ns = reference->offset_ns;
  if (!reference->at_ms) return;
  selector.time.at = AtKind::kTimestamp;
  selector.time.at_ms = *reference->at_ms;
}

// Resolves @ start() and @ end(), strips parentheses around arguments, and wraps the largest
// subtrees that give the same value at every step.
class Invariance {
 public:
  struct Outcome {
    bool invariant;
    bool wrap;  // false where a wrapper would gain nothing: range vectors, literals
  };

  explicit Invariance(const Grid& grid) : grid_(grid) {}

  Outcome Visit(Expr& expr) const {
    switch (expr.kind) {
      case ExprKind::kVectorSelector: {
        const bool fixed = ResolveAt(As<VectorSelector>(expr).time);
        return {fixed, fixed};
      }
      case ExprKind::kMatrixSelector:
        return {Visit(*As<MatrixSelector>(expr).selector).invariant, false};
      case ExprKind::kSubquery:
        return VisitSubquery(As<Subquery>(expr));
      case ExprKind::kCall:
        return VisitCall(As<Call>(expr));
      case ExprKind::kAggregate:
        return VisitAggregate(As<Aggregate>(expr));
      case ExprKind::kBinary:
        return VisitBinary(As<Binary>(expr));
      case ExprKind::kUnary:
        return Visit(*As<Unary>(expr).expr);
      case ExprKind::kParen:
        return Visit(*As<Paren>(expr).expr);
      case ExprKind::kNumber:
      case ExprKind::kString:
        return {true, false};
      case ExprKind::kStepInvariant:
      case ExprKind::kFetched:
        break;  // not in parsed trees
    }
    return {false, false};
  }

 private:
  bool ResolveAt(TimeModifiers& time) const {
    if (time.at == AtKind::kStart) time.at_ms = grid_.start;
    if (time.at == AtKind::kEnd) time.at_ms = grid_.end;
    if (time.at != AtKind::kNone) time.at = AtKind::kTimestamp;
    return time.at != AtKind::kNone;
  }

  // The inside of a subquery is evaluated once for all its steps; the subquery itself is not
  // wrapped, like a matrix selector.
  Outcome VisitSubquery(Subquery& expr) const {
    if (Visit(*expr.expr).invariant) Wrap(expr.expr);
    return {ResolveAt(expr.time), false};
  }

  // Below a parameter. Prometheus fixes a time by an offset from the start of the evaluation, and
  // nothing holds the parameter to that start; but it has fetched samples for the fixed time.
  static void LetTimesMove(Expr& expr, std::optional<int64_t> until_ms) {
    if (expr.kind == ExprKind::kSubquery) {
      TimeModifiers& time = As<Subquery>(expr).time;
      if (Moves(time)) until_ms = time.at_ms;
      if (until_ms) *until_ms -= time.offset_ms();
    } else if (expr.kind == ExprKind::kVectorSelector) {
      auto& selector = As<VectorSelector>(expr);
      if (!Moves(selector.time)) selector.until_ms = until_ms;
    }
    for (Expr* child : Children(expr)) LetTimesMove(*child, until_ms);
  }

  static bool Moves(TimeModifiers& time) {
    time.moves = time.at == AtKind::kTimestamp;
    return time.moves;
  }

  // Prometheus looks at the body only: a parameter is neither wrapped nor resolved, so that
  // `@ start()` and `@ end()` have no effect there.
  Outcome VisitAggregate(Aggregate& expr) const {
    StripParens(expr.expr);
    if (expr.param) {
      StripParens(expr.param);
      DropUnresolved(*expr.param);
      LetTimesMove(*expr.param, std::nullopt);
    }
    return Visit(*expr.expr);
  }

  static void DropUnresolved(Expr& expr) {
    TimeModifiers* time = nullptr;
    if (expr.kind == ExprKind::kVectorSelector) time = &As<VectorSelector>(expr).time;
    if (expr.kind == ExprKind::kSubquery) time = &As<Subquery>(expr).time;
    if (time != nullptr && time->at != AtKind::kTimestamp) time->at = AtKind::kNone;
    for (Expr* child : Children(expr)) DropUnresolved(*child);
  }

  Outcome VisitBinary(Binary& expr) const {
    const Outcome lhs = Visit(*expr.lhs);
    const Outcome rhs = Visit(*expr.rhs);
    if (lhs.invariant && rhs.invariant) return {true, true};
    if (lhs.wrap) Wrap(expr.lhs);
    if (rhs.wrap) Wrap(expr.rhs);
    return {false, false};
  }

  Outcome VisitCall(Call& call) const {
    const FunctionId id = call.function->id;
    bool invariant = !DependsOnEvaluationTime(id);
    // timestamp(x @ t) is the time of a fixed sample; timestamp(abs(x @ t)) is not.
    bool fixed_timestamp = id == FunctionId::kTimestamp;
    std::vector<bool> wrap(call.args.size());
    for (size_t i = 0; i < call.args.size(); ++i) {
      StripParens(call.args[i]);
      const Outcome arg = Visit(*call.args[i]);
      if (id == FunctionId::kInfo && i == 1) continue;  // matchers, not evaluated
      wrap[i] = arg.wrap;
      invariant = invariant && arg.invariant;
      const bool selector = call.args[i]->kind == ExprKind::kVectorSelector;
      fixed_timestamp = fixed_timestamp && arg.invariant && selector;
    }
    if (id == FunctionId::kInfo) {
      const auto reference = InfoReference::Shared(*call.args[0]);
      invariant = invariant && reference.has_value();
      CompleteInfo(call, reference);
      wrap.resize(call.args.size());
    }
    if (invariant || fixed_timestamp) return {true, true};
    for (size_t i = 0; i < call.args.size(); ++i) {
      if (wrap[i]) Wrap(call.args[i]);
    }
    return {false, false};
  }

  const Grid grid_;
};

}  // namespace

absl::StatusOr<ExprPtr> Preprocess(ExprPtr expr, const Grid& grid) {
  Folder(grid).Fold(expr);
  RETURN_IF_ERROR(Durations(grid).Resolve(*expr));
  MarkStatsOnly(*expr);
  if (Invariance(grid).Visit(*expr).wrap) Wrap(expr);
  return expr;
}

}  // namespace synoptic::promql
