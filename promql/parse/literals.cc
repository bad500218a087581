// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

#include "promql/parse/literals.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

#include "base/go_format.h"
#include "base/go_number.h"
#include "base/status.h"
#include "base/utf8.h"

namespace synoptic::promql::internal {
namespace {

struct Unit {
  std::string_view name;
  uint64_t nanoseconds;
};
constexpr uint64_t kSecond = 1'000'000'000;
// Largest first: the order in which units may follow each other.
constexpr Unit kUnits[] = {
    {"y", 365 * 86'400 * kSecond},
    {"w", 7 * 86'400 * kSecond},
    {"d", 86'400 * kSecond},
    {"h", 3'600 * kSecond},
    {"m", 60 * kSecond},
    {"s", kSecond},
    {"ms", 1'000'000},
};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Go divides seconds and nanoseconds apart, which rounds differently from one division.
double Seconds(uint64_t nanoseconds) {
  const uint64_t whole = nanoseconds / kSecond;
  const uint64_t rest = nanoseconds % kSecond;
  return static_cast<double>(whole) + static_cast<double>(rest) / 1e9;
}

// Reads `count` digits of `base` (8 or 16) from the front of `text`; -1 when they are not there.
int64_t TakeDigits(std::string_view& text, size_t count, int base) {
  if (text.size() < count) return -1;
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + count, value, base);
  if (error != std::errc() || end != text.data() + count || text[0] == '-') return -1;
  text.remove_prefix(count);
  return value;
}

// Appends what the escape sequence after a backslash means; false when it means nothing.
bool Unescape(std::string_view& text, char quote, std::string& out) {
  if (text.empty()) return false;
  const char c = text[0];
  if (c >= '0' && c <= '7') {
    const int64_t value = TakeDigits(text, 3, 8);
    if (value < 0 || value > 255) return false;
    out += static_cast<char>(value);
    return true;
  }
  text.remove_prefix(1);
  constexpr std::string_view kLetters = "abfnrtv\\";
  constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\";
  if (const size_t at = kLetters.find(c); at != std::string_view::npos) {
    out += kMeanings[at];
    return true;
  }
  if (c == quote) {
    out += c;
    return true;
  }
  if (c != 'x' && c != 'u' && c != 'U') return false;
  const int64_t value = TakeDigits(text, c == 'x' ? 2 : c == 'u' ? 4 : 8, 16);
  if (value < 0 || value > 0x10FFFF) return false;
  if (c == 'x') {
    out += static_cast<char>(value);
  } else {
    AppendRune(static_cast<char32_t>(value), out);
  }
  return true;
}

}  // namespace

absl::StatusOr<double> NumberValue(std::string_view text) {
  if (const auto integer = GoParseInt(text); integer.has_value()) {
    return static_cast<double>(*integer);
  }
  return GoParseFloat(text);
}

absl::StatusOr<uint64_t> UnsignedValue(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) return value;
  const bool digits_only = text.find_first_not_of("0123456789") == std::string_view::npos;
  return InvalidArgument("strconv.ParseUint: parsing {}: {}", GoQuote(text),
                         digits_only ? "value out of range" : "invalid syntax");
}

absl::StatusOr<double> DurationValue(std::string_view text) {
  constexpr uint64_t kMax = std::numeric_limits<int64_t>::max();
  uint64_t total = 0;
  size_t i = 0;
  const Unit* last = nullptr;
  while (i < text.size()) {
    const size_t digits = i;
    while (i < text.size() && IsDigit(text[i])) ++i;
    const size_t unit_at = i;
    uint64_t count = 0;
    const auto error = std::from_chars(text.data() + digits, text.data() + unit_at, count).ec;
    while (i < text.size() && !IsDigit(text[i])) ++i;
    const std::string_view name = text.substr(unit_at, i - unit_at);
    if (error != std::errc() || name.empty()) {
      return InvalidArgument("not a valid duration string: {}", GoQuote(text));
    }
    const Unit* unit = nullptr;
    for (const Unit& candidate : kUnits) {
      if (candidate.name == name) unit = &candidate;
    }
    if (unit == nullptr) {
      return InvalidArgument("unknown unit {} in duration {}", GoQuote(name), GoQuote(text));
    }
    if (last != nullptr && unit <= last) {
      return InvalidArgument("not a valid duration string: {}", GoQuote(text));
    }
    last = unit;
    if (count > (kMax + 1) / unit->nanoseconds) return InvalidArgument("duration out of range");
    total += count * unit->nanoseconds;
    if (total > kMax) return InvalidArgument("duration out of range");
  }
  return Seconds(total);
}

int64_t TruncatedToInt64(double value) {
  constexpr double kLimit = 9223372036854775808.0;  // 2^63
  return std::fabs(value) < kLimit ? static_cast<int64_t>(value)
                                   : std::numeric_limits<int64_t>::min();
}

int64_t Nanoseconds(double seconds) { return TruncatedToInt64(std::round(seconds * 1e9)); }

absl::StatusOr<std::string> StringValue(std::string_view text) {
  const auto invalid = [&text] {
    return InvalidArgument("error unquoting string {}: invalid syntax", GoQuote(text));
  };
  if (text.size() < 2 || text.front() != text.back()) return invalid();
  const char quote = text.front();
  text = text.substr(1, text.size() - 2);
  if (quote == '`') return std::string(text);
  std::string out;
  out.reserve(text.size());
  std::string_view rest = text;
  while (!rest.empty()) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c == '\\') {
      if (!Unescape(rest, quote, out)) return invalid();
    } else if (c == quote || c == '\n') {
      return invalid();
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace synoptic::promql::internal
