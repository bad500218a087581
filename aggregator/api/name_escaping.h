// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Names as exposition formats write them for readers that do not take every UTF-8 name: the four
// schemes of Prometheus' `escaping` parameter.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace synoptic::aggregator {

enum class NameEscaping { kAllowUtf8, kUnderscores, kDots, kValues };

// By the parameter's values: allow-utf-8, underscores, dots, values.
std::optional<NameEscaping> NameEscapingOf(std::string_view text);
std::string_view NameOf(NameEscaping escaping);

// [a-zA-Z_:][a-zA-Z0-9_:]*
bool IsLegacyMetricName(std::string_view name);

std::string EscapeName(std::string_view name, NameEscaping escaping);

}  // namespace synoptic::aggregator
