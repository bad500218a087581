// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/merge/coverage.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace synoptic::aggregator {
namespace {

// The worse one stays when two fetches asked the same shard.
int Severity(PartState state) {
  switch (state) {
    case PartState::kSkipped:
      return 0;
    case PartState::kAnswered:
      return 1;
    case PartState::kStale:
      return 2;
    case PartState::kFailed:
      return 3;
  }
  return 3;
}

}  // namespace

void Coverage::Add(PartCoverage part) {
  const auto same = std::find_if(parts_.begin(), parts_.end(), [&](const PartCoverage& known) {
    return known.region == part.region && known.shard == part.shard;
  });
  if (same == parts_.end()) {
    parts_.push_back(std::move(part));
    return;
  }
  // A part that was not asked has no time range to add.
  if (part.state != PartState::kSkipped && same->state != PartState::kSkipped) {
    part.min_t = same->min_t = std::min(same->min_t, part.min_t);
    part.max_t = same->max_t = std::max(same->max_t, part.max_t);
  }
  const int worse = Severity(part.state) - Severity(same->state);
  const bool explains = worse == 0 && same->reason.empty() && !part.reason.empty();
  if (worse > 0 || explains) *same = std::move(part);
}

void Coverage::Merge(const Coverage& other) {
  for (const PartCoverage& part : other.parts_) Add(part);
}

bool Coverage::complete() const {
  return std::none_of(parts_.begin(), parts_.end(),
                      [](const PartCoverage& part) { return part.missing(); });
}

std::vector<std::pair<std::string, std::string>> Coverage::MissingRegions() const {
  std::vector<std::pair<std::string, std::string>> missing;
  for (const PartCoverage& part : parts_) {
    if (!part.missing()) continue;
    const bool known = std::any_of(missing.begin(), missing.end(),
                                   [&](const auto& region) { return region.first == part.region; });
    if (!known) missing.emplace_back(part.region, part.reason);
  }
  return missing;
}

std::string Coverage::HeaderValue() const {
  if (complete()) return "complete";
  std::string out = "partial; missing=";
  bool first = true;
  for (const auto& [region, reason] : MissingRegions()) {
    absl::StrAppend(&out, first ? "" : ",", region, "(", reason, ")");
    first = false;
  }
  return out;
}

std::optional<std::string> Coverage::WarningLine(size_t regions) const {
  const auto missing = MissingRegions();
  if (missing.empty()) return std::nullopt;
  std::string out =
      absl::StrCat("partial: ", missing.size(), " of ", regions, " regions missing: ");
  bool first = true;
  for (const auto& [region, reason] : missing) {
    absl::StrAppend(&out, first ? "" : ", ", region, " (", reason, ")");
    first = false;
  }
  return out;
}

}  // namespace synoptic::aggregator
