// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The one place where std::string_view and absl::string_view meet: Debian 12's Abseil keeps them
// distinct types.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/string_view.h"

namespace synoptic {

inline absl::string_view ToAbsl(std::string_view s) { return {s.data(), s.size()}; }
inline std::string_view ToStd(absl::string_view s) { return {s.data(), s.size()}; }

// Parts of `s` between `separator`s; an empty `s` has one empty part.
std::vector<std::string_view> Split(std::string_view s, char separator);
// `s` without leading and trailing ASCII white space.
std::string_view Trim(std::string_view s);
std::string ToLowerAscii(std::string_view s);
bool EqualsIgnoreCaseAscii(std::string_view a, std::string_view b);
std::string Join(const std::vector<std::string>& parts, std::string_view separator);

// Well-formed UTF-8 (no surrogates, no overlong forms, at most U+10FFFF).
bool IsValidUtf8(std::string_view s);

}  // namespace synoptic
