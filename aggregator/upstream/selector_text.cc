// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/selector_text.h"

#include <algorithm>

#include "base/go_format.h"

namespace synoptic::aggregator {

bool IsLegacyLabelName(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !name.empty() && letter(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

bool Selects(const std::vector<promql::Matcher>& matchers) {
  return std::any_of(matchers.begin(), matchers.end(),
                     [](const promql::Matcher& matcher) { return !matcher.MatchesEmpty(); });
}

std::string SelectorText(const std::vector<promql::Matcher>& matchers) {
  std::string out = "{";
  for (const promql::Matcher& matcher : matchers) {
    if (out.size() > 1) out += ',';
    out += IsLegacyLabelName(matcher.name()) ? matcher.name() : GoQuote(matcher.name());
    out += promql::MatchOpText(matcher.op());
    out += GoQuote(matcher.value());
  }
  if (!Selects(matchers)) out += out.size() > 1 ? ",__name__!=\"\"" : "__name__!=\"\"";
  return out + "}";
}

}  // namespace synoptic::aggregator
