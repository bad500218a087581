// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/audit.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <utility>

#include "base/status.h"

namespace synoptic::aggregator {
namespace {

// Few points: the question stays about as cheap as it was.
constexpr int64_t kPoints = 8;
// Of stored samples, of which every millisecond is a point.
constexpr int64_t kSampleMs = 120'000;

// Of computed values, as a part of the larger.
constexpr double kTolerance = 1e-9;

using Bits = std::vector<std::pair<int64_t, uint64_t>>;

absl::Status AddTo(std::map<promql::Labels, Bits>& out, const Span& span,
                   const Fragment& fragment) {
  promql::SampleColumns floats;
  promql::HistogramColumns histograms;
  for (size_t i = 0; i < fragment.size(); ++i) {
    floats.clear();
    histograms.clear();
    for (const promql::Chunk& chunk : fragment.Chunks(i)) {
      RETURN_IF_ERROR(promql::DecodeChunk(chunk, span.first, span.last, floats, &histograms));
    }
    if (floats.empty() && histograms.empty()) continue;
    Bits& bits = out[fragment.labels(i)];
    for (size_t k = 0; k < floats.size(); ++k) {
      bits.emplace_back(floats.t[k], std::bit_cast<uint64_t>(floats.v[k]));
    }
    for (size_t k = 0; k < histograms.size(); ++k) {
      bits.emplace_back(histograms.t[k], std::bit_cast<uint64_t>(histograms.h[k]->count));
    }
  }
  return absl::OkStatus();
}

int64_t LengthOf(const BlockLayout& layout) {
  return layout.step == 1 && layout.block_points > kSampleMs ? kSampleMs : kPoints * layout.step;
}

bool Alike(uint64_t a, uint64_t b) {
  if (a == b) return true;
  const auto x = std::bit_cast<double>(a);
  const auto y = std::bit_cast<double>(b);
  if (std::isnan(x) || std::isnan(y)) return std::isnan(x) && std::isnan(y);
  return std::abs(x - y) <= kTolerance * std::max(std::abs(x), std::abs(y));
}

bool Alike(const Bits& a, const Bits& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.first == y.first && Alike(x.second, y.second);
  });
}

}  // namespace

std::optional<Span> AuditOf(const BlockLayout& layout, const std::vector<FragmentPtr>& known,
                            int64_t first, const Span& gap) {
  const int64_t last = gap.first - layout.step;
  const auto before = std::find_if(known.begin(), known.end(), [&](const FragmentPtr& part) {
    return part->first() <= last && part->last() >= last;
  });
  if (before == known.end()) return std::nullopt;
  const Span span{std::max({first, (*before)->first(), gap.first - LengthOf(layout)}), last};
  if (span.first > span.last) return std::nullopt;
  return span;
}

std::optional<Span> SampleOf(const BlockLayout& layout, const std::vector<FragmentPtr>& known,
                             const Span& within, uint64_t number) {
  std::vector<Span> spans;
  int64_t total = 0;
  for (const FragmentPtr& part : known) {
    const Span span{std::max(part->first(), within.first), std::min(part->last(), within.last)};
    if (span.first > span.last) continue;
    spans.push_back(span);
    total += span.last - span.first + layout.step;
  }
  if (spans.empty()) return std::nullopt;
  // Multiples of the golden ratio, which lie evenly however many there are.
  const double share = std::fmod(static_cast<double>(number % 1'000'000) * 0.6180339887498949, 1.0);
  auto left = static_cast<int64_t>(share * static_cast<double>(total));
  for (const Span& span : spans) {
    const int64_t length = span.last - span.first + layout.step;
    if (left >= length) {
      left -= length;
      continue;
    }
    const int64_t first = span.first + left / layout.step * layout.step;
    return Span{first, std::min(first + LengthOf(layout) - layout.step, span.last)};
  }
  return spans.back();
}

absl::StatusOr<bool> SameWithin(const Span& span, const std::vector<FragmentPtr>& known,
                                const FragmentPtr& fresh, Compare compare) {
  std::map<promql::Labels, Bits> before;
  std::map<promql::Labels, Bits> now;
  for (const FragmentPtr& part : known) {
    if (part->last() < span.first || part->first() > span.last) continue;
    // Replicas scrape at times of their own: only one's own word is held against it.
    if (part->origin().replica != fresh->origin().replica) return true;
    RETURN_IF_ERROR(AddTo(before, span, *part));
  }
  RETURN_IF_ERROR(AddTo(now, span, *fresh));
  if (compare == Compare::kBits) return before == now;
  return std::equal(
      before.begin(), before.end(), now.begin(), now.end(),
      [](const auto& x, const auto& y) { return x.first == y.first && Alike(x.second, y.second); });
}

}  // namespace synoptic::aggregator
