// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Text to tokens, with Prometheus' states: what a character means depends on whether braces or
// brackets are open. Used by the parser only. Borrows the input.
#pragma once

#include <string>
#include <string_view>

#include "promql/parse/token.h"

namespace synoptic::promql::internal {

class Lexer {
 public:
  struct Options {
    bool series_description = false;   // `name{...} 1 2x3 {{...}}` instead of an expression
    bool unquoted_utf8_names = false;  // letters beyond ASCII, and dots, in names
  };

  Lexer(std::string_view input, Options options) : input_(input), options_(options) {}

  // The next token; kEof for ever after the end. After kError, error() says what is wrong, and
  // nothing more can be asked for.
  Token Next();

  const std::string& error() const { return error_; }
  // Where the token being read starts: the position of an error.
  int start() const { return start_; }
  std::string_view input() const { return input_; }

  // The end of a `)` that closes before the one last returned, with only space between them;
  // `fallback` otherwise. An aggregation that had to look past its own end finds it so.
  int PreviousRightParen(int fallback) const;

 private:
  enum class State {
    kStatements,
    kInsideBraces,
    kDurationExpr,
    kHistogram,
    kBuckets,
    kValueSequence,
    kNumber,
    kDone,
  };
  enum class AfterHistogram { kNone, kInside, kTimes, kAdd, kSub };

  static constexpr char32_t kEnd = 0xFFFFFFFF;  // past the last character
  static constexpr char32_t kBadRune = 0xFFFD;

  // States: each reads at most one token and names the state that follows.
  State LexStatements();
  State LexInsideBraces();
  State LexDurationExpr();
  State LexHistogram();
  State LexHistogramDescriptor();
  State LexBuckets();
  State LexValueSequence();
  // Parts of states.
  State LexBracketWord(char32_t first);
  State LexKeywordOrIdentifier();
  State LexIdentifier();
  State LexNumber();
  State LexNumberOrDuration();
  State LexString(char32_t quote);
  State LexRawString();
  State LexComment();
  State LexSpace();
  State LexCloseHistogram();
  void SkipPlainWord();
  bool LexEscape(char32_t quote);
  bool ScanNumber();
  bool ScanRestOfDuration();
  bool ScanDurationKeyword();
  bool FollowedByLeftParen() const;

  // Characters.
  char32_t Take();
  void Backup() { pos_ -= width_; }
  char32_t Peek();
  bool Accept(std::string_view valid);
  bool AtAny(std::string_view valid);
  bool IsAlpha(char32_t rune) const;
  bool IsWordPart(char32_t rune) const;
  std::string_view Pending() const {
    return input_.substr(static_cast<size_t>(start_), static_cast<size_t>(pos_ - start_));
  }

  State Emit(TokenKind kind, State next);
  State Fail(std::string message);

  const std::string_view input_;
  const Options options_;
  State state_ = State::kStatements;
  Token token_;
  bool emitted_ = false;
  std::string error_;
  int pos_ = 0;
  int start_ = 0;
  int width_ = 0;
  int last_pos_ = 0;  // start of the token last returned

  int paren_depth_ = 0;
  bool brace_open_ = false;
  bool bracket_open_ = false;
  bool got_colon_ = false;     // inside the brackets now open
  bool got_duration_ = false;  // in any brackets so far
  AfterHistogram histogram_ = AfterHistogram::kNone;
};

}  // namespace synoptic::promql::internal
