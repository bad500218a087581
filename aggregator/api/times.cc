// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/api/times.h"

#include <cmath>

#include "aggregator/api/rule_view.h"
#include "base/civil.h"
#include "base/duration.h"
#include "base/go_format.h"
#include "base/go_number.h"
#include "base/status.h"

namespace synoptic::aggregator {
namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;

// Takes exactly `digits` digits off the front.
bool TakeNumber(std::string_view& s, size_t digits, int64_t* out) {
  if (s.size() < digits) return false;
  *out = 0;
  for (size_t i = 0; i < digits; ++i) {
    if (s[i] < '0' || s[i] > '9') return false;
    *out = *out * 10 + (s[i] - '0');
  }
  s.remove_prefix(digits);
  return true;
}
bool TakeChar(std::string_view& s, char c) {
  if (s.empty() || s.front() != c) return false;
  s.remove_prefix(1);
  return true;
}

// Fraction digits after the point; beyond nanoseconds they are dropped.
bool TakeFraction(std::string_view& s, int32_t* nanos) {
  *nanos = 0;
  if (!TakeChar(s, '.') && !TakeChar(s, ',')) return true;
  int32_t scale = 100'000'000;
  size_t digits = 0;
  while (digits < s.size() && s[digits] >= '0' && s[digits] <= '9') {
    *nanos += (s[digits] - '0') * scale;
    scale /= 10;
    ++digits;
  }
  s.remove_prefix(digits);
  return digits > 0;
}

bool TakeOffset(std::string_view& s, int64_t* seconds) {
  *seconds = 0;
  if (TakeChar(s, 'Z')) return true;
  const bool east = TakeChar(s, '+');
  if (!east && !TakeChar(s, '-')) return false;
  int64_t hours = 0;
  int64_t minutes = 0;
  if (!TakeNumber(s, 2, &hours) || !TakeChar(s, ':') || !TakeNumber(s, 2, &minutes)) return false;
  if (hours > 24 || minutes > 60) return false;
  *seconds = (hours * 3600 + minutes * 60) * (east ? 1 : -1);
  return true;
}

}  // namespace

std::optional<UnixTime> ParseRfc3339(std::string_view s) {
  int64_t year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, offset = 0;
  UnixTime time;
  if (!TakeNumber(s, 4, &year) || !TakeChar(s, '-') || !TakeNumber(s, 2, &month) ||
      !TakeChar(s, '-') || !TakeNumber(s, 2, &day) || !TakeChar(s, 'T') ||
      !TakeNumber(s, 2, &hour) || !TakeChar(s, ':') || !TakeNumber(s, 2, &minute) ||
      !TakeChar(s, ':') || !TakeNumber(s, 2, &second) || !TakeFraction(s, &time.nanos) ||
      !TakeOffset(s, &offset) || !s.empty()) {
    return std::nullopt;
  }
  if (month < 1 || month > 12 || day < 1 || day > DaysInMonth(year, static_cast<int>(month)) ||
      hour > 23 || minute > 59 || second > 59) {
    return std::nullopt;
  }
  time.seconds = DaysFromCivil(year, static_cast<int>(month), static_cast<int>(day)) * 86400 +
                 hour * 3600 + minute * 60 + second - offset;
  return time;
}

int64_t Rfc3339ToNanos(std::string_view text) {
  const auto time = ParseRfc3339(text);
  if (!time || time->seconds < -9'000'000'000 || time->seconds > 9'000'000'000) return kNever;
  return time->seconds * kNanosPerSecond + time->nanos;
}

std::string FormatRfc3339(int64_t ns) {
  if (ns == kNever) return "0001-01-01T00:00:00Z";
  int64_t seconds = ns / kNanosPerSecond;
  int64_t nanos = ns % kNanosPerSecond;
  if (nanos < 0) {
    nanos += kNanosPerSecond;
    --seconds;
  }
  std::string text = IsoText(CivilOf(seconds));
  if (nanos != 0) {
    text += fmt::format(".{:09}", nanos);
    while (text.back() == '0') text.pop_back();
  }
  return text + "Z";
}

absl::StatusOr<int64_t> ParseApiTime(std::string_view text) {
  constexpr double kLimit = 9e15;  // seconds; far outside what milliseconds can hold: an error
  if (const auto seconds = GoParseFloat(text); seconds.ok() && std::fabs(*seconds) < kLimit) {
    double whole = 0;
    const double fraction = std::modf(*seconds, &whole);
    return static_cast<int64_t>(whole) * 1000 + static_cast<int64_t>(std::round(fraction * 1000));
  }
  if (const auto time = ParseRfc3339(text)) {
    return time->seconds * 1000 + time->nanos / 1'000'000;
  }
  if (text == "-292273086-05-16T16:47:06Z") return kMinTimeMs;
  if (text == "292277025-08-18T07:12:54.999999999Z") return kMaxTimeMs;
  return InvalidArgument("cannot parse {} to a valid timestamp", GoQuote(text));
}

absl::StatusOr<int64_t> ParseApiDuration(std::string_view text) {
  if (const auto seconds = GoParseFloat(text); seconds.ok()) {
    const double ns = *seconds * static_cast<double>(kNanosPerSecond);
    if (!(std::fabs(ns) < 0x1p63)) {
      return InvalidArgument("cannot parse {} to a valid duration. It overflows int64",
                             GoQuote(text));
    }
    return static_cast<int64_t>(ns);
  }
  const auto ms = ParseDurationMillis(text);
  constexpr int64_t kMaxMs = std::numeric_limits<int64_t>::max() / 1'000'000;
  if (ms.ok() && *ms <= kMaxMs) return *ms * 1'000'000;
  return InvalidArgument("cannot parse {} to a valid duration", GoQuote(text));
}

std::string FormatGoDuration(int64_t ns) {
  if (ns == 0) return "0s";
  const bool negative = ns < 0;
  // Seconds and below carry the fraction, as Go does it.
  const double magnitude = std::fabs(static_cast<double>(ns));
  std::string text = negative ? "-" : "";
  if (magnitude < 1e3) return text + fmt::format("{}ns", negative ? -ns : ns);
  if (magnitude < 1e6) return text + GoFloatF(magnitude / 1e3) + "µs";
  if (magnitude < 1e9) return text + GoFloatF(magnitude / 1e6) + "ms";
  const auto seconds = static_cast<int64_t>(magnitude / 1e9);
  const double rest = static_cast<double>(seconds % 60) + std::fmod(magnitude, 1e9) / 1e9;
  if (seconds >= 3600) text += fmt::format("{}h", seconds / 3600);
  if (seconds >= 60) text += fmt::format("{}m", seconds / 60 % 60);
  return text + GoFloatF(rest) + "s";
}

}  // namespace synoptic::aggregator
