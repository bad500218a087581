// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/template/lexer.h"

#include <cctype>
#include <cstdint>

#include "base/status.h"
#include "base/strings.h"

namespace synoptic::alerting {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

std::string_view TrimRight(std::string_view s) {
  const size_t last = s.find_last_not_of(kSpace);
  return last == std::string_view::npos ? std::string_view() : s.substr(0, last + 1);
}

std::string_view TrimLeft(std::string_view s) {
  const size_t first = s.find_first_not_of(kSpace);
  return first == std::string_view::npos ? std::string_view() : s.substr(first);
}

// Position just after the action's closing braces, with quotes respected; npos when unclosed.
size_t FindActionEnd(std::string_view text, size_t from) {
  char quote = 0;
  for (size_t i = from; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == '\\' && quote != '`') {
        ++i;
      } else if (c == quote) {
        quote = 0;
      }
      continue;
    }
    if (c == '"' || c == '`' || c == '\'') quote = c;
    if (c == '}' && i + 1 < text.size() && text[i + 1] == '}') return i + 2;
  }
  return std::string_view::npos;
}

bool IsNameStart(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool IsName(char c) { return IsNameStart(c) || (c >= '0' && c <= '9'); }

absl::StatusOr<std::string> Unquote(std::string_view body) {
  std::string out;
  for (size_t i = 0; i < body.size(); ++i) {
    if (body[i] != '\\') {
      out += body[i];
      continue;
    }
    if (++i == body.size()) return InvalidArgument("unterminated escape");
    constexpr std::string_view kLetters = "abfnrtv\\\"'";
    constexpr std::string_view kBytes = "\a\b\f\n\r\t\v\\\"'";
    const size_t at = kLetters.find(body[i]);
    if (at == std::string_view::npos) return InvalidArgument("unknown escape \\{}", body[i]);
    out += kBytes[at];
  }
  return out;
}

class ActionLexer {
 public:
  explicit ActionLexer(std::string_view text) : text_(text) {}

  absl::StatusOr<std::vector<Word>> Run() {
    while (i_ < text_.size()) {
      const char c = text_[i_];
      if (kSpace.find(c) != std::string_view::npos) {
        glued_ = false;
        ++i_;
        continue;
      }
      RETURN_IF_ERROR(One(c));
      glued_ = true;
    }
    return std::move(words_);
  }

 private:
  void Emit(Word::Kind kind, std::string text) {
    words_.push_back(Word{kind, std::move(text), glued_ && !words_.empty()});
  }
  std::string TakeName() {
    const size_t from = i_;
    while (i_ < text_.size() && IsName(text_[i_])) ++i_;
    return std::string(text_.substr(from, i_ - from));
  }
  void Punctuation(Word::Kind kind, size_t length) {
    Emit(kind, std::string(text_.substr(i_, length)));
    i_ += length;
  }

  absl::Status One(char c) {
    const char next = i_ + 1 < text_.size() ? text_[i_ + 1] : '\0';
    if (c == '"' || c == '`' || c == '\'') return Quoted(c);
    if (c == '.' && IsNameStart(next)) {
      ++i_;
      Emit(Word::Kind::kField, TakeName());
    } else if (c == '$') {
      ++i_;
      Emit(Word::Kind::kVariable, "$" + TakeName());
    } else if (IsNameStart(c)) {
      Emit(Word::Kind::kIdentifier, TakeName());
    } else if (std::isdigit(static_cast<unsigned char>(c)) != 0 ||
               ((c == '-' || c == '+' || c == '.') &&
                std::isdigit(static_cast<unsigned char>(next)) != 0)) {
      TakeNumber();
    } else if (c == ':' && next == '=') {
      Punctuation(Word::Kind::kDeclare, 2);
    } else if (const size_t at = std::string_view("|=,().").find(c); at != std::string_view::npos) {
      constexpr Word::Kind kKinds[] = {Word::Kind::kPipe, Word::Kind::kAssign, Word::Kind::kComma,
                                       Word::Kind::kOpen, Word::Kind::kClose,  Word::Kind::kDot};
      Punctuation(kKinds[at], 1);
    } else {
      return InvalidArgument("unexpected {:?} in action", std::string_view(&c, 1));
    }
    return absl::OkStatus();
  }

  void TakeNumber() {
    const size_t from = i_++;
    while (i_ < text_.size() && (IsName(text_[i_]) || text_[i_] == '.' ||
                                 ((text_[i_] == '-' || text_[i_] == '+') &&
                                  (text_[i_ - 1] == 'e' || text_[i_ - 1] == 'E')))) {
      ++i_;
    }
    Emit(Word::Kind::kNumber, std::string(text_.substr(from, i_ - from)));
  }

  absl::Status Quoted(char quote) {
    const size_t from = ++i_;
    while (i_ < text_.size() && text_[i_] != quote) {
      if (text_[i_] == '\\' && quote != '`') ++i_;
      ++i_;
    }
    if (i_ >= text_.size()) return InvalidArgument("unterminated quoted string");
    const std::string_view body = text_.substr(from, i_ - from);
    ++i_;
    if (quote == '`') {
      Emit(Word::Kind::kString, std::string(body));
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(std::string decoded, Unquote(body));
    Emit(quote == '"' ? Word::Kind::kString : Word::Kind::kChar, std::move(decoded));
    return absl::OkStatus();
  }

  std::string_view text_;
  size_t i_ = 0;
  bool glued_ = false;
  std::vector<Word> words_;
};

}  // namespace

absl::StatusOr<std::vector<Segment>> SplitTemplate(std::string_view text) {
  std::vector<Segment> segments;
  int line = 1;
  bool trim_next = false;
  size_t i = 0;
  while (true) {
    const size_t open = text.find("{{", i);
    std::string_view plain = text.substr(i, open == std::string_view::npos ? open : open - i);
    for (const char c : plain) line += c == '\n' ? 1 : 0;
    if (trim_next) plain = TrimLeft(plain);
    trim_next = false;
    if (open == std::string_view::npos) {
      if (!plain.empty()) segments.push_back({false, plain, line});
      return segments;
    }
    size_t from = open + 2;
    const bool trim_before = text.substr(from, 1) == "-" &&
                             kSpace.find(text.substr(from + 1, 1)) != std::string_view::npos &&
                             from + 1 < text.size();
    if (trim_before) {
      plain = TrimRight(plain);
      ++from;
    }
    if (!plain.empty()) segments.push_back({false, plain, line});

    const bool comment = TrimLeft(text.substr(from)).starts_with("/*");
    size_t end = std::string_view::npos;
    if (comment) {
      const size_t close = text.find("*/", from);
      if (close == std::string_view::npos)
        return InvalidArgument("line {}: unclosed comment", line);
      end = text.find("}}", close);
      if (end != std::string_view::npos) end += 2;
    } else {
      end = FindActionEnd(text, from);
    }
    if (end == std::string_view::npos) return InvalidArgument("line {}: unclosed action", line);
    std::string_view inside = text.substr(from, end - 2 - from);
    if (inside.size() >= 2 && inside.ends_with("-") &&
        kSpace.find(inside[inside.size() - 2]) != std::string_view::npos) {
      trim_next = true;
      inside.remove_suffix(1);
    }
    if (!comment) segments.push_back({true, Trim(inside), line});
    for (const char c : inside) line += c == '\n' ? 1 : 0;
    i = end;
  }
}

absl::StatusOr<std::vector<Word>> SplitAction(std::string_view action) {
  return ActionLexer(action).Run();
}

}  // namespace synoptic::alerting
