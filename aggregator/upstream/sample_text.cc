// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/sample_text.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "fmt/format.h"
#include "promql/model/sample.h"

namespace synoptic::aggregator {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Whole seconds up to here keep milliseconds inside int64.
constexpr int64_t kMaxSeconds = std::numeric_limits<int64_t>::max() / 1000 - 1;

constexpr double kPowersOfTen[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

bool ParseSpecial(std::string_view text, double* value) {
  if (text == "NaN") {
    *value = promql::NormalNaN();
  } else if (text == "+Inf") {
    *value = std::numeric_limits<double>::infinity();
  } else if (text == "-Inf") {
    *value = -std::numeric_limits<double>::infinity();
  } else {
    return false;
  }
  return true;
}

// Any decimal number. from_chars alone would also take "inf" and "nan(...)".
bool ParseDecimal(const char* begin, const char* end, double* value) {
  const char* first = begin + (begin != end && *begin == '-');
  if (first == end || !IsDigit(*first)) return false;
  const auto [stop, error] = std::from_chars(begin, end, *value);
  return error == std::errc() && stop == end;
}

// Digits from `p` on, added to `number`; stops at the first other byte or at `end`.
const char* Digits(const char* p, const char* end, uint64_t* number) {
  uint64_t n = *number;
  while (p < end && IsDigit(*p)) n = n * 10 + static_cast<uint64_t>(*p++ - '0');
  *number = n;
  return p;
}

// The common value: up to 15 digits and no exponent is exact as one division of two doubles that
// are exact themselves. Stops at the closing quote; nullptr when the value is not of that kind.
const char* ParseShortDecimal(const char* p, const char* end, double* value) {
  const bool negative = *p == '-';
  p += negative;
  uint64_t mantissa = 0;
  const char* first = p;
  p = Digits(p, end, &mantissa);
  int64_t digits = p - first;
  if (digits == 0) return nullptr;
  int64_t decimals = 0;
  if (p < end && *p == '.') {
    const char* point = ++p;
    p = Digits(p, end, &mantissa);
    decimals = p - point;
    if (decimals == 0) return nullptr;
    digits += decimals;
  }
  if (p >= end || *p != '"' || digits > 15) return nullptr;
  double v = static_cast<double>(mantissa);
  if (decimals > 0) v /= kPowersOfTen[decimals];
  *value = negative ? -v : v;
  return p;
}

}  // namespace

bool ParseTimestamp(std::string_view text, int64_t* ms) {
  const bool negative = text.starts_with('-');
  const char* p = text.data() + (negative ? 1 : 0);
  const char* const end = text.data() + text.size();
  uint64_t seconds = 0;
  const char* stop = Digits(p, end, &seconds);
  const bool plain = stop > p && stop - p <= 18;
  p = stop;
  int64_t millis = 0;
  if (plain && p < end && *p == '.') {
    int64_t unit = 100;
    for (++p; p < end && IsDigit(*p); ++p) {
      if (unit == 0 && *p != '0') return false;
      millis += unit * (*p - '0');
      unit /= 10;
    }
  }
  if (!plain || p != end) {
    // With an exponent: exact when the double is a whole number of milliseconds.
    double value = 0;
    if (!ParseDecimal(text.data(), end, &value) || !(std::fabs(value) < 9e15)) return false;
    const double scaled = value * 1000;
    if (std::fabs(scaled) >= 9e15 || scaled != std::nearbyint(scaled)) return false;
    *ms = static_cast<int64_t>(scaled);
    return true;
  }
  if (seconds > static_cast<uint64_t>(kMaxSeconds)) return false;
  const int64_t total = static_cast<int64_t>(seconds) * 1000 + millis;
  *ms = negative ? -total : total;
  return true;
}

bool ParseSampleValue(std::string_view text, double* value) {
  return ParseDecimal(text.data(), text.data() + text.size(), value) || ParseSpecial(text, value);
}

std::string FormatSeconds(int64_t ms) {
  const uint64_t magnitude = ms < 0 ? 0 - static_cast<uint64_t>(ms) : static_cast<uint64_t>(ms);
  const char* sign = ms < 0 ? "-" : "";
  if (magnitude % 1000 == 0) return fmt::format("{}{}", sign, magnitude / 1000);
  return fmt::format("{}{}.{:03d}", sign, magnitude / 1000, magnitude % 1000);
}

const char* ParsePoint(const char* p, const char* end, int64_t* ms, double* value) {
  // The longest point of this form is shorter; fewer bytes go the general way.
  constexpr int64_t kLongest = 64;
  if (end - p < kLongest || *p != '[') return nullptr;
  uint64_t time = 0;
  const char* stop = Digits(++p, end, &time);
  const int64_t digits = stop - p;
  if (digits == 0 || digits > 12 || (*p == '0' && digits > 1)) return nullptr;
  p = stop;
  if (*p == '.') {
    if (!IsDigit(p[1]) || !IsDigit(p[2]) || !IsDigit(p[3])) return nullptr;
    time = time * 1000 + static_cast<uint64_t>((p[1] - '0') * 100 + (p[2] - '0') * 10 + p[3] - '0');
    p += 4;
  } else {
    time *= 1000;
  }
  if (p[0] != ',' || p[1] != '"') return nullptr;
  p += 2;
  stop = ParseShortDecimal(p, end, value);
  if (stop == nullptr) {
    stop = p;
    while (stop < end && *stop != '"' && stop - p < 32) ++stop;
    if (stop >= end || *stop != '"') return nullptr;
    if (!ParseSampleValue({p, static_cast<size_t>(stop - p)}, value)) return nullptr;
  }
  if (end - stop < 2 || stop[1] != ']') return nullptr;
  *ms = static_cast<int64_t>(time);
  return stop + 2;
}

}  // namespace synoptic::aggregator
