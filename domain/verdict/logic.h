// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Three-valued truth. A comparison over data of which a part is unseen may be undecided; AND, OR
// and NOT are Kleene's: the answer is UNKNOWN only when the unseen part could change it.
#pragma once

#include <string_view>

namespace synoptic::domain {

// In the order of truth: AND is the least of two, OR the greatest.
enum class Verdict { kFalse, kUnknown, kTrue };

constexpr Verdict FromBool(bool b) { return b ? Verdict::kTrue : Verdict::kFalse; }
constexpr Verdict And(Verdict a, Verdict b) { return a < b ? a : b; }
constexpr Verdict Or(Verdict a, Verdict b) { return a < b ? b : a; }
constexpr Verdict Not(Verdict a) {
  return a == Verdict::kUnknown ? a : FromBool(a == Verdict::kFalse);
}

// "TRUE", "FALSE", "UNKNOWN".
std::string_view VerdictName(Verdict verdict);

}  // namespace synoptic::domain
