// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/model/matcher.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/status.h"
#include "base/strings.h"
#include "re2/re2.h"

namespace synoptic::promql {
namespace {

constexpr size_t kMaxExpressionBytes = 4096;
constexpr int64_t kMaxProgramBytes = 1 << 20;

bool IsLiteral(std::string_view text) {
  return text.find_first_of(R"(\.+*?()|[]{}^$)") == std::string_view::npos;
}

// The words of `a|b|c`; none when any of them is more than a literal.
std::vector<std::string> LiteralWords(std::string_view expression) {
  std::vector<std::string> words;
  for (const std::string_view word : Split(expression, '|')) {
    if (!IsLiteral(word)) return {};
    words.emplace_back(word);
  }
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

// A literal between optional wildcards: `.*x.*`, `x.+`, `.*`. What most dashboards send.
struct Wildcard {
  size_t min_before = 0;  // 1 for .+
  size_t min_after = 0;
  bool before = false;
  bool after = false;
  std::string literal;

  bool Matches(std::string_view value) const;
};

std::optional<Wildcard> ParseWildcard(std::string_view expression) {
  Wildcard w;
  const auto is_wildcard = [](std::string_view s) { return s == ".*" || s == ".+"; };
  if (expression.size() >= 2 && is_wildcard(expression.substr(0, 2))) {
    w.before = true;
    w.min_before = expression[1] == '+' ? 1 : 0;
    expression.remove_prefix(2);
  }
  if (expression.size() >= 2 && is_wildcard(expression.substr(expression.size() - 2))) {
    w.after = true;
    w.min_after = expression.back() == '+' ? 1 : 0;
    expression.remove_suffix(2);
  }
  if (!(w.before || w.after) || !IsLiteral(expression)) return std::nullopt;
  w.literal = expression;
  return w;
}

// `.` is one code point, but never less than one byte: counting bytes is exact for "at least one".
bool Wildcard::Matches(std::string_view value) const {
  if (value.size() < min_before + literal.size() + min_after) return false;
  if (!before) return value.substr(0, literal.size()) == literal;
  if (!after) return value.substr(value.size() - literal.size()) == literal;
  return value.substr(min_before, value.size() - min_before - min_after).find(literal) !=
         std::string_view::npos;
}

RE2::Options Options() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_dot_nl(true);
  options.set_never_capture(true);
  options.set_max_mem(kMaxProgramBytes);
  return options;
}

// Go's words for the errors of its sibling library.
std::string_view GoErrorText(const RE2& regex) {
  switch (regex.error_code()) {
    case RE2::ErrorBadEscape:
      return "invalid escape sequence";
    case RE2::ErrorBadCharClass:
      return "invalid character class";
    case RE2::ErrorBadCharRange:
      return "invalid character class range";
    case RE2::ErrorMissingBracket:
      return "missing closing ]";
    case RE2::ErrorMissingParen:
      return "missing closing )";
    case RE2::ErrorUnexpectedParen:
      return "unexpected )";
    case RE2::ErrorTrailingBackslash:
      return "trailing backslash at end of expression";
    case RE2::ErrorRepeatArgument:
      return "missing argument to repetition operator";
    case RE2::ErrorRepeatSize:
      return "invalid repeat count";
    case RE2::ErrorRepeatOp:
      return "invalid nested repetition operator";
    case RE2::ErrorBadPerlOp:
      return "invalid or unsupported Perl syntax";
    case RE2::ErrorBadNamedCapture:
      return "invalid named capture";
    case RE2::ErrorBadUTF8:
      return "invalid UTF-8";
    case RE2::ErrorPatternTooLarge:
      return "expression too large";
    default:
      return regex.error();
  }
}

absl::Status CompileError(const RE2& regex) {
  return InvalidArgument("error parsing regexp: {}: `{}`", GoErrorText(regex), regex.error_arg());
}

}  // namespace

std::string_view MatchOpText(MatchOp op) {
  switch (op) {
    case MatchOp::kEqual:
      return "=";
    case MatchOp::kNotEqual:
      return "!=";
    case MatchOp::kRegex:
      return "=~";
    case MatchOp::kNotRegex:
      return "!~";
  }
  return "";
}

// Tried in order of cost: words, a literal with wildcards, RE2.
class Matcher::Pattern {
 public:
  static absl::StatusOr<std::shared_ptr<const Pattern>> Compile(const std::string& expression);

  bool Matches(std::string_view value) const {
    if (!words_.empty()) {
      return std::binary_search(words_.begin(), words_.end(), value, std::less<>());
    }
    if (wildcard_) return wildcard_->Matches(value);
    // FullMatch anchors both ends, so no ^(?s:...)$ is wrapped around the expression.
    return RE2::FullMatch(re2::StringPiece(value.data(), value.size()), *regex_);
  }
  const std::vector<std::string>& words() const { return words_; }

 private:
  std::vector<std::string> words_;
  std::optional<Wildcard> wildcard_;
  std::unique_ptr<const RE2> regex_;
};

absl::StatusOr<std::shared_ptr<const Matcher::Pattern>> Matcher::Pattern::Compile(
    const std::string& expression) {
  if (expression.size() > kMaxExpressionBytes) {
    return InvalidArgument("regular expression has {} bytes, at most {} are allowed",
                           expression.size(), kMaxExpressionBytes);
  }
  auto pattern = std::make_shared<Pattern>();
  if (!IsValidUtf8(expression)) {  // words would be taken as they are
    return InvalidArgument("error parsing regexp: invalid UTF-8: `{}`", expression);
  }
  pattern->words_ = LiteralWords(expression);
  if (pattern->words_.empty()) pattern->wildcard_ = ParseWildcard(expression);
  if (pattern->words_.empty() && !pattern->wildcard_) {
    pattern->regex_ = std::make_unique<const RE2>(expression, Options());
    if (!pattern->regex_->ok()) return CompileError(*pattern->regex_);
  }
  return pattern;
}

absl::StatusOr<Matcher> Matcher::Create(MatchOp op, std::string name, std::string value) {
  Matcher matcher(op, std::move(name), std::move(value));
  if (op == MatchOp::kRegex || op == MatchOp::kNotRegex) {
    ASSIGN_OR_RETURN(matcher.pattern_, Pattern::Compile(matcher.value_));
  }
  return matcher;
}

bool Matcher::Matches(std::string_view value) const {
  switch (op_) {
    case MatchOp::kEqual:
      return value == value_;
    case MatchOp::kNotEqual:
      return value != value_;
    case MatchOp::kRegex:
      return pattern_->Matches(value);
    case MatchOp::kNotRegex:
      return !pattern_->Matches(value);
  }
  return false;
}

const std::vector<std::string>& Matcher::Words() const {
  static const std::vector<std::string> kNone;
  return pattern_ == nullptr ? kNone : pattern_->words();
}

}  // namespace synoptic::promql
