// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The values of a series description: numbers, repetitions, histograms.

#include "base/go_format.h"
#include "base/status.h"
#include "base/strings.h"
#include "promql/parse/lexer.h"

namespace synoptic::promql::internal {
namespace {

using enum TokenKind;

bool IsSpace(char32_t r) { return r == ' ' || r == '\t' || r == '\n' || r == '\r'; }
bool IsDigit(char32_t r) { return r >= '0' && r <= '9'; }
bool IsWordStart(char32_t r) {
  return r == '_' || (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z');
}
std::string Quoted(char32_t rune) { return GoQuoteRune(rune > 0x10FFFF ? U'\uFFFD' : rune); }

}  // namespace

Lexer::State Lexer::LexValueSequence() {
  if (histogram_ != AfterHistogram::kNone) return LexHistogram();
  const char32_t r = Take();
  if (r == kEnd) return State::kStatements;
  if (r == '{' && Peek() == '{') {
    histogram_ = AfterHistogram::kInside;
    Take();
    return Emit(kOpenHist, State::kHistogram);
  }
  if (IsSpace(r)) {
    Emit(kSpace, State::kValueSequence);
    LexSpace();
    return State::kValueSequence;
  }
  if (r == '+') return Emit(kAdd, State::kValueSequence);
  if (r == '-') return Emit(kSub, State::kValueSequence);
  if (r == 'x') return Emit(kTimes, State::kValueSequence);
  if (r == '_') return Emit(kBlank, State::kValueSequence);
  if (IsDigit(r) || (r == '.' && IsDigit(Peek()))) {
    Backup();
    return LexNumber() == State::kDone ? State::kDone : State::kValueSequence;
  }
  if (IsWordStart(r)) {
    Backup();
    return LexKeywordOrIdentifier();
  }
  return Fail(fmt::format("unexpected character in series sequence: {}", Quoted(r)));
}

Lexer::State Lexer::LexHistogram() {
  if (histogram_ != AfterHistogram::kInside) {
    const TokenKind kind = histogram_ == AfterHistogram::kTimes ? kTimes
                           : histogram_ == AfterHistogram::kAdd ? kAdd
                                                                : kSub;
    histogram_ = AfterHistogram::kNone;
    Take();
    return Emit(kind, State::kValueSequence);
  }
  if (bracket_open_) return LexBuckets();
  const char32_t r = Take();
  if (IsSpace(r)) {
    Emit(kSpace, State::kStatements);
    return LexSpace();
  }
  if (IsWordStart(r)) {
    Backup();
    return LexHistogramDescriptor();
  }
  if (r == ':') return Emit(kColon, State::kHistogram);
  if (r == '-') return Emit(kSub, State::kHistogram);
  if (IsDigit(r)) {
    Backup();
    return LexNumber();
  }
  if (r == '[') {
    bracket_open_ = true;
    return Emit(kLeftBracket, State::kBuckets);
  }
  if (r == '}' && Peek() == '}') {
    Take();
    return LexCloseHistogram();
  }
  return Fail(fmt::format("histogram description incomplete unexpected: {}", Quoted(r)));
}

Lexer::State Lexer::LexCloseHistogram() {
  Emit(kCloseHist, State::kHistogram);
  switch (Peek()) {
    case 'x':
      histogram_ = AfterHistogram::kTimes;
      return State::kHistogram;
    case '+':
      histogram_ = AfterHistogram::kAdd;
      return State::kHistogram;
    case '-':
      histogram_ = AfterHistogram::kSub;
      return State::kHistogram;
    default:
      histogram_ = AfterHistogram::kNone;
      return State::kValueSequence;
  }
}

Lexer::State Lexer::LexHistogramDescriptor() {
  while (IsWordStart(Take())) {
  }
  Backup();
  const std::string word = ToLowerAscii(Pending());
  if (const TokenKind kind = HistogramDescriptorOf(word); kind != kIdentifier) {
    if (Peek() != ':') return Fail("missing `:` for histogram descriptor");
    return Emit(kind, State::kHistogram);
  }
  if (KeywordOf(word) == kNumber) return Emit(kNumber, State::kHistogram);
  if (const TokenKind kind = CounterResetHintOf(word); kind != kIdentifier) {
    return Emit(kind, State::kHistogram);
  }
  return Fail(fmt::format("bad histogram descriptor found: {}", GoQuote(Pending())));
}

Lexer::State Lexer::LexBuckets() {
  const char32_t r = Take();
  if (IsSpace(r)) {
    Emit(kSpace, State::kStatements);
    return LexSpace();
  }
  if (r == '-') return Emit(kSub, State::kNumber);
  if (IsDigit(r)) {
    Backup();
    return LexNumber();
  }
  if (r == ']') {
    bracket_open_ = false;
    return Emit(kRightBracket, State::kHistogram);
  }
  if (IsWordStart(r)) {
    return KeywordOf(ToLowerAscii(Pending())) == kNumber ? Emit(kNumber, State::kStatements)
                                                         : State::kBuckets;
  }
  return Fail(fmt::format("invalid character in buckets description: {}", Quoted(r)));
}

}  // namespace synoptic::promql::internal
