// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

#include "promql/parse/lexer.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/go_format.h"
#include "base/status.h"
#include "base/strings.h"
#include "base/utf8.h"

namespace synoptic::promql::internal {
namespace {

using enum TokenKind;

bool IsSpace(char32_t r) { return r == ' ' || r == '\t' || r == '\n' || r == '\r'; }
bool IsDigit(char32_t r) { return r >= '0' && r <= '9'; }

// Whether a byte is part of a word wherever words are read.
constexpr std::array<bool, 256> kPlainWordPart = [] {
  std::array<bool, 256> plain{};
  for (unsigned char c = 'a'; c <= 'z'; ++c) plain[c] = plain[c - 'a' + 'A'] = true;
  for (unsigned char c = '0'; c <= '9'; ++c) plain[c] = true;
  plain['_'] = true;
  return plain;
}();

// Unicode category L.
bool IsLetter(char32_t rune) {
  static const RE2* const letter = new RE2("\\pL");
  std::string text;
  AppendRune(rune, text);
  return RE2::FullMatch(text, *letter);
}

// s, r and m begin step, range, max_of and min_of.
bool StartsDurationKeyword(char32_t r) {
  return r == 's' || r == 'S' || r == 'r' || r == 'R' || r == 'm' || r == 'M';
}

std::string Quoted(char32_t rune) { return GoQuoteRune(rune > 0x10FFFF ? U'\uFFFD' : rune); }

// The single-character operators that mean the same everywhere outside braces.
TokenKind Arithmetic(char32_t r) {
  switch (r) {
    case '*':
      return kMul;
    case '/':
      return kDiv;
    case '%':
      return kMod;
    case '+':
      return kAdd;
    case '-':
      return kSub;
    case '^':
      return kPow;
    case ',':
      return kComma;
    default:
      return kError;
  }
}

}  // namespace

Token Lexer::Next() {
  emitted_ = false;
  while (!emitted_) {
    switch (state_) {
      case State::kStatements:
        state_ = LexStatements();
        break;
      case State::kInsideBraces:
        state_ = LexInsideBraces();
        break;
      case State::kDurationExpr:
        state_ = LexDurationExpr();
        break;
      case State::kHistogram:
        state_ = LexHistogram();
        break;
      case State::kBuckets:
        state_ = LexBuckets();
        break;
      case State::kValueSequence:
        state_ = LexValueSequence();
        break;
      case State::kNumber:
        state_ = LexNumber();
        break;
      case State::kDone:
        Emit(kEof, State::kDone);
        break;
    }
  }
  last_pos_ = token_.pos;
  return token_;
}

int Lexer::PreviousRightParen(int fallback) const {
  const int size = static_cast<int>(input_.size());
  const auto at = [&](int i) { return input_[static_cast<size_t>(i)]; };
  if (fallback <= 0 || fallback > size || last_pos_ <= 0 || last_pos_ >= size ||
      at(last_pos_) != ')') {
    return fallback;
  }
  for (int i = last_pos_ - 1; i > 0; --i) {
    if (at(i) == ')') return i + 1;
    if (!IsSpace(static_cast<unsigned char>(at(i)))) return fallback;
  }
  return fallback;
}

Lexer::State Lexer::Emit(TokenKind kind, State next) {
  token_ = {kind, start_, Pending()};
  start_ = pos_;
  emitted_ = true;
  return next;
}

Lexer::State Lexer::Fail(std::string message) {
  token_ = {kError, start_, {}};
  error_ = std::move(message);
  emitted_ = true;
  return State::kDone;
}

Lexer::State Lexer::LexStatements() {
  if (histogram_ != AfterHistogram::kNone) return LexHistogram();
  if (brace_open_) return LexInsideBraces();
  const char32_t r = Take();
  if (r == kEnd) {
    if (paren_depth_ != 0) return Fail("unclosed left parenthesis");
    if (bracket_open_) return Fail("unclosed left bracket");
    return Emit(kEof, State::kDone);
  }
  if (IsSpace(r)) return LexSpace();
  if (const TokenKind kind = Arithmetic(r); kind != kError) return Emit(kind, State::kStatements);
  if (IsDigit(r) || (r == '.' && IsDigit(Peek()))) {
    Backup();
    return LexNumberOrDuration();
  }
  if (IsAlpha(r) || r == ':') {
    if (bracket_open_) return LexBracketWord(r);
    Backup();
    return LexKeywordOrIdentifier();
  }
  switch (r) {
    case '#':
      return LexComment();
    case '=':
      if (Peek() == '~') {
        return Fail(fmt::format("unexpected character after '=': {}", Quoted(Peek())));
      }
      return Accept("=") ? Emit(kEqlc, State::kStatements) : Emit(kEql, State::kStatements);
    case '!':
      if (const char32_t next = Take(); next != '=') {
        return Fail(fmt::format("unexpected character after '!': {}", Quoted(next)));
      }
      return Emit(kNeq, State::kStatements);
    case '<':
      if (Accept("=")) return Emit(kLte, State::kStatements);
      return Emit(Accept("/") ? kTrimUpper : kLss, State::kStatements);
    case '>':
      if (Accept("=")) return Emit(kGte, State::kStatements);
      return Emit(Accept("/") ? kTrimLower : kGtr, State::kStatements);
    case '"':
    case '\'':
      return LexString(r);
    case '`':
      return LexRawString();
    case '(':
      ++paren_depth_;
      return Emit(kLeftParen, State::kStatements);
    case ')':
      Emit(kRightParen, State::kStatements);
      if (--paren_depth_ < 0) return Fail("unexpected right parenthesis ')'");
      return State::kStatements;
    case '{':
      brace_open_ = true;
      return Emit(kLeftBrace, State::kInsideBraces);
    case '[':
      if (bracket_open_) return Fail("unexpected left bracket '['");
      Emit(kLeftBracket, State::kDurationExpr);
      got_colon_ = false;
      bracket_open_ = true;
      LexSpace();
      return State::kDurationExpr;
    case ']':
      if (!bracket_open_) return Fail("unexpected right bracket ']'");
      bracket_open_ = false;
      return Emit(kRightBracket, State::kStatements);
    case '@':
      return Emit(kAt, State::kStatements);
    default:
      return Fail(fmt::format("unexpected character: {}", Quoted(r)));
  }
}

// A letter or colon inside brackets, once a number was read there.
Lexer::State Lexer::LexBracketWord(char32_t first) {
  if (first == ':') {
    if (got_colon_) return Fail("unexpected colon ':'");
    got_colon_ = true;
    return Emit(kColon, State::kStatements);
  }
  if (StartsDurationKeyword(first) && ScanDurationKeyword()) return State::kStatements;
  return Fail(fmt::format("unexpected character: {}, expected ':'", Quoted(first)));
}

// Keywords are plain names here.
Lexer::State Lexer::LexInsideBraces() {
  const char32_t r = Take();
  if (r == kEnd) return Fail("unexpected end of input inside braces");
  if (IsSpace(r)) return LexSpace();
  if (IsAlpha(r)) {
    Backup();
    return LexIdentifier();
  }
  switch (r) {
    case '#':
      return LexComment();
    case ',':
      return Emit(kComma, State::kInsideBraces);
    case '"':
    case '\'':
      return LexString(r);
    case '`':
      return LexRawString();
    case '=':
      return Emit(Accept("~") ? kEqlRegex : kEql, State::kInsideBraces);
    case '!': {
      const char32_t next = Take();
      if (next == '~') return Emit(kNeqRegex, State::kInsideBraces);
      if (next == '=') return Emit(kNeq, State::kInsideBraces);
      return Fail(fmt::format("unexpected character after '!' inside braces: {}", Quoted(next)));
    }
    case '{':
      return Fail("unexpected left brace '{'");
    case '}':
      brace_open_ = false;
      return Emit(kRightBrace,
                  options_.series_description ? State::kValueSequence : State::kStatements);
    default:
      return Fail(fmt::format("unexpected character inside braces: {}", Quoted(r)));
  }
}

// From `[` up to the first number; from there on LexStatements goes on.
Lexer::State Lexer::LexDurationExpr() {
  const char32_t r = Take();
  if (r == kEnd) return Fail("unexpected end of input in duration expression");
  if (IsSpace(r)) {
    LexSpace();
    return State::kDurationExpr;
  }
  if (const TokenKind kind = Arithmetic(r); kind != kError) return Emit(kind, State::kDurationExpr);
  if (IsDigit(r) || (r == '.' && IsDigit(Peek()))) {
    Backup();
    got_duration_ = true;
    return LexNumberOrDuration();
  }
  switch (r) {
    case ']':
      bracket_open_ = false;
      got_colon_ = false;
      return Emit(kRightBracket, State::kStatements);
    case ':':
      Emit(kColon, State::kDurationExpr);
      if (!got_duration_) return Fail("unexpected colon before duration in duration expression");
      if (got_colon_) return Fail("unexpected repeated colon in duration expression");
      got_colon_ = true;
      return State::kDurationExpr;
    case '(':
      ++paren_depth_;
      return Emit(kLeftParen, State::kDurationExpr);
    case ')':
      Emit(kRightParen, State::kDurationExpr);
      if (--paren_depth_ < 0) return Fail("unexpected right parenthesis ')'");
      return State::kDurationExpr;
    default:
      if (StartsDurationKeyword(r) && ScanDurationKeyword()) return State::kDurationExpr;
      return Fail(fmt::format("unexpected character in duration expression: {}", Quoted(r)));
  }
}

Lexer::State Lexer::LexSpace() {
  while (IsSpace(Peek())) Take();
  start_ = pos_;
  return State::kStatements;
}

Lexer::State Lexer::LexComment() {
  for (char32_t r = Peek(); r != '\n' && r != '\r' && r != kEnd; r = Peek()) Take();
  return Emit(kComment, State::kStatements);
}

void Lexer::SkipPlainWord() {
  const auto at = [this] { return static_cast<unsigned char>(input_[static_cast<size_t>(pos_)]); };
  const int size = static_cast<int>(input_.size());
  while (pos_ < size && kPlainWordPart[at()]) ++pos_;
}

Lexer::State Lexer::LexIdentifier() {
  SkipPlainWord();
  while (IsWordPart(Take())) {
  }
  Backup();
  return Emit(kIdentifier, State::kStatements);
}

Lexer::State Lexer::LexKeywordOrIdentifier() {
  SkipPlainWord();
  while (true) {
    const char32_t r = Take();
    if (!IsWordPart(r) && r != ':') break;
  }
  Backup();
  const std::string_view word = Pending();
  TokenKind kind = KeywordOf(ToLowerAscii(word));
  // `fill` and its kin stay usable as metric names: they are keywords before a parenthesis only.
  if (kind >= kFill && kind <= kFillRight && !FollowedByLeftParen()) kind = kIdentifier;
  if (kind == kIdentifier && word.find(':') != std::string_view::npos) kind = kMetricIdentifier;
  Emit(kind, State::kStatements);
  return options_.series_description && Peek() != '{' ? State::kValueSequence : State::kStatements;
}

bool Lexer::FollowedByLeftParen() const {
  const size_t next = input_.find_first_not_of(" \t\n\r", static_cast<size_t>(pos_));
  return next != std::string_view::npos && input_[next] == '(';
}

char32_t Lexer::Take() {
  const size_t at = static_cast<size_t>(pos_);
  if (at >= input_.size()) {
    width_ = 0;
    return kEnd;
  }
  if (const auto byte = static_cast<unsigned char>(input_[at]); byte < 0x80) [[likely]] {
    width_ = 1;
    ++pos_;
    return byte;
  }
  char32_t rune = kBadRune;
  // Malformed UTF-8 is read a byte at a time, as Go decodes it.
  width_ = std::max(1, static_cast<int>(DecodeRune(input_.substr(at), rune)));
  pos_ += width_;
  return rune;
}

char32_t Lexer::Peek() {
  const char32_t rune = Take();
  Backup();
  return rune;
}

bool Lexer::AtAny(std::string_view valid) {
  const char32_t rune = Peek();
  return rune < 0x80 && valid.find(static_cast<char>(rune)) != std::string_view::npos;
}

bool Lexer::Accept(std::string_view valid) {
  if (!AtAny(valid)) return false;
  Take();
  return true;
}

bool Lexer::IsAlpha(char32_t r) const {
  if (r == '_' || (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z')) return true;
  return options_.unquoted_utf8_names && r >= 0x80 && r != kEnd && r != kBadRune && IsLetter(r);
}

bool Lexer::IsWordPart(char32_t r) const {
  return IsAlpha(r) || IsDigit(r) || (options_.unquoted_utf8_names && r == '.');
}

}  // namespace synoptic::promql::internal
