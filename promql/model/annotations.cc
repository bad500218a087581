// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/model/annotations.h"

#include <algorithm>
#include <string>

namespace synoptic::promql {

void Annotations::Add(std::vector<std::string>& list, std::string text) {
  if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(std::move(text));
}

void Annotations::Merge(const Annotations& other) {
  for (const std::string& text : other.warnings_) Add(warnings_, text);
  for (const std::string& text : other.infos_) Add(infos_, text);
}

std::string WithPosition(std::string_view text, std::string_view query, PosRange pos) {
  if (query.empty()) return std::string(text);
  if (pos.start < 0 || static_cast<size_t>(pos.start) > query.size()) {
    return std::string(text) + " (invalid position)";
  }
  const std::string_view before = query.substr(0, static_cast<size_t>(pos.start));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  // npos + 1 is 0: without a line break columns count from the start of the query.
  const size_t column = before.size() - (before.rfind('\n') + 1) + 1;
  std::string out;
  out.reserve(text.size() + 24);
  out.append(text).append(" (").append(std::to_string(line)).append(":");
  return out.append(std::to_string(column)).append(")");
}

}  // namespace synoptic::promql
