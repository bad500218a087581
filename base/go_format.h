// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Numbers and strings spelled as Go spells them: Prometheus' error texts, query printer and JSON
// are compared byte for byte.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace synoptic {

// strconv.FormatFloat(v, 'f', -1, 64): shortest digits, never an exponent; NaN, +Inf, -Inf.
std::string GoFloatF(double v);
// %g and %v of a float64: shortest digits, two-digit exponent below 1e-4 and from 1e+06.
std::string GoFloatG(double v);
// A sample value as Prometheus' API spells it inside quotes: 'f', but 'e' below 1e-6 and from 1e21.
std::string GoJsonFloat(double v);
// Appends GoJsonFloat(v) to `out` without an allocation of its own.
void AppendGoJsonFloat(double v, std::string& out);
// Writes GoJsonFloat(v) and returns the end. There must be room for kGoJsonFloatBytes, which are
// more than the longest takes: what lies behind the end may be overwritten.
inline constexpr size_t kGoJsonFloatBytes = 40;
char* WriteGoJsonFloat(double v, char* out);
// %.<precision>f
std::string GoFixed(double v, int precision);
// strconv.Quote: double quotes, Go escapes, printable Unicode kept.
std::string GoQuote(std::string_view s);
// %q of a rune: single quotes.
std::string GoQuoteRune(char32_t rune);

}  // namespace synoptic
