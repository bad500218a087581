// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
#include "promql/eval/bucket_bound.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <string>

#include "base/strings.h"

namespace synoptic::promql::internal {
namespace {

std::optional<double> ParseMagnitude(std::string_view text) {
  if (text.empty() || text[0] == '-' || text[0] == '+') return std::nullopt;
  if (EqualsIgnoreCaseAscii(text, "inf") || EqualsIgnoreCaseAscii(text, "infinity")) {
    return std::numeric_limits<double>::infinity();
  }
  if (text[0] != '.' && (text[0] < '0' || text[0] > '9')) return std::nullopt;
  auto format = std::chars_format::general;
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
    format = std::chars_format::hex;
    text.remove_prefix(2);
    if (text.find_first_of("pP") == std::string_view::npos) return std::nullopt;
  }
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value, format);
  // Out of range is an error in Go as well.
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return value;
}

}  // namespace

std::optional<double> ParseBucketBound(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::optional<double> value = ParseMagnitude(text);
  if (value.has_value() && negative) value = -*value;
  return value;
}

}  // namespace synoptic::promql::internal
