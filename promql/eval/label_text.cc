// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/label_text.h"

#include <algorithm>

#include "base/go_format.h"

namespace synoptic::promql::internal {
namespace {

bool IsPlainName(std::string_view name) {
  const auto plain = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
         std::all_of(name.begin(), name.end(), plain);
}

}  // namespace

std::string InBraces(const Labels& labels) {
  std::string out = "{";
  for (const Label& label : labels) {
    if (out.size() > 1) out += ", ";
    out += IsPlainName(label.name) ? std::string(label.name) : GoQuote(label.name);
    out += "=" + GoQuote(label.value);
  }
  return out + "}";
}

}  // namespace synoptic::promql::internal
