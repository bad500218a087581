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

std::string Coverage::HeaderValue() const {
  if (complete()) return "complete";
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
