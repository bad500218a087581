// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/http/wire.h"

#include <algorithm>
#include <array>

#include "base/strings.h"

namespace synoptic::net::internal {

namespace {

constexpr std::array<bool, 256> TokenTable() {
  std::array<bool, 256> table{};
  for (char c = '0'; c <= '9'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c = 'a'; c <= 'z'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr std::array<bool, 256> kToken = TokenTable();

}  // namespace

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return kToken[static_cast<unsigned char>(c)]; });
}

bool IsFieldText(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
  });
}

bool IsVisibleAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

Line TakeLine(std::string_view input) {
  const size_t end = input.find('\n');
  if (end == std::string_view::npos) return {};
  if (end == 0 || input[end - 1] != '\r') return {.kind = Line::kBad, .text = {}, .consumed = 0};
  return {.kind = Line::kLine, .text = input.substr(0, end - 1), .consumed = end + 1};
}

std::optional<FieldLine> ParseFieldLine(std::string_view line, std::string_view* reason) {
  if (line.front() == ' ' || line.front() == '\t') {
    *reason = "folded header line";
    return std::nullopt;
  }
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) {
    *reason = "header line without a colon";
    return std::nullopt;
  }
  const std::string_view name = line.substr(0, colon);
  if (!IsToken(name)) {
    *reason = "invalid header name";
    return std::nullopt;
  }
  std::string_view value = line.substr(colon + 1);
  if (!IsFieldText(value)) {
    *reason = "control character in a header value";
    return std::nullopt;
  }
  return FieldLine{name, Trim(value)};
}

std::optional<int64_t> ParseContentLength(std::string_view text) {
  if (text.empty() || text.size() > 18) return std::nullopt;
  int64_t value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

bool ListContains(std::string_view value, std::string_view token) {
  while (true) {
    const size_t comma = value.find(',');
    if (EqualsIgnoreCaseAscii(Trim(value.substr(0, comma)), token)) return true;
    if (comma == std::string_view::npos) return false;
    value.remove_prefix(comma + 1);
  }
}

bool IsForbiddenTrailer(std::string_view name) {
  static constexpr std::string_view kForbidden[] = {"transfer-encoding",
                                                    "content-length",
                                                    "host",
                                                    "connection",
                                                    "keep-alive",
                                                    "te",
                                                    "trailer",
                                                    "upgrade",
                                                    "authorization",
                                                    "cookie",
                                                    "set-cookie",
                                                    "expect",
                                                    "range",
                                                    "cache-control",
                                                    "max-forwards",
                                                    "content-type",
                                                    "forwarded",
                                                    "via",
                                                    "accept",
                                                    "origin",
                                                    "content-encoding",
                                                    "content-range",
                                                    "user-agent",
                                                    "accept-encoding"};
  const std::string lower = ToLowerAscii(name);
  return lower.starts_with("x-") || lower.starts_with("proxy-") || lower.starts_with("if-") ||
         lower.starts_with("sec-") ||
         std::find(std::begin(kForbidden), std::end(kForbidden), lower) != std::end(kForbidden);
}

}  // namespace synoptic::net::internal
