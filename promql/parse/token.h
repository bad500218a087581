// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The words of PromQL and of the series descriptions in test files.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "promql/model/annotations.h"

namespace synoptic::promql::internal {

// Groups are contiguous: Is...() below are range checks.
enum class TokenKind : uint8_t {
  kEof,
  kError,
  kComment,
  kIdentifier,
  kMetricIdentifier,
  kNumber,
  kDuration,
  kString,
  // Punctuation.
  kEql,
  kBlank,
  kColon,
  kComma,
  kLeftBrace,
  kRightBrace,
  kLeftBracket,
  kRightBracket,
  kLeftParen,
  kRightParen,
  kOpenHist,
  kCloseHist,
  kSpace,
  kTimes,
  // Histogram descriptors, in Prometheus' order.
  kSumDesc,
  kCountDesc,
  kSchemaDesc,
  kOffsetDesc,
  kNegativeOffsetDesc,
  kBucketsDesc,
  kNegativeBucketsDesc,
  kZeroBucketDesc,
  kZeroBucketWidthDesc,
  kCustomValuesDesc,
  kCounterResetHintDesc,
  // Operators.
  kAdd,
  kDiv,
  kEqlc,
  kEqlRegex,
  kGte,
  kGtr,
  kTrimUpper,
  kTrimLower,
  kLand,
  kLor,
  kLss,
  kLte,
  kLunless,
  kMod,
  kMul,
  kNeq,
  kNeqRegex,
  kPow,
  kSub,
  kAt,
  kAtan2,
  // Aggregators.
  kAvg,
  kBottomk,
  kCount,
  kCountValues,
  kGroup,
  kMax,
  kMin,
  kQuantile,
  kStddev,
  kStdvar,
  kSum,
  kTopk,
  kLimitk,
  kLimitRatio,
  // Keywords.
  kBool,
  kBy,
  kGroupLeft,
  kGroupRight,
  kFill,
  kFillLeft,
  kFillRight,
  kIgnoring,
  kOffset,
  kSmoothed,
  kAnchored,
  kOn,
  kWithout,
  // Words of the query's context.
  kStart,
  kEnd,
  kStep,
  kRange,
  kMaxOf,
  kMinOf,
  // Counter reset hints, in Prometheus' order.
  kUnknownCounterReset,
  kCounterReset,
  kNotCounterReset,
  kGaugeType,
};

struct Token {
  TokenKind kind = TokenKind::kEof;
  int pos = 0;            // byte offset in the input
  std::string_view text;  // in the input

  PosRange range() const { return {pos, pos + static_cast<int>(text.size())}; }
};

bool IsOperator(TokenKind kind);
bool IsAggregator(TokenKind kind);
bool IsKeyword(TokenKind kind);
// May stand before {...} or alone as a metric's name.
bool IsMetricIdentifier(TokenKind kind);
// May stand in by(...), on(...) and the like without quotes.
bool IsGroupingLabel(TokenKind kind);

// The kind of a word in lower case; kIdentifier when it is none of the language's words.
TokenKind KeywordOf(std::string_view lower);
// Likewise for the words inside {{...}}.
TokenKind HistogramDescriptorOf(std::string_view lower);
TokenKind CounterResetHintOf(std::string_view lower);

// How an error names the token: `identifier "foo"`, `<op:+>`, `end of input`.
std::string Describe(const Token& token);

}  // namespace synoptic::promql::internal
