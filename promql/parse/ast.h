// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The syntax tree of PromQL, Prometheus 3.15's complete grammar.
//
// Nodes are owned by their parent. `kind` tells the type; As<T>() casts. Positions are byte ranges
// in the query text. Durations are nanoseconds as written and used as milliseconds, as in
// Prometheus. The parser guarantees types and depth and node limits.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "promql/functions/table.h"
#include "promql/model/annotations.h"
#include "promql/model/matcher.h"
#include "promql/model/series.h"

namespace synoptic::promql {

enum class ExprKind : uint8_t {
  kNumber,
  kString,
  kVectorSelector,
  kMatrixSelector,
  kSubquery,
  kCall,
  kAggregate,
  kBinary,
  kUnary,
  kParen,
  kStepInvariant,
  kFetched,
};

struct Expr {
  Expr(const Expr&) = delete;
  Expr& operator=(const Expr&) = delete;
  virtual ~Expr() = default;

  const ExprKind kind;
  PosRange pos;

 protected:
  explicit Expr(ExprKind k) : kind(k) {}
};
using ExprPtr = std::unique_ptr<Expr>;

// REQUIRES: the node has that kind.
template <class T>
T& As(Expr& expr) {
  return static_cast<T&>(expr);
}
template <class T>
const T& As(const Expr& expr) {
  return static_cast<const T&>(expr);
}

// Arithmetic over durations inside brackets and after `offset`. Leaves are numbers
// of seconds, step() and range(); evaluated once the query's range and step are known.
struct DurationExpr {
  enum class Op : uint8_t {
    kLiteral,
    kAdd,
    kSub,
    kMul,
    kDiv,
    kMod,
    kPow,
    kStep,
    kRange,
    kMinOf,
    kMaxOf,
    kNegate,
    kPlus,
  };
  Op op = Op::kLiteral;
  double seconds = 0;        // kLiteral
  bool is_duration = false;  // kLiteral: written 5m, not 300
  bool wrapped = false;      // written inside parentheses
  PosRange pos;
  std::unique_ptr<DurationExpr> lhs, rhs;  // unary operators use lhs
};

struct NumberLiteral final : Expr {
  NumberLiteral() : Expr(ExprKind::kNumber) {}
  double value = 0;
  bool is_duration = false;  // written as a duration: printed as one
};

struct StringLiteral final : Expr {
  StringLiteral() : Expr(ExprKind::kString) {}
  std::string value;
};

// What `offset` and `@` set, on vector selectors and subqueries (a matrix selector's live on its
// vector selector).
struct TimeModifiers {
  enum class AtKind : uint8_t { kNone, kTimestamp, kStart, kEnd };
  int64_t offset_ns = 0;                      // as written
  std::unique_ptr<DurationExpr> offset_expr;  // when not a plain literal
  AtKind at = AtKind::kNone;
  int64_t at_ms = 0;  // kTimestamp, and after Preprocess also for kStart and kEnd
  // Set by Preprocess below an aggregation's parameter: `@` holds for the first step only, and the
  // time moves on with the steps. What is read does not: it ends where that of the first step does.
  bool moves = false;
  int64_t offset_ms() const { return offset_ns / 1'000'000; }
};

struct VectorSelector final : Expr {
  VectorSelector() : Expr(ExprKind::kVectorSelector) {}
  std::string name;               // written outside the braces; also among the matchers
  std::vector<Matcher> matchers;  // in order of writing, the outside name's last
  TimeModifiers time;
  bool anchored = false;
  bool smoothed = false;
  bool bypass_empty_check = false;  // second argument of info()
  bool stats_only = false;          // of histograms no more than count and sum is read
  // Set by Preprocess below a subquery whose time moves: what this time sees is read, nothing
  // later.
  std::optional<int64_t> until_ms;
  int fetch_id = -1;  // set by the planner: which fetch brings its raw series
};

struct MatrixSelector final : Expr {
  MatrixSelector() : Expr(ExprKind::kMatrixSelector) {}
  std::unique_ptr<VectorSelector> selector;
  int64_t range_ns = 0;
  std::unique_ptr<DurationExpr> range_expr;  // when not a plain literal
  int64_t range_ms() const { return range_ns / 1'000'000; }
};

struct Subquery final : Expr {
  Subquery() : Expr(ExprKind::kSubquery) {}
  ExprPtr expr;
  int64_t range_ns = 0;
  std::unique_ptr<DurationExpr> range_expr;
  int64_t step_ns = 0;  // 0: the default step
  std::unique_ptr<DurationExpr> step_expr;
  TimeModifiers time;
  int64_t range_ms() const { return range_ns / 1'000'000; }
  int64_t step_ms() const { return step_ns / 1'000'000; }
};

struct Call final : Expr {
  Call() : Expr(ExprKind::kCall) {}
  const Function* function = nullptr;
  std::vector<ExprPtr> args;
};

enum class AggregateOp : uint8_t {
  kSum,
  kAvg,
  kCount,
  kMin,
  kMax,
  kGroup,
  kStddev,
  kStdvar,
  kTopk,
  kBottomk,
  kCountValues,
  kQuantile,
  kLimitk,
  kLimitRatio,
};

struct Aggregate final : Expr {
  Aggregate() : Expr(ExprKind::kAggregate) {}
  AggregateOp op = AggregateOp::kSum;
  ExprPtr expr;
  ExprPtr param;  // nullptr when the operator takes none
  std::vector<std::string> grouping;
  bool without = false;
};

enum class BinaryOp : uint8_t {
  kAdd,
  kSub,
  kMul,
  kDiv,
  kMod,
  kPow,
  kAtan2,  // arithmetic
  kEqual,
  kNotEqual,
  kGreater,
  kLess,
  kGreaterEqual,
  kLessEqual,  // comparison
  kTrimUpper,
  kTrimLower,  // </ and >/
  kAnd,
  kOr,
  kUnless,  // set
};

enum class MatchCardinality : uint8_t { kOneToOne, kManyToOne, kOneToMany, kManyToMany };

struct VectorMatching {
  MatchCardinality cardinality = MatchCardinality::kOneToOne;
  bool on = false;  // on(labels); otherwise ignoring(labels)
  std::vector<std::string> labels;
  std::vector<std::string> include;  // group_left / group_right labels
  std::optional<double> fill_left, fill_right;
};

struct Binary final : Expr {
  Binary() : Expr(ExprKind::kBinary) {}
  BinaryOp op = BinaryOp::kAdd;
  ExprPtr lhs, rhs;
  bool return_bool = false;
  // kScalar when both sides are; kept here, as chains of operators are long.
  ValueType type = ValueType::kVector;
  // Set when both sides are vectors, as in Prometheus.
  std::optional<VectorMatching> matching;
};

struct Unary final : Expr {
  Unary() : Expr(ExprKind::kUnary) {}
  bool negate = true;  // otherwise unary plus
  ExprPtr expr;
};

struct Paren final : Expr {
  Paren() : Expr(ExprKind::kParen) {}
  ExprPtr expr;
};

// Evaluated once and repeated at every step. Made by Preprocess; prints as its inner expression.
struct StepInvariant final : Expr {
  StepInvariant() : Expr(ExprKind::kStepInvariant) {}
  ExprPtr expr;
};

// A subtree that upstreams evaluated: its values arrive step-exact over `grid`. Made by the
// planner. `original` is what it stands for (types, printing, annotations).
struct Fetched final : Expr {
  Fetched() : Expr(ExprKind::kFetched) {}
  int fetch_id = -1;
  ExprPtr original;
};

// kScalar, kString, kVector or kMatrix.
ValueType TypeOf(const Expr& expr);
ExprPtr Clone(const Expr& expr);
std::unique_ptr<DurationExpr> Clone(const DurationExpr& expr);
// The expression without surrounding parentheses and step-invariant wrappers.
const Expr& Unwrap(const Expr& expr);
// Direct children in order of evaluation; a matrix selector's vector selector is one.
absl::InlinedVector<Expr*, 4> Children(Expr& expr);
absl::InlinedVector<const Expr*, 4> Children(const Expr& expr);

bool IsComparison(BinaryOp op);
bool IsSetOperator(BinaryOp op);
std::string_view OperatorText(BinaryOp op);
std::string_view OperatorText(AggregateOp op);
// topk, bottomk, limitk, limit_ratio, quantile, count_values
bool TakesParameter(AggregateOp op);

}  // namespace synoptic::promql
