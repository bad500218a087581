// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/go_format.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "base/utf8.h"
#include "fmt/format.h"

namespace synoptic {
namespace {

// Appends NaN, +Inf or -Inf; false when `v` is finite.
bool AppendSpecial(double v, std::string& out) {
  if (std::isnan(v)) {
    out += "NaN";
    return true;
  }
  if (std::isinf(v)) {
    out += v > 0 ? "+Inf" : "-Inf";
    return true;
  }
  return false;
}

// Beyond 2^53 to_chars writes every digit of the integer a double stands for; Go writes the
// shortest digits that tell it from its neighbours and fills up with zeros.
void AppendLargeFixed(double v, std::string& out) {
  char buffer[32];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, v, std::chars_format::scientific).ptr;
  const std::string_view text(buffer, static_cast<size_t>(end - buffer));
  const size_t e = text.find('e');
  size_t exponent = 0;
  std::from_chars(text.data() + e + 2, end, exponent);  // past "e+"
  size_t digits = 0;
  for (const char c : text.substr(0, e)) {
    if (c == '.') continue;
    out += c;
    if (c != '-') ++digits;
  }
  out.append(exponent + 1 - digits, '0');
}

constexpr double kExact = 9007199254740992.0;  // 2^53

void AppendChars(double v, std::chars_format format, std::string& out) {
  if (format == std::chars_format::fixed && std::fabs(v) >= kExact) return AppendLargeFixed(v, out);
  char buffer[400];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, v, format).ptr;
  out.append(buffer, end);
}

constexpr std::array<uint64_t, 20> kPowersOfTen = [] {
  std::array<uint64_t, 20> powers{1};
  for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

size_t CountDigits(uint64_t value) {
  const auto bits = static_cast<size_t>(std::bit_width(value | 1));
  const size_t least = bits * 1233 >> 12;  // of the numbers of so many bits
  return least + (value >= kPowersOfTen[least] || value == 0 ? 1 : 0);
}

constexpr uint64_t kEight = 100'000'000;
constexpr uint64_t kZeros = 0x3030303030303030;

// Eight digits, as numbers, with zeros in front, of a value below 10^8: pairs of its halves,
// quarters and eighths side by side in one word, the first digit lowest.
inline uint64_t EightDigits(uint64_t value) {
  constexpr uint64_t kTenThousandth = 3518437209;  // of 2^45
  const uint64_t front = value * kTenThousandth >> 45;
  uint64_t word = front | (value - front * 10'000) << 32;
  const uint64_t hundreds = (word * 5243 >> 19) & 0x0000007F0000007F;
  word = hundreds | (word - hundreds * 100) << 16;
  const uint64_t tens = (word * 103 >> 10) & 0x000F000F000F000F;
  return tens | (word - tens * 10) << 8;
}

inline void WriteEight(uint64_t value, char* out) {
  const uint64_t word = EightDigits(value) | kZeros;
  std::memcpy(out, &word, sizeof word);
}

// A value below 10^8, and rubbish up to eight bytes behind its first digit.
inline char* WriteUpToEight(uint64_t value, char* out) {
  const uint64_t digits = EightDigits(value);
  // The last digit is there even if it is a zero.
  const auto zeros = static_cast<unsigned>(std::countr_zero(digits | uint64_t{1} << 56)) / 8;
  const uint64_t word = (digits | kZeros) >> (8 * zeros);
  std::memcpy(out, &word, sizeof word);
  return out + 8 - zeros;
}

// Writes the `count` digits that `value` has, up to 17, and rubbish up to eight bytes behind them.
char* WriteDigits(uint64_t value, size_t count, char* out) {
  if (count <= 8) {
    WriteEight(value * kPowersOfTen[8 - count], out);
    return out + count;
  }
  char* at = out;
  if (count > 16) {
    const uint64_t first = value / kPowersOfTen[16];
    *at++ = static_cast<char>('0' + first);
    value -= first * kPowersOfTen[16];
  } else {
    value *= kPowersOfTen[16 - count];
  }
  const uint64_t front = value / kEight;
  WriteEight(front, at);
  WriteEight(value - front * kEight, at + 8);
  return out + count;
}

// The same with zeros in front where it has fewer; up to 16.
char* WritePadded(uint64_t value, size_t count, char* out) {
  value *= kPowersOfTen[16 - count];
  const uint64_t front = value / kEight;
  WriteEight(front, out);
  WriteEight(value - front * kEight, out + 8);
  return out + count;
}

char* WriteInteger(int64_t value, char* out) {
  if (value < 0) *out++ = '-';
  const auto rest = static_cast<uint64_t>(value < 0 ? -value : value);
  return WriteDigits(rest, CountDigits(rest), out);
}

// The shortest digits that tell `v` from its neighbours, without an exponent; as to_chars writes
// them, in half the time. REQUIRES: `v` is no integer, and between 1e-6 and 2^53 or their
// negatives.
char* WriteFraction(double v, char* out) {
  if (std::signbit(v)) *out++ = '-';
  const auto decimal = fmt::detail::dragonbox::to_decimal(std::fabs(v));
  const uint64_t digits = decimal.significand;
  const size_t count = CountDigits(digits);
  const auto after = static_cast<size_t>(-decimal.exponent);  // the point
  if (after >= count) {
    std::memcpy(out, "0.000000", 8);
    return WriteDigits(digits, count, out + 2 + (after - count));
  }
  const uint64_t whole = digits / kPowersOfTen[after];
  out = WriteDigits(whole, count - after, out);
  *out++ = '.';
  return WritePadded(digits - whole * kPowersOfTen[after], after, out);
}

// Control, format, private-use, surrogate and the less usual space characters are escaped by Go;
// this covers the ranges that occur in label values.
bool IsPrint(char32_t r) {
  if (r < 0x20 || (r >= 0x7F && r < 0xA1)) return false;
  if (r == 0xAD || (r >= 0x2000 && r <= 0x200F) || (r >= 0x2028 && r <= 0x202F)) return false;
  if ((r >= 0x205F && r <= 0x206F) || r == 0x3000 || r == 0xFEFF || r == 0x1680) return false;
  if (r >= 0xE000 && r <= 0xF8FF) return false;
  if (r >= 0xFFF0 && r <= 0xFFFB) return false;
  return (r & 0xFFFE) != 0xFFFE && r < 0xE0000;
}

void AppendEscaped(char32_t r, std::string_view raw, char quote, std::string& out) {
  if (r == static_cast<char32_t>(quote) || r == '\\') {
    out += '\\';
    out += static_cast<char>(r);
    return;
  }
  if (IsPrint(r)) {
    out += raw;
    return;
  }
  constexpr std::string_view kNamed = "\a\b\f\n\r\t\v";
  constexpr std::string_view kLetters = "abfnrtv";
  if (const size_t at = r < 0x80 ? kNamed.find(static_cast<char>(r)) : std::string_view::npos;
      at != std::string_view::npos) {
    out += '\\';
    out += kLetters[at];
  } else if (r < 0x20 || r == 0x7F) {
    fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<uint32_t>(r));
  } else if (r < 0x10000) {
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<uint32_t>(r));
  } else {
    fmt::format_to(std::back_inserter(out), "\\U{:08x}", static_cast<uint32_t>(r));
  }
}

}  // namespace

