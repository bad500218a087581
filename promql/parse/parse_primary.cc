// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Operands: literals, parentheses, calls, aggregations.

#include <algorithm>
#include <array>

#include "base/go_format.h"
#include "base/status.h"
#include "base/strings.h"
#include "promql/parse/parser_impl.h"

namespace synoptic::promql::internal {
namespace {

using enum TokenKind;

constexpr std::array<AggregateOp, 14> kAggregateOps = {
    AggregateOp::kAvg,    AggregateOp::kBottomk,   AggregateOp::kCount, AggregateOp::kCountValues,
    AggregateOp::kGroup,  AggregateOp::kMax,       AggregateOp::kMin,   AggregateOp::kQuantile,
    AggregateOp::kStddev, AggregateOp::kStdvar,    AggregateOp::kSum,   AggregateOp::kTopk,
    AggregateOp::kLimitk, AggregateOp::kLimitRatio};

AggregateOp AggregateOpOf(TokenKind token) {
  return kAggregateOps[static_cast<size_t>(token) - static_cast<size_t>(kAvg)];
}

bool CanBeFunction(TokenKind kind) {
  return kind == kIdentifier || (kind >= kStart && kind <= kMinOf);
}

int TallestOf(const std::vector<Subtree>& trees) {
  int height = 0;
  for (const Subtree& tree : trees) height = std::max(height, tree.height);
  return height;
}

}  // namespace

Subtree ParserImpl::ParsePrimary() {
  const TokenKind kind = Peek();
  switch (kind) {
    case kNumber:
    case kDuration:
      return ParseNumber();
    case kString:
      return ParseString();
    case kLeftParen:
      return ParseParen();
    case kLeftBrace:
      return SelectorSubtree(nullptr);
    default:
      break;
  }
  if (!IsMetricIdentifier(kind)) {
    FailUnexpected();
    return {};
  }
  // Every word that may begin an operand may also be a metric's name; what follows decides.
  const Token name = Take();
  const TokenKind next = Peek();
  if (IsAggregator(kind) && (next == kLeftParen || next == kBy || next == kWithout)) {
    return ParseAggregate(name);
  }
  if (CanBeFunction(kind) && next == kLeftParen) return ParseCall(name);
  return SelectorSubtree(&name);
}

Subtree ParserImpl::ParseNumber() {
  auto node = std::make_unique<NumberLiteral>();
  node->pos = next_.range();
  node->value = TakeNumber(&node->is_duration);
  Counted(1, node->pos);
  return {std::move(node), 1};
}

Subtree ParserImpl::ParseString() {
  auto node = std::make_unique<StringLiteral>();
  node->pos = next_.range();
  node->value = TakeString();
  Counted(1, node->pos);
  return {std::move(node), 1};
}

Subtree ParserImpl::ParseParen() {
  const Token open = Take();
  Subtree inner = ParseBinary(0);
  if (failed_ || !Expect(kRightParen)) return {};
  auto node = std::make_unique<Paren>();
  node->pos = {open.pos, next_.range().end};
  node->expr = std::move(inner.expr);
  Counted(inner.height + 1, node->pos);
  return {std::move(node), inner.height + 1};
}

Subtree ParserImpl::ParseAggregate(const Token& op) {
  InContext context(*this, {"aggregation", ""});
  if (!At(kLeftParen)) {
    auto node = ParseAggregateModifier();
    auto args = ParseArguments();
    return MakeAggregate(op, std::move(node), std::move(args), /*looked_past_end=*/false);
  }
  auto args = ParseArguments();
  if (At(kBy) || At(kWithout)) {
    auto node = ParseAggregateModifier();
    return MakeAggregate(op, std::move(node), std::move(args), /*looked_past_end=*/false);
  }
  return MakeAggregate(op, std::make_unique<Aggregate>(), std::move(args),
                       /*looked_past_end=*/true);
}

std::unique_ptr<Aggregate> ParserImpl::ParseAggregateModifier() {
  auto node = std::make_unique<Aggregate>();
  node->without = Take().kind == kWithout;
  node->grouping = ParseGroupingLabels();
  return node;
}

Subtree ParserImpl::MakeAggregate(const Token& op, std::unique_ptr<Aggregate> node,
                                  std::vector<Subtree> args, bool looked_past_end) {
  if (failed_) return {};
  node->op = AggregateOpOf(op.kind);
  node->pos = {op.pos, looked_past_end ? lexer_.PreviousRightParen(last_closing_) : last_closing_};
  const size_t wanted = TakesParameter(node->op) ? 2 : 1;
  if (args.empty()) {
    Fail(node->pos, "no arguments for aggregate expression provided");
  } else if (!options_.experimental_functions &&
             (node->op == AggregateOp::kLimitk || node->op == AggregateOp::kLimitRatio)) {
    Fail(node->pos, fmt::format("{}() is experimental and must be enabled with "
                                "--enable-feature=promql-experimental-functions",
                                OperatorText(node->op)));
  } else if (args.size() != wanted) {
    Fail(node->pos, fmt::format("wrong number of arguments for aggregate expression provided, "
                                "expected {}, got {}",
                                wanted, args.size()));
  }
  if (failed_) return {};
  const int height = TallestOf(args) + 1;
  node->expr = std::move(args.back().expr);
  if (wanted == 2) node->param = std::move(args.front().expr);
  Counted(height, node->pos);
  return {std::move(node), height};
}

Subtree ParserImpl::ParseCall(const Token& name) {
  auto args = ParseArguments();
  if (failed_) return {};
  auto node = std::make_unique<Call>();
  node->pos = {name.pos, last_closing_};
  node->function = FindFunction(name.text);
  if (node->function == nullptr) {
    Fail(name.range(), fmt::format("unknown function with name {}", GoQuote(name.text)));
  } else if (node->function->experimental && !options_.experimental_functions) {
    Fail(name.range(), fmt::format("function {} is not enabled", GoQuote(name.text)));
  }
  const int height = TallestOf(args) + 1;
  for (Subtree& arg : args) node->args.push_back(std::move(arg.expr));
  Counted(height, node->pos);
  return {std::move(node), height};
}

// ( [expr {, expr}] )
std::vector<Subtree> ParserImpl::ParseArguments() {
  std::vector<Subtree> args;
  if (failed_ || !Expect(kLeftParen) || TakeIf(kRightParen)) return args;
  while (!failed_) {
    args.push_back(ParseBinary(0));
    if (failed_ || TakeIf(kRightParen)) break;
    if (!At(kComma)) {
      FailUnexpected();
      break;
    }
    const Token comma = Take();
    if (!AtExpression()) Fail(comma.range(), "trailing commas not allowed in function call args");
  }
  return args;
}

bool ParserImpl::AtExpression() {
  switch (const TokenKind kind = Peek()) {
    case kAdd:
    case kSub:
    case kNumber:
    case kDuration:
    case kString:
    case kLeftParen:
    case kLeftBrace:
      return true;
    default:
      return IsMetricIdentifier(kind);
  }
}

std::vector<std::string> ParserImpl::ParseGroupingLabels() {
  InContext context(*this, {"grouping opts", R"("(")"});
  std::vector<std::string> labels;
  if (failed_ || !Expect(kLeftParen)) return labels;
  while (!failed_) {
    context.Become({"grouping opts", "label"});
    if (TakeIf(kRightParen)) break;
    labels.push_back(ParseGroupingLabel());
    context.Become({"grouping opts", "\",\" or \")\""});
    if (failed_ || TakeIf(kRightParen)) break;
    Expect(kComma);
  }
  return labels;
}

std::string ParserImpl::ParseGroupingLabel() {
  const TokenKind kind = Peek();
  const PosRange pos = next_.range();
  std::string label;
  if (kind == kString) {
    label = TakeString();
  } else if (IsGroupingLabel(kind)) {
    label = Take().text;
  } else {
    FailUnexpected();
    return label;
  }
  const bool has_colon = kind == kMetricIdentifier && options_.unquoted_utf8_names;
  if (label.empty() || has_colon || !IsValidUtf8(label)) {
    Fail(pos, fmt::format("invalid label name for grouping: {}", GoQuote(label)));
  }
  return label;
}

}  // namespace synoptic::promql::internal
