// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/go_number.h"

#include <charconv>
#include <limits>
#include <string>

#include "absl/strings/charconv.h"
#include "base/go_format.h"
#include "base/status.h"
#include "base/strings.h"

namespace synoptic {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
char Lower(char c) { return static_cast<char>(c | 0x20); }

// Go's rule: an underscore stands between digits; a base prefix counts as a digit before it.
// `text` has no sign.
bool UnderscoresOk(std::string_view text) {
  enum { kNothing, kDigit, kUnderscore, kOther } before = kNothing;
  bool hex = false;
  if (text.size() >= 2 && text[0] == '0' &&
      (Lower(text[1]) == 'b' || Lower(text[1]) == 'o' || Lower(text[1]) == 'x')) {
    before = kDigit;
    hex = Lower(text[1]) == 'x';
    text.remove_prefix(2);
  }
  for (const char c : text) {
    if (IsDigit(c) || (hex && Lower(c) >= 'a' && Lower(c) <= 'f')) {
      before = kDigit;
    } else if (c == '_') {
      if (before != kDigit) return false;
      before = kUnderscore;
    } else {
      if (before == kUnderscore) return false;
      before = kOther;
    }
  }
  return before != kUnderscore;
}

// Removes underscores; nullopt when they stand where Go does not allow them.
std::optional<std::string> WithoutUnderscores(std::string_view text) {
  if (text.find('_') == std::string_view::npos) return std::string(text);
  if (!UnderscoresOk(text)) return std::nullopt;
  std::string plain;
  for (const char c : text) {
    if (c != '_') plain += c;
  }
  return plain;
}

std::optional<double> Special(std::string_view text) {
  if (EqualsIgnoreCaseAscii(text, "inf") || EqualsIgnoreCaseAscii(text, "infinity")) {
    return std::numeric_limits<double>::infinity();
  }
  return std::nullopt;
}

enum class Outcome { kOk, kSyntax, kRange };

// Without sign and underscores.
Outcome ReadFinite(std::string_view text, double& value) {
  const bool hex = text.size() > 2 && text[0] == '0' && Lower(text[1]) == 'x';
  if (hex) {
    text.remove_prefix(2);
    // Go wants the exponent written out.
    if (text.find_first_of("pP") == std::string_view::npos) return Outcome::kSyntax;
  }
  // Neither library takes a sign here, nor the words for infinity.
  if (text.empty() || !(IsDigit(text[0]) || text[0] == '.' || hex)) return Outcome::kSyntax;
  const char* const end = text.data() + text.size();
  const auto format = hex ? absl::chars_format::hex : absl::chars_format::general;
  const auto result = absl::from_chars(text.data(), end, value, format);
  if (result.ptr != end || result.ec == std::errc::invalid_argument) return Outcome::kSyntax;
  if (result.ec == std::errc::result_out_of_range) {
    if (value > 1) return Outcome::kRange;
    if (value >= std::numeric_limits<double>::min()) value = 0;
  }
  return Outcome::kOk;
}

}  // namespace

absl::StatusOr<double> GoParseFloat(std::string_view text) {
  const auto error = [&text](absl::StatusCode code, std::string_view reason) {
    return MakeStatus(code, "strconv.ParseFloat: parsing {}: {}", GoQuote(text), reason);
  };
  if (EqualsIgnoreCaseAscii(text, "nan")) return std::numeric_limits<double>::quiet_NaN();
  std::string_view unsigned_text = text;
  double sign = 1;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    if (text[0] == '-') sign = -1;
    unsigned_text.remove_prefix(1);
  }
  if (const auto special = Special(unsigned_text)) return sign * *special;
  const auto plain = WithoutUnderscores(unsigned_text);
  double value = 0;
  const Outcome outcome = plain ? ReadFinite(*plain, value) : Outcome::kSyntax;
  if (outcome == Outcome::kOk) return sign * value;
  if (outcome == Outcome::kRange) return error(absl::StatusCode::kOutOfRange, "value out of range");
  return error(absl::StatusCode::kInvalidArgument, "invalid syntax");
}

std::optional<int64_t> GoParseInt(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  const auto plain = WithoutUnderscores(text);
  if (!plain || plain->empty()) return std::nullopt;
  std::string_view digits = *plain;
  int base = 10;
  if (digits.size() > 1 && digits[0] == '0') {
    const char prefix = Lower(digits[1]);
    base = prefix == 'x' ? 16 : prefix == 'b' ? 2 : 8;
    digits.remove_prefix(prefix == 'x' || prefix == 'b' || prefix == 'o' ? 2 : 1);
  }
  uint64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto result = std::from_chars(digits.data(), end, value, base);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  constexpr uint64_t kMax = std::numeric_limits<int64_t>::max();
  if (value > kMax + (negative ? 1 : 0)) return std::nullopt;
  return negative ? static_cast<int64_t>(0 - value) : static_cast<int64_t>(value);
}

}  // namespace synoptic
