// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/audit.h"

#include <algorithm>
#include <bit>
#include <map>

#include "base/status.h"

namespace synoptic::aggregator {
namespace {

// Few points: the question stays about as cheap as it was.
constexpr int64_t kPoints = 8;
// Of stored samples, of which every millisecond is a point.
constexpr int64_t kSampleMs = 120'000;

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

}  // namespace

std::optional<Span> AuditOf(const BlockLayout& layout, const std::vector<FragmentPtr>& known,
                            int64_t first, const Span& gap) {
  const int64_t last = gap.first - layout.step;
  const auto before = std::find_if(known.begin(), known.end(), [&](const FragmentPtr& part) {
    return part->first() <= last && part->last() >= last;
  });
  if (before == known.end()) return std::nullopt;
  const int64_t length =
      layout.step == 1 && layout.block_points > kSampleMs ? kSampleMs : kPoints * layout.step;
  const Span span{std::max({first, (*before)->first(), gap.first - length}), last};
  if (span.first > span.last) return std::nullopt;
  return span;
}

absl::StatusOr<bool> SameWithin(const Span& span, const std::vector<FragmentPtr>& known,
                                const FragmentPtr& fresh) {
  std::map<promql::Labels, Bits> before;
  std::map<promql::Labels, Bits> now;
  for (const FragmentPtr& part : known) {
    if (part->last() < span.first || part->first() > span.last) continue;
    // Replicas scrape at times of their own: only one's own word is held against it.
    if (part->origin().replica != fresh->origin().replica) return true;
    RETURN_IF_ERROR(AddTo(before, span, *part));
  }
  RETURN_IF_ERROR(AddTo(now, span, *fresh));
  return before == now;
}

}  // namespace synoptic::aggregator