std::string GoFloatF(double v) {
  std::string out;
  if (!AppendSpecial(v, out)) AppendChars(v, std::chars_format::fixed, out);
  return out;
}

std::string GoFloatG(double v) {
  std::string out;
  if (AppendSpecial(v, out)) return out;
  const double magnitude = std::fabs(v);
  // The threshold is on the decimal exponent of the shortest form, which rounding cannot move here:
  // the shortest form of a value below 1e6 is never "1e6".
  const bool exponent = v != 0 && (magnitude < 1e-4 || magnitude >= 1e6);
  AppendChars(v, exponent ? std::chars_format::scientific : std::chars_format::fixed, out);
  return out;
}

char* WriteGoJsonFloat(double v, char* out) {
  const double magnitude = std::fabs(v);
  if (magnitude < kExact) {
    const auto whole = static_cast<int64_t>(v);
    // Counters: below 2^53 an integer's shortest digits are all of its digits.
    if (static_cast<double>(whole) == v && (whole != 0 || !std::signbit(v))) {
      if (static_cast<uint64_t>(whole) < kEight) {
        return WriteUpToEight(static_cast<uint64_t>(whole), out);
      }
      return WriteInteger(whole, out);
    }
    if (magnitude >= 1e-6) return WriteFraction(v, out);
  }
  std::string text;
  if (!AppendSpecial(v, text)) {
    const bool exponent = v != 0 && (magnitude < 1e-6 || magnitude >= 1e21);
    AppendChars(v, exponent ? std::chars_format::scientific : std::chars_format::fixed, text);
  }
  return std::copy(text.begin(), text.end(), out);
}

void AppendGoJsonFloat(double v, std::string& out) {
  char buffer[kGoJsonFloatBytes];
  out.append(buffer, WriteGoJsonFloat(v, buffer));
}

std::string GoJsonFloat(double v) {
  std::string out;
  AppendGoJsonFloat(v, out);
  return out;
}

std::string GoFixed(double v, int precision) {
  std::string out;
  if (AppendSpecial(v, out)) return out;
  return fmt::format("{:.{}f}", v, precision);
}

std::string GoQuote(std::string_view s) {
  std::string out = "\"";
  for (size_t i = 0; i < s.size();) {
    char32_t rune = 0;
    const size_t length = DecodeRune(s.substr(i), rune);
    if (length == 0) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<uint8_t>(s[i]));
      ++i;
      continue;
    }
    AppendEscaped(rune, s.substr(i, length), '"', out);
    i += length;
  }
  out += '"';
  return out;
}

std::string GoQuoteRune(char32_t rune) {
  std::string raw;
  AppendRune(rune, raw);
  std::string out = "'";
  AppendEscaped(rune, raw, '\'', out);
  out += '\'';
  return out;
}

}  // namespace synoptic
