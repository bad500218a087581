// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/stats/check.h"

#include <cmath>

#include "base/go_format.h"
#include "base/status.h"

namespace synoptic::domain {
namespace {

constexpr std::string_view kFinite = "a finite number";
constexpr std::string_view kNonNegative = "a finite number of at least 0";
constexpr std::string_view kPositive = "a finite number above 0";
constexpr std::string_view kRatio = "a ratio from 0 to 1";

bool IsFinite(double v) { return std::isfinite(v); }
bool IsNonNegative(double v) { return std::isfinite(v) && v >= 0; }
bool IsPositive(double v) { return std::isfinite(v) && v > 0; }
bool IsRatio(double v) { return v >= 0 && v <= 1; }

absl::Status Unexpected(std::string_view name, double value, std::string_view expected) {
  return InvalidArgument("{}: {}: expected {}", name, GoFloatG(value), expected);
}

absl::Status Check(std::initializer_list<Named> values, bool (*good)(double),
                   std::string_view expected) {
  for (const Named& named : values) {
    if (!good(named.value)) return Unexpected(named.name, named.value, expected);
  }
  return absl::OkStatus();
}

absl::Status CheckEach(std::string_view name, std::span<const double> values, bool (*good)(double),
                       std::string_view expected) {
  for (size_t i = 0; i < values.size(); ++i) {
    if (!good(values[i])) {
      return Unexpected(fmt::format("{}[{}]", name, i), values[i], expected);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckFinite(std::initializer_list<Named> values) {
  return Check(values, IsFinite, kFinite);
}
absl::Status CheckNonNegative(std::initializer_list<Named> values) {
  return Check(values, IsNonNegative, kNonNegative);
}
absl::Status CheckPositive(std::initializer_list<Named> values) {
  return Check(values, IsPositive, kPositive);
}
absl::Status CheckRatio(std::initializer_list<Named> values) {
  return Check(values, IsRatio, kRatio);
}

absl::Status CheckTarget(std::string_view name, double value) {
  if (value > 0 && value < 1) return absl::OkStatus();
  if (value > 1 && value < 100) {
    return Unexpected(name, value,
                      fmt::format("a ratio between 0 and 1; is it a percentage? write {}",
                                  GoFloatG(value / 100)));
  }
  return Unexpected(name, value, "a ratio between 0 and 1, both excluded");
}

absl::Status CheckTimeOrNever(std::initializer_list<Named> values) {
  return Check(values, +[](double v) { return v >= 0; }, "a number of at least 0, or +Inf");
}

absl::Status CheckEachFinite(std::string_view name, std::span<const double> values) {
  return CheckEach(name, values, IsFinite, kFinite);
}
absl::Status CheckEachNonNegative(std::string_view name, std::span<const double> values) {
  return CheckEach(name, values, IsNonNegative, kNonNegative);
}
absl::Status CheckEachRatio(std::string_view name, std::span<const double> values) {
  return CheckEach(name, values, IsRatio, kRatio);
}

absl::Status CheckSameSize(std::string_view a_name, size_t a, std::string_view b_name, size_t b) {
  if (a == b) return absl::OkStatus();
  return InvalidArgument("{} has {} values and {} has {}: expected as many", a_name, a, b_name, b);
}

}  // namespace synoptic::domain
