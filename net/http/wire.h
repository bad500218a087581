// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The characters and lines of HTTP/1.1 (RFC 9110, 9112), read strictly: what two programs could
// read in two ways is refused. Shared by the server's and the client's intake.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace synoptic::net::internal {

bool IsToken(std::string_view text);
// HTAB, SP, visible ASCII and bytes from 0x80; no controls.
bool IsFieldText(std::string_view text);
// Visible ASCII only.
bool IsVisibleAscii(std::string_view text);

struct Line {
  enum Kind { kNeedMore, kLine, kBad } kind = kNeedMore;
  std::string_view text;  // without CRLF
  size_t consumed = 0;    // with CRLF
};
// The first line of `input`. A line ends in CRLF: a bare LF is bad. (A bare CR inside a line is a
// control and refused by the checks above.)
Line TakeLine(std::string_view input);

struct FieldLine {
  std::string_view name;
  std::string_view value;  // without surrounding white space
};
// nullopt, and a reason, for folded lines, white space before the colon, controls, empty names.
std::optional<FieldLine> ParseFieldLine(std::string_view line, std::string_view* reason);

// Decimal digits only, no sign, below 2^63.
std::optional<int64_t> ParseContentLength(std::string_view text);

// True when a comma-separated field value holds `token` (case does not matter).
bool ListContains(std::string_view value, std::string_view token);

// Fields a trailer must not carry: framing, routing, credentials, anything that steers the request.
bool IsForbiddenTrailer(std::string_view name);

}  // namespace synoptic::net::internal
