// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/merge/coverage.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/civil.h"

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
    case PartState::kPartial:
      return 3;
    case PartState::kFailed:
      return 4;
  }
  return 4;
}

// Header values end well below what clients take for one header.
constexpr size_t kMaxHeaderBytes = 6 << 10;

std::string HeaderName(std::string_view name) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > ' ' && byte < 0x7F && std::string_view(",()%").find(c) == std::string_view::npos) {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

std::string AgeText(int64_t age_ms) { return absl::StrCat(age_ms / 1000, "s"); }

std::string FromHeaderName(std::string_view text) {
  const auto digit = [](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escape =
        text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0;
    if (!escape) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
    i += 2;
  }
  return out;
}

}  // namespace

void Coverage::Add(PartCoverage part) {
  const auto [at, is_new] = index_.try_emplace({part.region, part.shard}, parts_.size());
  if (is_new) {
    parts_.push_back(std::move(part));
    return;
  }
  PartCoverage* const same = &parts_[at->second];
  // A part that was not asked has no time range to add.
  if (part.state != PartState::kSkipped && same->state != PartState::kSkipped) {
    part.min_t = same->min_t = std::min(same->min_t, part.min_t);
    part.max_t = same->max_t = std::max(same->max_t, part.max_t);
  }
  if (part.state == PartState::kStale && same->state == PartState::kStale) {
    // What is shown is what is known of all.
    same->age_ms = std::max(same->age_ms, part.age_ms);
    same->known_min_t = std::max(same->known_min_t, part.known_min_t);
    same->known_max_t = std::min(same->known_max_t, part.known_max_t);
    same->has_holes = same->has_holes || part.has_holes;
  }
  const int worse = Severity(part.state) - Severity(same->state);
  const bool explains = worse == 0 && same->reason.empty() && !part.reason.empty();
  if (worse > 0 || explains) *same = std::move(part);
}

void Coverage::Merge(const Coverage& other) {
  for (const PartCoverage& part : other.parts_) Add(part);
}

bool Coverage::complete() const {
  return std::none_of(parts_.begin(), parts_.end(), [](const PartCoverage& part) {
    return part.missing() || part.state == PartState::kPartial;
  });
}

std::vector<std::pair<std::string, std::string>> Coverage::Missing(bool with_optional) const {
  std::vector<std::pair<std::string, std::string>> missing;
  const auto add = [&missing](std::string name, const std::string& reason) {
    const bool known = std::any_of(missing.begin(), missing.end(),
                                   [&](const auto& region) { return region.first == name; });
    if (!known) missing.emplace_back(std::move(name), reason);
  };
  for (const PartCoverage& part : parts_) {
    if (part.optional && !with_optional) continue;
    if (part.missing()) add(part.region, part.reason);
    if (part.state != PartState::kPartial) continue;
    for (const InnerMissing& inner : part.inner) {
      add(absl::StrCat(part.region, "/", inner.region), inner.reason);
    }
  }
  return missing;
}

std::vector<std::pair<std::string, std::string>> Coverage::MissingRegions() const {
  return Missing(/*with_optional=*/false);
}

std::vector<std::pair<std::string, int64_t>> Coverage::Stale(bool with_optional) const {
  std::vector<std::pair<std::string, int64_t>> stale;
  for (const PartCoverage& part : parts_) {
    if (part.state != PartState::kStale || (part.optional && !with_optional)) continue;
    const auto same = std::find_if(stale.begin(), stale.end(),
                                   [&](const auto& known) { return known.first == part.region; });
    if (same == stale.end()) {
      stale.emplace_back(part.region, part.age_ms);
    } else {
      same->second = std::max(same->second, part.age_ms);
    }
  }
  return stale;
}

std::string Coverage::HeaderValue() const {
  std::string out = complete() ? "complete" : MissingText();
  bool first = true;
  for (const auto& [region, age_ms] : Stale(/*with_optional=*/true)) {
    if (out.size() > kMaxHeaderBytes) break;
    absl::StrAppend(&out, first ? "; stale=" : ",", HeaderName(region), "(", AgeText(age_ms), ")");
    first = false;
  }
  return out;
}

std::string Coverage::MissingText() const {
  std::string out = "partial; missing=";
  bool first = true;
  const auto missing = Missing(/*with_optional=*/true);
  for (size_t i = 0; i < missing.size(); ++i) {
    if (out.size() > kMaxHeaderBytes) {
      absl::StrAppend(&out, ",...(", missing.size() - i, " more)");
      break;
    }
    absl::StrAppend(&out, first ? "" : ",", HeaderName(missing[i].first), "(",
                    HeaderName(missing[i].second), ")");
    first = false;
  }
  return out;
}

std::vector<InnerMissing> ParseCoverageHeader(std::string_view value) {
  constexpr std::string_view kPartial = "partial; missing=";
  constexpr size_t kMostRegions = 1000;
  std::vector<InnerMissing> missing;
  if (!value.starts_with(kPartial)) return missing;
  value.remove_prefix(kPartial.size());
  while (!value.empty() && missing.size() < kMostRegions) {
    const size_t open = value.find('(');
    const size_t close = value.find(')');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) break;
    missing.push_back({FromHeaderName(value.substr(0, open)),
                       FromHeaderName(value.substr(open + 1, close - open - 1))});
    value.remove_prefix(close + 1);
    if (!value.starts_with(',')) break;
    value.remove_prefix(1);
  }
  return missing;
}

void SetInner(std::vector<InnerMissing> inner, PartCoverage& part) {
  if (inner.empty()) return;
  part.state = PartState::kPartial;
  part.reason = "partial";
  part.detail = "regions are missing behind it:";
  for (const InnerMissing& one : inner) {
    absl::StrAppend(&part.detail, " ", one.region, " (", one.reason, ")");
  }
  part.inner = std::move(inner);
}

std::optional<std::string> Coverage::WarningLine(size_t regions) const {
  const auto missing = MissingRegions();
  if (missing.empty()) return StaleLine(regions);
  std::string out =
      absl::StrCat("partial: ", missing.size(), " of ", regions, " regions missing: ");
  bool first = true;
  for (const auto& [region, reason] : missing) {
    absl::StrAppend(&out, first ? "" : ", ", region, " (", reason);
    first = false;
    const auto stale = std::find_if(parts_.begin(), parts_.end(), [&](const PartCoverage& part) {
      return part.region == region && part.state == PartState::kStale;
    });
    if (stale != parts_.end()) {
      absl::StrAppend(&out, ", shown until ", IsoText(CivilOf(stale->known_max_t / 1000)), "Z");
    }
    out += ')';
  }
  return out;
}

std::optional<std::string> Coverage::StaleLine(size_t regions) const {
  const auto stale = Stale(/*with_optional=*/false);
  if (stale.empty()) return std::nullopt;
  int64_t oldest = 0;
  std::string who;
  for (const auto& [region, age_ms] : stale) {
    oldest = std::max(oldest, age_ms);
    const auto part = std::find_if(parts_.begin(), parts_.end(), [&](const PartCoverage& one) {
      return one.region == region && one.state == PartState::kStale;
    });
    absl::StrAppend(&who, who.empty() ? "" : ", ", region, " (", part->reason, ")");
  }
  return absl::StrCat("stale: ", stale.size(), " of ", regions, " regions shown as known ",
                      AgeText(oldest), " ago: ", who);
}

}  // namespace synoptic::aggregator
