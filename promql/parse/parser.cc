// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

#include "promql/parse/parser.h"

#include <algorithm>

#include "base/status.h"
#include "promql/parse/check.h"
#include "promql/parse/literals.h"
#include "promql/parse/parser_impl.h"

namespace synoptic::promql {
namespace internal {

std::string PositionedError(std::string_view text, int offset, std::string_view message) {
  if (text.empty()) return fmt::format("unknown position: parse error: {}", message);
  if (offset < 0 || static_cast<size_t>(offset) > text.size()) {
    return fmt::format("invalid position: parse error: {}", message);
  }
  const std::string_view before = text.substr(0, static_cast<size_t>(offset));
  const auto line = std::ranges::count(before, '\n') + 1;
  const size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return fmt::format("{}:{}: parse error: {}", line, before.size() - line_start + 1, message);
}

ParserImpl::ParserImpl(std::string_view text, const ParseOptions& options,
                       Lexer::Options lexer_options)
    : text_(text), options_(options), lexer_(text, lexer_options) {
  if (text.size() > options.max_text_bytes) {
    Fail({}, fmt::format("query has {} bytes, at most {} are allowed", text.size(),
                         options.max_text_bytes));
  }
}

absl::Status ParserImpl::status() const {
  return failed_ ? absl::InvalidArgumentError(error_) : absl::OkStatus();
}

ExprPtr ParserImpl::Expression() {
  if (At(TokenKind::kEof)) {
    Fail({}, "no expression found in input");
    return nullptr;
  }
  Subtree tree = ParseBinary(0);
  ExpectEnd();
  return std::move(tree.expr);
}

std::unique_ptr<VectorSelector> ParserImpl::MetricSelector() {
  Token name;
  const bool named = IsMetricIdentifier(Peek());
  if (named) name = Take();
  if (!named && !At(TokenKind::kLeftBrace)) {
    FailUnexpected();
    return nullptr;
  }
  auto selector = ParseSelector(named ? &name : nullptr);
  ExpectEnd();
  return selector;
}

Labels ParserImpl::Metric() {
  Labels labels = ParseMetric();
  ExpectEnd();
  return labels;
}

TokenKind ParserImpl::Peek() {
  if (failed_) return TokenKind::kError;
  if (peeked_) return next_.kind;
  do {
    next_ = lexer_.Next();
  } while (next_.kind == TokenKind::kComment);
  peeked_ = true;
  switch (next_.kind) {
    case TokenKind::kError:
      Fail({lexer_.start(), static_cast<int>(text_.size())}, lexer_.error());
      break;
    case TokenKind::kRightBrace:
    case TokenKind::kRightParen:
    case TokenKind::kRightBracket:
    case TokenKind::kDuration:
    case TokenKind::kNumber:
      last_closing_ = next_.range().end;
      break;
    default:
      break;
  }
  return next_.kind;
}

Token ParserImpl::Take() {
  Peek();
  peeked_ = false;
  return next_;
}

bool ParserImpl::TakeIf(TokenKind kind) {
  if (!At(kind)) return false;
  Take();
  return true;
}

bool ParserImpl::Expect(TokenKind kind) {
  if (TakeIf(kind)) return true;
  FailUnexpected();
  return false;
}

void ParserImpl::Fail(PosRange pos, std::string_view message) {
  if (failed_) return;
  failed_ = true;
  error_ = PositionedError(text_, pos.start, message);
}

void ParserImpl::FailUnexpected() {
  if (failed_) return;  // a bad character was reported already
  std::string message = "unexpected " + Describe(next_);
  if (!context_.place.empty()) message += fmt::format(" in {}", context_.place);
  if (!context_.expected.empty()) message += fmt::format(", expected {}", context_.expected);
  Fail(next_.range(), message);
}

void ParserImpl::ExpectEnd() {
  if (!failed_ && !At(TokenKind::kEof)) FailUnexpected();
}

ParserImpl::Level::Level(ParserImpl& parser) : parser_(parser) {
  if (++parser.depth_ > parser.options_.max_depth) {
    parser.Fail(parser.next_.range(), fmt::format("expression is nested more than {} levels deep",
                                                  parser.options_.max_depth));
  }
}

bool ParserImpl::Counted(int height, PosRange pos) {
  if (height > options_.max_height) {
    Fail(pos, fmt::format("expression is more than {} operations deep", options_.max_height));
  } else if (++nodes_ > options_.max_nodes) {
    Fail(pos, fmt::format("expression has more than {} parts", options_.max_nodes));
  }
  return !failed_;
}

double ParserImpl::TakeNumber(bool* is_duration) {
  if (!At(TokenKind::kNumber) && !At(TokenKind::kDuration)) {
    FailUnexpected();
    return 0;
  }
  const Token token = Take();
  *is_duration = token.kind == TokenKind::kDuration;
  const auto value = *is_duration ? DurationValue(token.text) : NumberValue(token.text);
  if (value.ok()) return *value;
  Fail(token.range(), *is_duration
                          ? std::string(MessageOf(value.status()))
                          : fmt::format("error parsing number: {}", MessageOf(value.status())));
  return 0;
}

double ParserImpl::ParseSignedNumber() {
  const bool negative = At(TokenKind::kSub);
  if (negative || At(TokenKind::kAdd)) Take();
  bool is_duration = false;
  const double value = TakeNumber(&is_duration);
  return negative ? -value : value;
}

std::string ParserImpl::TakeString() {
  const Token token = Take();
  auto value = StringValue(token.text);
  if (value.ok()) return *std::move(value);
  Fail(token.range(), MessageOf(value.status()));
  return {};
}

namespace {
Lexer::Options LexerOptions(const ParseOptions& options) {
  return {.unquoted_utf8_names = options.unquoted_utf8_names};
}
}  // namespace

}  // namespace internal

absl::StatusOr<ExprPtr> ParseExpr(std::string_view text, const ParseOptions& options) {
  internal::ParserImpl parser(text, options, internal::LexerOptions(options));
  ExprPtr expr = parser.Expression();
  if (parser.failed()) return parser.status();
  RETURN_IF_ERROR(internal::CheckTypes(*expr, text));
  return expr;
}

absl::StatusOr<std::vector<Matcher>> ParseMetricSelector(std::string_view text,
                                                         const ParseOptions& options) {
  internal::ParserImpl parser(text, options, internal::LexerOptions(options));
  auto selector = parser.MetricSelector();
  if (parser.failed()) return parser.status();
  return std::move(selector->matchers);
}

absl::StatusOr<Labels> ParseMetric(std::string_view text) {
  internal::ParserImpl parser(text, {}, {});
  Labels labels = parser.Metric();
  if (parser.failed()) return parser.status();
  return labels;
}

}  // namespace synoptic::promql
