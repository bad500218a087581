// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What the lexer needs to know of Unicode.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace synoptic::promql::internal {

// Reads the first character of a non-empty text; returns its length in bytes. Malformed UTF-8 is
// U+FFFD of one byte, as Go decodes it.
size_t DecodeRune(std::string_view text, char32_t& rune);
void AppendRune(char32_t rune, std::string& out);
// Unicode category L.
bool IsLetter(char32_t rune);

}  // namespace synoptic::promql::internal
