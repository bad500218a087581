// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Numbers, durations and strings.

#include "base/go_format.h"
#include "base/status.h"
#include "base/strings.h"
#include "promql/parse/lexer.h"

namespace synoptic::promql::internal {
namespace {

using enum TokenKind;

bool IsAsciiWordPart(char32_t r) {
  return r == '_' || (r >= '0' && r <= '9') || (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z');
}

uint32_t DigitValue(char32_t r) {
  if (r >= '0' && r <= '9') return r - '0';
  if (r >= 'a' && r <= 'f') return r - 'a' + 10;
  if (r >= 'A' && r <= 'F') return r - 'A' + 10;
  return 16;
}

// Go's %#U: U+0063 'c', the character only when it can be printed.
std::string NameOf(char32_t rune) {
  std::string name = fmt::format("U+{:04X}", static_cast<uint32_t>(rune));
  if (rune == '\'' || rune == '\\') return fmt::format("{} '{}'", name, static_cast<char>(rune));
  const std::string quoted = GoQuoteRune(rune);
  if (quoted[1] != '\\') name += " " + quoted;
  return name;
}

}  // namespace

Lexer::State Lexer::LexNumber() {
  if (!ScanNumber()) return Fail(fmt::format("bad number syntax: {}", GoQuote(Pending())));
  return Emit(kNumber, State::kStatements);
}

Lexer::State Lexer::LexNumberOrDuration() {
  if (ScanNumber()) return Emit(kNumber, State::kStatements);
  if (ScanRestOfDuration()) return Emit(kDuration, State::kStatements);
  return Fail(fmt::format("bad number or duration syntax: {}", GoQuote(Pending())));
}

// Units in a wrong order or of no meaning (hs) are found when the duration's value is taken.
bool Lexer::ScanRestOfDuration() {
  constexpr std::string_view kDigits = "0123456789";
  if (!Accept("smhdwy")) return false;
  Accept("s");
  while (Accept(kDigits)) {
    while (Accept(kDigits)) {
    }
    // A year can only come first.
    if (!Accept("smhdw")) return false;
    Accept("s");
  }
  if (IsAsciiWordPart(Take())) return false;
  Backup();
  return true;
}

// Reads what looks like a number; whether it is one shows when its value is taken. On failure the
// text read so far goes into the error.
bool Lexer::ScanNumber() {
  const int begin = pos_;
  std::string_view digits = "0123456789";
  // In a series description `x` repeats a value: no hexadecimal numbers there.
  if (!options_.series_description && Accept("0") && Accept("xX")) {
    Accept("_");
    digits = "0123456789abcdefABCDEF";
  }
  const bool hexadecimal = digits.size() > 10;
  Accept(".");
  Accept(digits);
  bool dot = false;
  bool exponent = false;
  while (AtAny(digits) || AtAny("._eE")) {
    if (AtAny(".") && dot) {
      Accept(".");
      return false;
    }
    if (AtAny("eE") && exponent) {
      Accept("eE");
      return false;
    }
    if (Accept(".")) {
      dot = true;
      if (Accept("_.") || hexadecimal) return false;
    } else if (Accept("eE")) {
      exponent = true;
      Accept("+-");
      if (Accept("._eE") || Peek() == kEnd) return false;
    } else if (Accept("_")) {
      if (Accept("._eE") || Peek() == kEnd) return false;
    } else {
      while (Accept(digits)) {
      }
    }
  }
  if (pos_ == begin) return false;
  const char32_t next = Peek();
  return (options_.series_description && next == 'x') || !IsAsciiWordPart(next);
}

bool Lexer::ScanDurationKeyword() {
  while (true) {
    const char32_t r = Take();
    if (!IsAsciiWordPart(r) || (r >= '0' && r <= '9')) break;
  }
  Backup();
  const TokenKind kind = KeywordOf(ToLowerAscii(Pending()));
  if (kind != kStep && kind != kRange && kind != kMaxOf && kind != kMinOf) return false;
  Emit(kind, State::kStatements);
  return true;
}

// The opening quote was read.
Lexer::State Lexer::LexString(char32_t quote) {
  while (true) {
    const char32_t r = Take();
    if (r == quote) return Emit(kString, State::kStatements);
    if (r == '\\' && !LexEscape(quote)) return State::kDone;
    if (r == kBadRune) return Fail("invalid UTF-8 rune");
    if (r == kEnd || r == '\n') return Fail("unterminated quoted string");
  }
}

Lexer::State Lexer::LexRawString() {
  while (true) {
    const char32_t r = Take();
    if (r == '`') return Emit(kString, State::kStatements);
    if (r == kBadRune) return Fail("invalid UTF-8 rune");
    if (r == kEnd) return Fail("unterminated raw string");
  }
}

// What follows a backslash. False after Fail.
bool Lexer::LexEscape(char32_t quote) {
  int length = 0;
  uint32_t base = 16;
  uint32_t largest = 0x10FFFF;
  char32_t r = Take();
  if (r == quote || (r < 0x80 && std::string_view("abfnrtv\\").find(static_cast<char>(r)) !=
                                     std::string_view::npos)) {
    return true;
  }
  if (r >= '0' && r <= '7') {
    length = 3;
    base = 8;
    largest = 255;
  } else if (r == 'x' || r == 'u' || r == 'U') {
    length = r == 'x' ? 2 : r == 'u' ? 4 : 8;
    if (r == 'x') largest = 255;
    r = Take();
  } else if (r == kEnd) {
    Fail("escape sequence not terminated");
    return false;
  } else {
    Fail("unknown escape sequence " + NameOf(r));
    return false;
  }
  uint32_t value = 0;
  for (; length > 0; --length) {
    const uint32_t digit = DigitValue(r);
    if (digit >= base) {
      Fail(r == kEnd ? "escape sequence not terminated"
                     : fmt::format("illegal character {} in escape sequence", NameOf(r)));
      return false;
    }
    value = value * base + digit;
    if (length > 1) r = Take();
  }
  if (value > largest || (value >= 0xD800 && value < 0xE000)) {
    Fail("escape sequence is an invalid Unicode code point");
    return false;
  }
  return true;
}

}  // namespace synoptic::promql::internal
