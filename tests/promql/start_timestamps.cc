// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/promql/start_timestamps.h"

#include <string>

#include "base/duration.h"
#include "base/status.h"
#include "base/strings.h"
#include "promql/parse/parser.h"
#include "re2/re2.h"

namespace synoptic::promqltest {
namespace {

constexpr std::string_view kMark = "@st";

std::string_view FirstWord(std::string_view line) {
  return line.substr(0, line.find_first_of(" \t"));
}

absl::StatusOr<int64_t> SignedDuration(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  ASSIGN_OR_RETURN(const int64_t ms, ParseDurationMillis(std::string(text)));
  return negative ? -ms : ms;
}

// _  _x3  -1m  -1mx3  -1m+10sx3
absl::Status ParseItem(const std::string& item, std::vector<std::optional<int64_t>>& offsets) {
  static const re2::RE2 kOmitted(R"(_(?:x(\d+))?)");
  static const re2::RE2 kOffset(R"(([-+]?\d+[a-wyz]*)(?:([-+]\d+[a-wyz]*))?(?:x(\d+))?)");
  std::string times, base, step;
  if (re2::RE2::FullMatch(item, kOmitted, &times)) {
    offsets.resize(offsets.size() + (times.empty() ? 1 : std::stoul(times)));
    return absl::OkStatus();
  }
  if (!re2::RE2::FullMatch(item, kOffset, &base, &step, &times)) {
    return InvalidArgument("invalid start timestamp \"{}\"", item);
  }
  ASSIGN_OR_RETURN(int64_t offset, SignedDuration(base));
  int64_t delta = 0;
  if (!step.empty()) {
    ASSIGN_OR_RETURN(delta, SignedDuration(step));
  }
  const size_t count = times.empty() ? 1 : std::stoul(times) + 1;
  for (size_t i = 0; i < count; ++i, offset += delta) offsets.emplace_back(offset);
  return absl::OkStatus();
}

}  // namespace

bool IsStartTimestampLine(std::string_view line) { return FirstWord(line).ends_with(kMark); }

absl::StatusOr<promql::Labels> ParseStartTimestampLine(
    std::string_view line, std::vector<std::optional<int64_t>>& offsets) {
  const std::string_view word = FirstWord(line);
  for (const std::string_view item : Split(line.substr(word.size()), ' ')) {
    if (!item.empty()) RETURN_IF_ERROR(ParseItem(std::string(item), offsets));
  }
  return promql::ParseMetric(word.substr(0, word.size() - kMark.size()));
}

}  // namespace synoptic::promqltest
