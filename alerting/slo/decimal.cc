// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/slo/decimal.h"

#include <charconv>
#include <cstdlib>

#include "base/go_format.h"
#include "base/status.h"

namespace synoptic::alerting {
namespace {

int64_t PowerOfTen(int n) {
  int64_t power = 1;
  for (int i = 0; i < n; ++i) power *= 10;
  return power;
}

}  // namespace

Decimal::Decimal(int64_t digits, int scale) : digits_(digits), scale_(scale) {
  while (scale_ > 0 && digits_ % 10 == 0) {
    digits_ /= 10;
    --scale_;
  }
}

absl::StatusOr<Decimal> Decimal::Parse(std::string_view text) {
  int64_t digits = 0;
  int scale = 0, count = 0;
  bool point = false;
  const bool negative = text.starts_with('-');
  for (const char c : text.substr(negative ? 1 : 0)) {
    if (c == '.' && !point) {
      point = true;
    } else if (c >= '0' && c <= '9' && count < 15) {
      digits = digits * 10 + (c - '0');
      ++count;
      scale += point ? 1 : 0;
    } else {
      count = 0;
      break;
    }
  }
  if (count == 0) {
    return InvalidArgument("expected a decimal number of at most 15 digits, got {}", GoQuote(text));
  }
  return Decimal(negative ? -digits : digits, scale);
}

Decimal operator-(const Decimal& a, const Decimal& b) {
  const int scale = a.scale_ > b.scale_ ? a.scale_ : b.scale_;
  return {a.digits_ * PowerOfTen(scale - a.scale_) - b.digits_ * PowerOfTen(scale - b.scale_),
          scale};
}

Decimal operator*(const Decimal& a, const Decimal& b) {
  return {a.digits_ * b.digits_, a.scale_ + b.scale_};
}

double Decimal::value() const { return std::strtod(ToString().c_str(), nullptr); }

std::string Decimal::ToString() const {
  std::string text = std::to_string(digits_ < 0 ? -digits_ : digits_);
  if (scale_ > 0) {
    const auto scale = static_cast<size_t>(scale_);
    if (text.size() <= scale) text.insert(0, scale + 1 - text.size(), '0');
    text.insert(text.size() - scale, ".");
  }
  return digits_ < 0 ? "-" + text : text;
}

}  // namespace synoptic::alerting
