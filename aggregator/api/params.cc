// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/api/params.h"

#include <algorithm>
#include <charconv>

#include "aggregator/api/times.h"
#include "base/go_format.h"
#include "base/status.h"
#include "promql/parse/parser.h"

namespace synoptic::aggregator {

absl::Status InvalidParameter(std::string_view name, std::string_view text) {
  return InvalidArgument("invalid parameter {}: {}", GoQuote(name), text);
}

std::string_view Params::Get(std::string_view name) const {
  for (const auto& [key, value] : all_) {
    if (key == name) return value;
  }
  return {};
}

std::vector<std::string> Params::All(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : all_) {
    if (key == name) values.push_back(value);
  }
  return values;
}

absl::StatusOr<int64_t> GoAtoi(std::string_view text) {
  std::string_view digits = text;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool signed_twice = text.starts_with("+-");
  if (error == std::errc::result_out_of_range && end == digits.data() + digits.size()) {
    return InvalidArgument("strconv.Atoi: parsing {}: value out of range", GoQuote(text));
  }
  if (error != std::errc() || end != digits.data() + digits.size() || signed_twice) {
    return InvalidArgument("strconv.Atoi: parsing {}: invalid syntax", GoQuote(text));
  }
  return value;
}

absl::StatusOr<int64_t> Params::Limit() const {
  const std::string_view text = Get("limit");
  if (text.empty()) return 0;
  const auto limit = GoAtoi(text);
  if (!limit.ok()) return InvalidParameter("limit", MessageOf(limit.status()));
  if (*limit < 0) return InvalidParameter("limit", "limit must be non-negative");
  return *limit;
}

absl::StatusOr<int64_t> Params::TimeOr(std::string_view name, int64_t fallback) const {
  const std::string_view text = Get(name);
  if (text.empty()) return fallback;
  const auto time = ParseApiTime(text);
  if (time.ok()) return *time;
  return InvalidParameter(
      name, fmt::format("invalid time value for '{}': {}", name, MessageOf(time.status())));
}

absl::StatusOr<int64_t> Params::RequiredTime(std::string_view name) const {
  const auto time = ParseApiTime(Get(name));
  if (time.ok()) return *time;
  return InvalidParameter(name, MessageOf(time.status()));
}

absl::StatusOr<std::vector<std::string>> Params::Selectors() const {
  std::vector<std::string> texts = All("match[]");
  RETURN_IF_ERROR(ParseSelectors(texts).status());
  return texts;
}

absl::StatusOr<std::vector<std::vector<promql::Matcher>>> ParseSelectors(
    const std::vector<std::string>& texts) {
  std::vector<std::vector<promql::Matcher>> result;
  for (const std::string& text : texts) {
    ASSIGN_OR_RETURN(auto matchers, promql::ParseMetricSelector(text));
    result.push_back(std::move(matchers));
  }
  for (const auto& matchers : result) {
    const bool matches_everything =
        std::all_of(matchers.begin(), matchers.end(),
                    [](const promql::Matcher& m) { return m.MatchesEmpty(); });
    if (matches_everything) {
      return InvalidArgument("match[] must contain at least one non-empty matcher");
    }
  }
  return result;
}

}  // namespace synoptic::aggregator
