// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/duration.h"

#include <limits>

#include "base/go_format.h"
#include "base/status.h"

namespace synoptic {
namespace {

struct Unit {
  std::string_view name;
  int64_t ms;
};

// Largest first; `ms` is looked for before `m`.
constexpr Unit kUnits[] = {{"y", 365LL * 86'400'000},
                           {"w", 7LL * 86'400'000},
                           {"d", 86'400'000},
                           {"h", 3'600'000},
                           {"m", 60'000},
                           {"s", 1'000},
                           {"ms", 1}};

int UnitRank(std::string_view name) {
  for (int i = 0; i < static_cast<int>(std::size(kUnits)); ++i) {
    if (kUnits[i].name == name) return i;
  }
  return -1;
}

}  // namespace

absl::StatusOr<int64_t> ParseDurationMillis(std::string_view text) {
  if (text == "0") return 0;
  if (text.empty()) return InvalidArgument("empty duration string");
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max() / 1'000'000;  // Go's limit is in ns.
  int64_t total = 0;
  int last_rank = -1;
  size_t i = 0;
  while (i < text.size()) {
    const size_t digits = i;
    int64_t number = 0;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') {
      number = number * 10 + (text[i] - '0');
      if (number > kMax) return InvalidArgument("duration out of range");
      ++i;
    }
    const size_t unit = i;
    while (i < text.size() && (text[i] < '0' || text[i] > '9')) ++i;
    const int rank = UnitRank(text.substr(unit, i - unit));
    if (unit == digits || rank < 0 || rank <= last_rank) {
      return InvalidArgument("not a valid duration string: {}", GoQuote(text));
    }
    last_rank = rank;
    if (number > (kMax - total) / kUnits[rank].ms) return InvalidArgument("duration out of range");
    total += number * kUnits[rank].ms;
  }
  return total;
}

std::string FormatDurationMillis(int64_t ms) {
  if (ms == 0) return "0s";
  std::string out;
  if (ms < 0) {
    out = "-";
    ms = -ms;
  }
  for (const Unit& unit : kUnits) {
    const bool only_exact = unit.name == "y" || unit.name == "w";
    if (only_exact && ms % unit.ms != 0) continue;
    if (const int64_t count = ms / unit.ms; count > 0) {
      out += fmt::format("{}{}", count, unit.name);
      ms -= count * unit.ms;
    }
  }
  return out;
}

}  // namespace synoptic
