// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/template/format.h"

#include <chrono>
#include <cmath>

#include "base/go_format.h"
#include "fmt/format.h"

namespace synoptic::alerting {

std::string FourDigits(double v) {
  if (!std::isfinite(v)) return GoFloatG(v);
  return fmt::format("{:.4g}", v);
}

namespace {

// Divides by `base` (or multiplies, below one) until the value is in [1, base).
std::string WithPrefix(double v, double base, std::string_view up, std::string_view unit) {
  size_t i = 0;
  while (i < up.size() && std::fabs(v) >= base) {
    v /= base;
    ++i;
  }
  return fmt::format("{}{}{}", FourDigits(v), i == 0 ? "" : std::string(1, up[i - 1]),
                     i == 0 ? "" : unit);
}

std::string Small(double v) {
  constexpr std::string_view kDown = "munpfazy";
  size_t i = 0;
  while (i < kDown.size() && std::fabs(v) < 1) {
    v *= 1000;
    ++i;
  }
  return FourDigits(v) + (i == 0 ? std::string() : std::string(1, kDown[i - 1]));
}

}  // namespace

std::string Humanize(double v) {
  if (v == 0 || !std::isfinite(v)) return FourDigits(v);
  return std::fabs(v) >= 1 ? WithPrefix(v, 1000, "kMGTPEZY", "") : Small(v);
}

std::string Humanize1024(double v) {
  if (std::fabs(v) <= 1 || !std::isfinite(v)) return FourDigits(v);
  return WithPrefix(v, 1024, "kMGTPEZY", "i");
}

std::string HumanizeDuration(double s) {
  if (!std::isfinite(s)) return FourDigits(s);
  if (s == 0) return FourDigits(s) + "s";
  if (std::fabs(s) < 1) return Small(s) + "s";
  const char* sign = s < 0 ? "-" : "";
  const double magnitude = std::fabs(s);
  const auto whole = static_cast<int64_t>(magnitude);
  const int64_t seconds = whole % 60;
  const int64_t minutes = whole / 60 % 60;
  const int64_t hours = whole / 3600 % 24;
  const int64_t days = whole / 86400;
  if (days != 0) return fmt::format("{}{}d {}h {}m {}s", sign, days, hours, minutes, seconds);
  if (hours != 0) return fmt::format("{}{}h {}m {}s", sign, hours, minutes, seconds);
  if (minutes != 0) return fmt::format("{}{}m {}s", sign, minutes, seconds);
  return fmt::format("{}{}s", sign, FourDigits(magnitude));
}

std::string HumanizePercentage(double v) { return FourDigits(v * 100) + "%"; }

std::string HumanizeTimestamp(double seconds) {
  if (!std::isfinite(seconds)) return FourDigits(seconds);
  using std::chrono::days;
  const double floor = std::floor(seconds);
  const auto nanos = static_cast<int64_t>((seconds - floor) * 1e9);
  const auto time = std::chrono::sys_seconds(std::chrono::seconds(static_cast<int64_t>(floor)));
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::string fraction;
  if (nanos > 0) {
    fraction = fmt::format(".{:09}", nanos);
    fraction.erase(fraction.find_last_not_of('0') + 1);
  }
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}{} +0000 UTC",
                     static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), fraction);
}

}  // namespace synoptic::alerting
