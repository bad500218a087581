// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// JSON strings as Go writes them, appended straight to a buffer.
#pragma once

#include <string>
#include <string_view>

namespace synoptic {

// Quoted and escaped: control characters, quotes and backslashes. Bytes that are not UTF-8 become
// U+FFFD. This is how Prometheus writes labels inside results.
void AppendJsonString(std::string_view text, std::string& out);

// The same with <, >, &, U+2028 and U+2029 escaped too: encoding/json's default, which Prometheus
// uses for every other string.
void AppendJsonHtmlString(std::string_view text, std::string& out);

}  // namespace synoptic
