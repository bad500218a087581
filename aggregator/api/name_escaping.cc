// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/api/name_escaping.h"

#include <utility>

#include "base/status.h"
#include "base/utf8.h"

namespace synoptic::aggregator {
namespace {

constexpr std::pair<std::string_view, NameEscaping> kNames[] = {
    {"allow-utf-8", NameEscaping::kAllowUtf8},
    {"underscores", NameEscaping::kUnderscores},
    {"dots", NameEscaping::kDots},
    {"values", NameEscaping::kValues}};

bool IsLegacyRune(char32_t rune, bool first) {
  return (rune >= 'a' && rune <= 'z') || (rune >= 'A' && rune <= 'Z') || rune == '_' ||
         rune == ':' || (!first && rune >= '0' && rune <= '9');
}

void AppendEscaped(char32_t rune, bool first, NameEscaping escaping, std::string& out) {
  const bool legacy = IsLegacyRune(rune, first);
  switch (escaping) {
    case NameEscaping::kAllowUtf8:
      return AppendRune(rune, out);
    case NameEscaping::kUnderscores:
      return legacy ? AppendRune(rune, out) : out.push_back('_');
    case NameEscaping::kDots:
      if (rune == '.') {
        out += "_dot_";
      } else if (rune == '_' || !legacy) {
        out += "__";
      } else {
        AppendRune(rune, out);
      }
      return;
    case NameEscaping::kValues:
      if (rune == '_') {
        out += "__";
      } else if (legacy) {
        AppendRune(rune, out);
      } else {
        out += fmt::format("_{:x}_", static_cast<uint32_t>(rune));
      }
      return;
  }
}

}  // namespace

std::optional<NameEscaping> NameEscapingOf(std::string_view text) {
  for (const auto& [name, escaping] : kNames) {
    if (name == text) return escaping;
  }
  return std::nullopt;
}

std::string_view NameOf(NameEscaping escaping) {
  for (const auto& [name, value] : kNames) {
    if (value == escaping) return name;
  }
  return kNames[1].first;
}

bool IsLegacyMetricName(std::string_view name) {
  for (size_t i = 0; i < name.size(); ++i) {
    if (!IsLegacyRune(static_cast<unsigned char>(name[i]), i == 0)) return false;
  }
  return !name.empty();
}

std::string EscapeName(std::string_view name, NameEscaping escaping) {
  // Dots are the exception: there even a plain name's underscores change.
  if (name.empty() || (escaping != NameEscaping::kDots && IsLegacyMetricName(name))) {
    return std::string(name);
  }
  std::string out = escaping == NameEscaping::kValues ? "U__" : "";
  for (size_t i = 0; i < name.size();) {
    char32_t rune = 0xFFFD;  // what stands for a broken byte
    const size_t size = std::max<size_t>(DecodeRune(name.substr(i), rune), 1);
    AppendEscaped(rune, i == 0, escaping, out);
    i += size;
  }
  return out;
}

}  // namespace synoptic::aggregator
