// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Operators, from the loosest to the tightest.

#include <algorithm>
#include <optional>

#include "base/status.h"
#include "promql/parse/parser_impl.h"

namespace synoptic::promql::internal {
namespace {

using enum TokenKind;

constexpr int kOrPrecedence = 1;
constexpr int kAndPrecedence = 2;
constexpr int kComparePrecedence = 3;
constexpr int kAddPrecedence = 4;
constexpr int kMulPrecedence = 5;
constexpr int kPowPrecedence = 6;

struct OperatorRow {
  TokenKind token;
  BinaryOp op;
  int precedence;
};
constexpr OperatorRow kOperators[] = {
    {kLor, BinaryOp::kOr, kOrPrecedence},
    {kLand, BinaryOp::kAnd, kAndPrecedence},
    {kLunless, BinaryOp::kUnless, kAndPrecedence},
    {kEqlc, BinaryOp::kEqual, kComparePrecedence},
    {kNeq, BinaryOp::kNotEqual, kComparePrecedence},
    {kGtr, BinaryOp::kGreater, kComparePrecedence},
    {kLss, BinaryOp::kLess, kComparePrecedence},
    {kGte, BinaryOp::kGreaterEqual, kComparePrecedence},
    {kLte, BinaryOp::kLessEqual, kComparePrecedence},
    {kTrimUpper, BinaryOp::kTrimUpper, kComparePrecedence},
    {kTrimLower, BinaryOp::kTrimLower, kComparePrecedence},
    {kAdd, BinaryOp::kAdd, kAddPrecedence},
    {kSub, BinaryOp::kSub, kAddPrecedence},
    {kMul, BinaryOp::kMul, kMulPrecedence},
    {kDiv, BinaryOp::kDiv, kMulPrecedence},
    {kMod, BinaryOp::kMod, kMulPrecedence},
    {kAtan2, BinaryOp::kAtan2, kMulPrecedence},
    {kPow, BinaryOp::kPow, kPowPrecedence},
};

const OperatorRow* FindOperator(TokenKind token) {
  const auto it = std::ranges::find(kOperators, token, &OperatorRow::token);
  return it == std::end(kOperators) ? nullptr : it;
}

}  // namespace

Subtree ParserImpl::ParseBinary(int min_precedence) {
  Level level(*this);
  Subtree lhs = ParseUnary();
  while (!failed_) {
    const OperatorRow* const row = FindOperator(Peek());
    if (row == nullptr || row->precedence < min_precedence) break;
    Take();
    auto node = ParseBinaryModifiers();
    node->op = row->op;
    // All associate to the left but ^.
    const bool to_the_right = row->op == BinaryOp::kPow;
    Subtree rhs = ParseBinary(row->precedence + (to_the_right ? 0 : 1));
    if (failed_) break;
    lhs = MakeBinary(std::move(lhs), std::move(node), std::move(rhs));
  }
  return lhs;
}

Subtree ParserImpl::MakeBinary(Subtree lhs, std::unique_ptr<Binary> node, Subtree rhs) {
  node->pos = {lhs.expr->pos.start, rhs.expr->pos.end};
  const auto scalar = [](const Expr& side) { return TypeOf(side) == ValueType::kScalar; };
  if (scalar(*lhs.expr) && scalar(*rhs.expr)) node->type = ValueType::kScalar;
  node->lhs = std::move(lhs.expr);
  node->rhs = std::move(rhs.expr);
  if (!options_.binop_fill_modifiers && (node->matching->fill_left || node->matching->fill_right)) {
    Fail(node->pos, "binop fill modifiers are experimental and not enabled");
  }
  const int height = std::max(lhs.height, rhs.height) + 1;
  Counted(height, node->pos);
  return {std::move(node), height};
}

// [bool] [on|ignoring (...) [group_left|group_right [(...)]]] [fill ...]
std::unique_ptr<Binary> ParserImpl::ParseBinaryModifiers() {
  auto node = std::make_unique<Binary>();
  VectorMatching& matching = node->matching.emplace();
  node->return_bool = TakeIf(kBool);
  if (At(kOn) || At(kIgnoring)) {
    matching.on = Take().kind == kOn;
    matching.labels = ParseGroupingLabels();
    if (At(kGroupLeft) || At(kGroupRight)) {
      matching.cardinality =
          Take().kind == kGroupLeft ? MatchCardinality::kManyToOne : MatchCardinality::kOneToMany;
      // Labels may be left out, but then an operand (or fill) has to follow.
      if (At(kLeftParen) || !AtExpression()) matching.include = ParseGroupingLabels();
    }
  }
  ParseFill(matching);
  return node;
}

void ParserImpl::ParseFill(VectorMatching& matching) {
  if (TakeIf(kFill)) {
    matching.fill_left = matching.fill_right = ParseFillValue();
  } else if (TakeIf(kFillLeft)) {
    matching.fill_left = ParseFillValue();
    if (TakeIf(kFillRight)) matching.fill_right = ParseFillValue();
  } else if (TakeIf(kFillRight)) {
    matching.fill_right = ParseFillValue();
    if (TakeIf(kFillLeft)) matching.fill_left = ParseFillValue();
  }
}

double ParserImpl::ParseFillValue() {
  if (!Expect(kLeftParen)) return 0;
  const double value = ParseSignedNumber();
  if (!failed_) Expect(kRightParen);
  return value;
}

// A sign binds like multiplication: -1^2 is -(1^2). On a number it becomes part of the number.
Subtree ParserImpl::ParseUnary() {
  if (!At(kAdd) && !At(kSub)) return ParsePostfix(ParsePrimary());
  const Token sign = Take();
  Subtree operand = ParseBinary(kPowPrecedence);
  if (failed_) return {};
  const bool negate = sign.kind == kSub;
  if (operand.expr->kind == ExprKind::kNumber) {
    auto& number = As<NumberLiteral>(*operand.expr);
    if (negate) number.value *= -1;
    number.pos.start = sign.pos;
    return operand;
  }
  auto node = std::make_unique<Unary>();
  node->negate = negate;
  node->pos = {sign.pos, operand.expr->pos.end};
  node->expr = std::move(operand.expr);
  Counted(operand.height + 1, node->pos);
  return {std::move(node), operand.height + 1};
}

// Everything that may follow an operand; whether it may follow this one is checked at once.
Subtree ParserImpl::ParsePostfix(Subtree operand) {
  while (!failed_) {
    switch (Peek()) {
      case kLeftBracket:
        operand = ParseBrackets(std::move(operand));
        break;
      case kOffset:
        ParseOffset(*operand.expr);
        break;
      case kAt:
        ParseAt(*operand.expr);
        break;
      case kAnchored:
      case kSmoothed:
        ParseExtended(*operand.expr);
        break;
      default:
        return operand;
    }
  }
  return operand;
}

}  // namespace synoptic::promql::internal
