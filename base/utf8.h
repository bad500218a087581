// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// UTF-8, one character at a time. Well-formed means no surrogates, no overlong forms and nothing
// beyond U+10FFFF.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace synoptic {

// Length in bytes of the well-formed character at the start of `s`, 0 when there is none; `rune` is
// set to its code point, and left alone otherwise.
size_t DecodeRune(std::string_view s, char32_t& rune);

// REQUIRES: `rune` is a code point and no surrogate.
void AppendRune(char32_t rune, std::string& out);

}  // namespace synoptic
