// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Timestamps and sample values as the query API spells them, read and (timestamps) written.
// Pure functions; reading is exact and refuses what Prometheus never writes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace synoptic::aggregator {

// Seconds as a JSON number, at most three decimals that are not zero: 1435781451.781. False for
// finer fractions and for what does not fit.
bool ParseTimestamp(std::string_view text, int64_t* ms);

// NaN, +Inf, -Inf or a decimal number. False for anything else and for numbers out of range.
bool ParseSampleValue(std::string_view text, double* value);

// Milliseconds as seconds: 1435781451.781, 1435781451.
std::string FormatSeconds(int64_t ms);

// Reads `[<time>,"<value>"]` as Prometheus writes it, without white space, at the start of
// [p, end). Returns the first byte after it; nullptr when the bytes are not of that form or end
// too early: then the general way decides what they are.
const char* ParsePoint(const char* p, const char* end, int64_t* ms, double* value);

}  // namespace synoptic::aggregator
