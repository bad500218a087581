// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Decimal numbers as people write them: 100 - 99.9 is 0.1 and 14.4 times a thousandth is 0.0144,
// where doubles say 0.014400000000000013 and an error ratio of exactly 1.44 % slips through.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace synoptic::alerting {

// digits / 10^scale. Immutable.
class Decimal {
 public:
  Decimal() = default;
  Decimal(int64_t digits, int scale);
  // At most 15 digits, no exponent: "99.95". InvalidArgument otherwise.
  static absl::StatusOr<Decimal> Parse(std::string_view text);

  // REQUIRES: results stay within 18 digits, as those of objectives and factors do.
  friend Decimal operator-(const Decimal& a, const Decimal& b);
  friend Decimal operator*(const Decimal& a, const Decimal& b);
  // Divided by 100: percent to ratio.
  Decimal Percent() const { return {digits_, scale_ + 2}; }

  double value() const;          // the nearest double
  std::string ToString() const;  // shortest: "0.0144"

 private:
  int64_t digits_ = 0;
  int scale_ = 0;
};

}  // namespace synoptic::alerting
