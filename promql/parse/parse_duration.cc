// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Duration expressions, inside brackets and after `offset`.

#include <algorithm>
#include <cmath>

#include "promql/parse/parser_impl.h"

namespace synoptic::promql::internal {
namespace {

using enum TokenKind;
using Op = DurationExpr::Op;

constexpr int kPowPrecedence = 3;

struct OperatorRow {
  TokenKind token;
  Op op;
  int precedence;
};
constexpr OperatorRow kOperators[] = {
    {kAdd, Op::kAdd, 1}, {kSub, Op::kSub, 1}, {kMul, Op::kMul, 2},
    {kDiv, Op::kDiv, 2}, {kMod, Op::kMod, 2}, {kPow, Op::kPow, kPowPrecedence},
};

const OperatorRow* FindOperator(TokenKind token) {
  const auto it = std::ranges::find(kOperators, token, &OperatorRow::token);
  return it == std::end(kOperators) ? nullptr : it;
}

// Whether seconds overflow int64 nanoseconds.
bool OutOfRange(double seconds) { return std::fabs(seconds) > 9223372036.854775808; }

DurationTree Wrapped(DurationTree inner, PosRange pos) {
  // A number becomes an expression, so that printing keeps its parentheses.
  if (inner.expr->op == Op::kLiteral) {
    auto plus = std::make_unique<DurationExpr>();
    plus->op = Op::kPlus;
    plus->pos = {pos.start, inner.expr->pos.end};
    plus->lhs = std::move(inner.expr);
    inner = {std::move(plus), inner.height + 1};
  }
  inner.expr->wrapped = true;
  return inner;
}

}  // namespace

DurationTree ParserImpl::ParsePositiveDuration() {
  DurationTree tree = ParseDuration(0);
  if (failed_) return {};
  if (tree.expr->op == Op::kLiteral && tree.expr->seconds <= 0) {
    Fail(tree.expr->pos, "duration must be greater than 0");
  }
  return tree;
}

DurationTree ParserImpl::ParseDuration(int min_precedence) {
  Level level(*this);
  DurationTree operand = ParseDurationOperand();
  return failed_ ? DurationTree() : ContinueDuration(std::move(operand), min_precedence);
}

// The operators after a first operand.
DurationTree ParserImpl::ContinueDuration(DurationTree lhs, int min_precedence) {
  while (!failed_) {
    const OperatorRow* const row = FindOperator(Peek());
    if (row == nullptr || row->precedence < min_precedence) break;
    const Token op = Take();
    DurationTree rhs = ParseDuration(row->precedence + (row->op == Op::kPow ? 0 : 1));
    if (failed_) break;
    lhs = MakeDurationBinary(std::move(lhs), op, std::move(rhs));
  }
  return lhs;
}

DurationTree ParserImpl::MakeDurationBinary(DurationTree lhs, const Token& op, DurationTree rhs) {
  auto node = std::make_unique<DurationExpr>();
  node->op = FindOperator(op.kind)->op;
  if (rhs.expr->op == Op::kLiteral && rhs.expr->seconds == 0) {
    if (node->op == Op::kDiv) Fail(op.range(), "division by zero");
    if (node->op == Op::kMod) Fail(op.range(), "modulo by zero");
  }
  node->pos = {lhs.expr->pos.start, rhs.expr->pos.end};
  node->lhs = std::move(lhs.expr);
  node->rhs = std::move(rhs.expr);
  const int height = std::max(lhs.height, rhs.height) + 1;
  Counted(height, node->pos);
  return {std::move(node), height};
}

DurationTree ParserImpl::ParseDurationOperand() {
  switch (Peek()) {
    case kNumber:
    case kDuration:
      return ParseDurationLiteral();
    case kAdd:
    case kSub: {
      const Token sign = Take();
      DurationTree operand = ParseDuration(kPowPrecedence);
      return failed_ ? DurationTree() : ApplySign(sign, std::move(operand));
    }
    case kStep:
    case kRange:
    case kMaxOf:
    case kMinOf:
      return ParseDurationWord();
    case kLeftParen:
      return ParseDurationParen();
    default:
      FailUnexpected();
      return {};
  }
}

DurationTree ParserImpl::ParseDurationLiteral() {
  auto node = std::make_unique<DurationExpr>();
  Peek();
  node->pos = next_.range();
  node->seconds = TakeNumber(&node->is_duration);
  if (OutOfRange(node->seconds)) Fail(node->pos, "duration out of range");
  Counted(1, node->pos);
  return {std::move(node), 1};
}

// step(), range(), max_of(a, b), min_of(a, b)
DurationTree ParserImpl::ParseDurationWord() {
  const Token word = Take();
  auto node = std::make_unique<DurationExpr>();
  node->op = word.kind == kStep    ? Op::kStep
             : word.kind == kRange ? Op::kRange
             : word.kind == kMaxOf ? Op::kMaxOf
                                   : Op::kMinOf;
  int height = 1;
  if (!Expect(kLeftParen)) return {};
  if (word.kind == kMaxOf || word.kind == kMinOf) {
    DurationTree lhs = ParseDuration(0);
    if (failed_ || !Expect(kComma)) return {};
    DurationTree rhs = ParseDuration(0);
    if (failed_) return {};
    height = std::max(lhs.height, rhs.height) + 1;
    // Prometheus takes the arguments' extent for the whole.
    node->pos = {lhs.expr->pos.start, rhs.expr->pos.end};
    node->lhs = std::move(lhs.expr);
    node->rhs = std::move(rhs.expr);
  }
  if (!Expect(kRightParen)) return {};
  if (!node->lhs) node->pos = {word.pos, next_.range().end};
  Counted(height, node->pos);
  return {std::move(node), height};
}

DurationTree ParserImpl::ParseDurationParen() {
  const Token open = Take();
  DurationTree inner = ParseDuration(0);
  if (failed_ || !Expect(kRightParen)) return {};
  return Wrapped(std::move(inner), {open.pos, next_.range().end});
}

// A sign becomes part of a number; plus leaves expressions as they are.
DurationTree ParserImpl::ApplySign(const Token& sign, DurationTree operand) {
  if (operand.expr->op == Op::kLiteral) {
    if (sign.kind == kSub) operand.expr->seconds *= -1;
    operand.expr->pos.start = sign.pos;
    return operand;
  }
  if (sign.kind == kAdd) return operand;
  auto node = std::make_unique<DurationExpr>();
  node->op = Op::kNegate;
  node->pos = {sign.pos, operand.expr->pos.end};
  node->lhs = std::move(operand.expr);
  Counted(operand.height + 1, node->pos);
  return {std::move(node), operand.height + 1};
}

// Without parentheses `offset` takes one literal or word: `x offset 100 + 2` is a sum. Only what
// begins with a parenthesis or two signs goes on as far as it can.
DurationTree ParserImpl::ParseOffsetDuration() {
  switch (Peek()) {
    case kNumber:
    case kDuration:
      return ParseDurationLiteral();
    case kStep:
    case kRange:
    case kMaxOf:
    case kMinOf:
      return ParseDurationWord();
    case kAdd:
    case kSub:
      return ParseSignedOffsetDuration();
    default:
      return ParseDuration(0);
  }
}

DurationTree ParserImpl::ParseSignedOffsetDuration() {
  const Token sign = Take();
  switch (Peek()) {
    case kNumber:
    case kDuration: {
      auto node = std::make_unique<DurationExpr>();
      node->pos = {sign.pos, next_.range().end};
      node->seconds = TakeNumber(&node->is_duration) * (sign.kind == kSub ? -1 : 1);
      if (OutOfRange(node->seconds)) Fail(sign.range(), "duration out of range");
      Counted(1, node->pos);
      return {std::move(node), 1};
    }
    case kStep:
    case kRange:
    case kMaxOf:
    case kMinOf: {
      DurationTree word = ParseDurationWord();
      if (failed_) return {};
      // Here, and only here, Prometheus keeps a plus.
      auto node = std::make_unique<DurationExpr>();
      node->op = sign.kind == kSub ? Op::kNegate : Op::kPlus;
      node->pos = {sign.pos, word.expr->pos.end};
      node->lhs = std::move(word.expr);
      return {std::move(node), word.height + 1};
    }
    case kLeftParen: {
      const Token open = Take();
      DurationTree inner = ParseDuration(0);
      if (failed_ || !Expect(kRightParen)) return {};
      return ApplySign(sign, Wrapped(std::move(inner), {open.pos, next_.range().end}));
    }
    default: {
      DurationTree operand = ParseDuration(kPowPrecedence);
      if (failed_) return {};
      return ContinueDuration(ApplySign(sign, std::move(operand)), 0);
    }
  }
}

}  // namespace synoptic::promql::internal
