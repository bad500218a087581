// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// name{matchers}, [range] and [range:step].

#include "base/status.h"
#include "promql/parse/literals.h"
#include "promql/parse/parser_impl.h"

namespace synoptic::promql::internal {
namespace {

using enum TokenKind;

bool IsMatchOp(TokenKind kind) {
  return kind == kEql || kind == kNeq || kind == kEqlRegex || kind == kNeqRegex;
}

MatchOp MatchOpOf(TokenKind kind) {
  switch (kind) {
    case kNeq:
      return MatchOp::kNotEqual;
    case kEqlRegex:
      return MatchOp::kRegex;
    case kNeqRegex:
      return MatchOp::kNotRegex;
    default:
      return MatchOp::kEqual;
  }
}

// A plain number is stored as nanoseconds, an expression as it is.
void StoreDuration(std::unique_ptr<DurationExpr> from, int64_t& ns,
                   std::unique_ptr<DurationExpr>& expr) {
  if (!from) return;
  if (from->op == DurationExpr::Op::kLiteral) {
    ns = Nanoseconds(from->seconds);
  } else {
    expr = std::move(from);
  }
}

}  // namespace

Subtree ParserImpl::SelectorSubtree(const Token* name) {
  auto selector = ParseSelector(name);
  if (failed_) return {};
  Counted(1, selector->pos);
  return {std::move(selector), 1};
}

// The name, when there is one, was taken.
std::unique_ptr<VectorSelector> ParserImpl::ParseSelector(const Token* name) {
  auto selector = std::make_unique<VectorSelector>();
  if (name != nullptr) {
    selector->name = name->text;
    selector->pos = name->range();
  }
  if (At(kLeftBrace)) {
    if (name == nullptr) selector->pos = next_.range();
    ParseMatchers(*selector);
  }
  if (failed_) return nullptr;
  if (name != nullptr) {
    AddMatcher(*selector, MatchOp::kEqual, std::string(kMetricName), selector->name, name->range());
  }
  if (++selectors_ > options_.max_selectors) {
    Fail(selector->pos,
         fmt::format("expression has more than {} selectors", options_.max_selectors));
  }
  return selector;
}

void ParserImpl::ParseMatchers(VectorSelector& selector) {
  constexpr ErrorContext kMatcher = {"label matching", R"(identifier or "}")"};
  constexpr ErrorContext kAfterMatcher = {"label matching", R"("," or "}")"};
  Take();
  InContext context(*this, kMatcher);
  while (!failed_ && !TakeIf(kRightBrace)) {
    context.Become(kMatcher);
    ParseMatcher(selector);
    context.Become(kAfterMatcher);
    if (failed_ || TakeIf(kRightBrace)) break;
    Expect(kComma);
    context.Become(kMatcher);
  }
  selector.pos.end = next_.range().end;
}

// label op "value", "label" op "value", or "metric name"
void ParserImpl::ParseMatcher(VectorSelector& selector) {
  const TokenKind kind = Peek();
  const PosRange pos = next_.range();
  if (kind != kIdentifier && kind != kString) {
    FailUnexpected();
    return;
  }
  std::string name = kind == kString ? TakeString() : std::string(Take().text);
  if (failed_) return;
  if (!IsMatchOp(Peek())) {
    if (failed_) return;
    if (kind == kString) {
      AddMatcher(selector, MatchOp::kEqual, std::string(kMetricName), std::move(name), pos);
      return;
    }
    InContext context(*this, {"label matching", "label matching operator"});
    FailUnexpected();
    return;
  }
  const MatchOp op = MatchOpOf(Take().kind);
  InContext context(*this, {"label matching", "string"});
  if (!At(kString)) {
    FailUnexpected();
    return;
  }
  std::string value = TakeString();
  if (!failed_) AddMatcher(selector, op, std::move(name), std::move(value), pos);
}

void ParserImpl::AddMatcher(VectorSelector& selector, MatchOp op, std::string name,
                            std::string value, PosRange pos) {
  auto matcher = Matcher::Create(op, std::move(name), std::move(value));
  if (!matcher.ok()) {
    Fail(pos, MessageOf(matcher.status()));
  } else if (selector.matchers.size() >= static_cast<size_t>(options_.max_matchers_per_selector)) {
    Fail(pos,
         fmt::format("selector has more than {} matchers", options_.max_matchers_per_selector));
  } else {
    selector.matchers.push_back(*std::move(matcher));
  }
}

Subtree ParserImpl::ParseBrackets(Subtree operand) {
  InContext context(*this, {"subquery or range selector", "number, duration, step(), or range()"});
  const Token open = Take();
  DurationTree range = ParsePositiveDuration();
  if (failed_) return {};
  context.Become({"subquery or range", R"(":" or "]")"});
  if (TakeIf(kRightBracket)) {
    return MakeMatrix(std::move(operand), {open.pos, next_.range().end}, std::move(range));
  }
  if (!Expect(kColon)) return {};
  context.Become({"subquery selector", R"(number, duration, step(), range(), or "]")"});
  DurationTree step;
  if (!At(kRightBracket)) {
    step = ParsePositiveDuration();
    if (failed_) return {};
    context.Become({"subquery selector", R"("]")"});
  }
  if (!Expect(kRightBracket)) return {};
  return MakeSubquery(std::move(operand), std::move(range), std::move(step), next_.range().end);
}

Subtree ParserImpl::MakeMatrix(Subtree operand, PosRange brackets, DurationTree range) {
  if (operand.expr->kind != ExprKind::kVectorSelector) {
    Fail(brackets, "ranges only allowed for vector selectors");
    return {};
  }
  const auto& selector = As<VectorSelector>(*operand.expr);
  if (selector.time.offset_ns != 0 || selector.time.offset_expr) {
    Fail(brackets, "no offset modifiers allowed before range");
  } else if (selector.time.at != TimeModifiers::AtKind::kNone) {
    Fail(brackets, "no @ modifiers allowed before range");
  }
  auto node = std::make_unique<MatrixSelector>();
  node->pos = {selector.pos.start, last_closing_};
  node->selector.reset(static_cast<VectorSelector*>(operand.expr.release()));
  StoreDuration(std::move(range.expr), node->range_ns, node->range_expr);
  Counted(2, node->pos);
  return {std::move(node), 2};
}

Subtree ParserImpl::MakeSubquery(Subtree operand, DurationTree range, DurationTree step, int end) {
  auto node = std::make_unique<Subquery>();
  node->pos = {operand.expr->pos.start, end};
  node->expr = std::move(operand.expr);
  StoreDuration(std::move(range.expr), node->range_ns, node->range_expr);
  StoreDuration(std::move(step.expr), node->step_ns, node->step_expr);
  Counted(operand.height + 1, node->pos);
  return {std::move(node), operand.height + 1};
}

}  // namespace synoptic::promql::internal
