// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/model/regexp_template.h"

namespace synoptic::promql {
namespace {

bool IsWordByte(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

// Removes `name` or `{name}` from the front; empty, and nothing removed, when there is none.
std::string_view TakeName(std::string_view& text) {
  const bool braces = text.starts_with('{');
  const std::string_view rest = text.substr(braces ? 1 : 0);
  size_t size = 0;
  while (size < rest.size() && IsWordByte(rest[size])) ++size;
  if (size == 0 || (braces && (size >= rest.size() || rest[size] != '}'))) return {};
  text.remove_prefix(size + (braces ? 2 : 0));
  return rest.substr(0, size);
}

int GroupOf(std::string_view name, const re2::RE2* regex) {
  int number = 0;
  for (const char c : name) {
    if (c < '0' || c > '9' || number >= 100'000'000) {
      if (regex == nullptr) return -1;
      const auto it = regex->NamedCapturingGroups().find(std::string(name));
      return it == regex->NamedCapturingGroups().end() ? -1 : it->second;
    }
    number = number * 10 + (c - '0');
  }
  if (name[0] == '0' && name.size() > 1) return -1;
  return number;
}

}  // namespace

RegexpTemplate::RegexpTemplate(std::string_view text, const re2::RE2* regex) {
  while (!text.empty()) {
    const size_t dollar = text.find('$');
    AddLiteral(text.substr(0, dollar));
    if (dollar == std::string_view::npos) return;
    text.remove_prefix(dollar + 1);
    if (text.starts_with('$')) {
      AddLiteral("$");
      text.remove_prefix(1);
    } else if (const std::string_view name = TakeName(text); name.empty()) {
      AddLiteral("$");  // malformed: a plain dollar
    } else {
      parts_.push_back({"", GroupOf(name, regex)});
    }
  }
}

std::string RegexpTemplate::Expand(const std::vector<re2::StringPiece>& groups) const {
  std::string out;
  for (const Part& part : parts_) {
    out += part.literal;
    if (part.group >= 0 && static_cast<size_t>(part.group) < groups.size()) {
      const re2::StringPiece& group = groups[static_cast<size_t>(part.group)];
      out.append(group.data() == nullptr ? "" : group.data(), group.size());
    }
  }
  return out;
}

void RegexpTemplate::AddLiteral(std::string_view text) {
  if (!text.empty()) parts_.push_back({std::string(text), -1});
}

}  // namespace synoptic::promql
