// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What a shard's cache has of a question: in memory, and in the tiers below.
#include <algorithm>

#include "aggregator/cache/shard_cache.h"
#include "base/status.h"

namespace synoptic::aggregator {
namespace {

// More holes than this, and asking for everything is cheaper.
constexpr size_t kMostGaps = 8;

// What comes from outside of the process is looked at: a block's fragment lies within it, on its
// points.
bool OnPoints(const BlockLayout& layout, const Fragment& fragment) {
  const auto on_point = [&](int64_t t) { return layout.PointAtOrBefore(t) == t; };
  return on_point(fragment.first()) && on_point(fragment.last());
}
bool FitsBlock(const BlockLayout& layout, int64_t block, const Fragment& fragment) {
  return fragment.first() >= layout.FirstOf(block) && fragment.last() <= layout.LastOf(block) &&
         OnPoints(layout, fragment);
}

}  // namespace

void ShardCache::UseTail(const Question& question, int64_t arrived_ms, Found& found) const {
  if (found.gaps.empty()) return;
  const Span gap = found.gaps.back();
  const FragmentPtr tail = memory_->Get(question.stream, kTailBlock);
  if (tail == nullptr || tail->first() > gap.first || tail->last() < gap.last) return;
  const int64_t oldest = std::min(arrived_ms, clock_.WallMillis() - question.shared_ms);
  if (tail->origin().fetched_ms < oldest) return;
  const absl::StatusOr<FragmentPtr> part = CutFragment(tail, gap.first, gap.last);
  if (!part.ok()) return;
  found.gaps.pop_back();
  found.parts.push_back(*part);
}

int64_t ShardCache::SettledUntil(const Question& question, int64_t asked_ms) const {
  int64_t edge_ms = edge_.At(asked_ms);
  if (question.late) edge_ms = std::min(edge_ms, asked_ms - kComesLateMs);
  return question.reach.SettledUntil(edge_ms);
}

FragmentPtr ShardCache::BlockOf(const Question& question, int64_t block,
                                const Restored& restored) const {
  FragmentPtr fragment = memory_->Get(question.stream, block);
  if (fragment != nullptr) return fragment;
  const auto found = restored.find(block);
  return found == restored.end() ? nullptr : found->second.fragment;
}

std::vector<int64_t> ShardCache::WantedBelow(const Question& question,
                                             std::vector<int64_t> missing) const {
  if (tiers_->lower().empty()) return {};
  const bool young = clock_.WallMillis() - began_ms_ < question.shared_ms;
  if (young && memory_->Get(question.stream, kTailBlock) == nullptr) missing.push_back(kTailBlock);
  return missing;
}

Task<ShardCache::Restored> ShardCache::Restore(const Question& question,
                                               std::vector<int64_t> missing,
                                               Deadline deadline) const {
  Restored out;
  const int64_t purges = tiers_->purges();
  CO_ASSIGN_OR_RETURN(std::vector<FoundBlock> found,
                      co_await tiers_->FetchLower(question.stream, missing, deadline));
  if (tiers_->purges() != purges) co_return out;
  for (size_t i = 0; i < missing.size(); ++i) {
    FoundBlock& one = found[i];
    if (one.fragment == nullptr) continue;
    if (missing[i] == kTailBlock) {
      // It has risen into memory. One of a time that is to come would serve until then.
      const bool past = one.fragment->origin().fetched_ms <= clock_.WallMillis();
      if (!past || !OnPoints(question.layout, *one.fragment)) {
        memory_->Put(question.stream, kTailBlock, nullptr);
      }
      continue;
    }
    // It has risen into memory as it is.
    memory_->Put(question.stream, missing[i], nullptr);
    if (!FitsBlock(question.layout, missing[i], *one.fragment)) continue;
    // Who wrote it may have trusted newer data than we do.
    const int64_t settled =
        question.layout.PointAtOrBefore(SettledUntil(question, one.fragment->origin().fetched_ms));
    if (settled < one.fragment->first()) continue;
    auto cut = CutFragment(one.fragment, one.fragment->first(), settled);
    if (!cut.ok()) continue;
    memory_->Put(question.stream, missing[i], *cut);
    out[missing[i]] = {*std::move(cut), one.tier};
  }
  co_return out;
}

std::vector<FragmentPtr> ShardCache::BlocksOf(const Question& question,
                                              const Restored& restored) const {
  std::vector<FragmentPtr> blocks;
  const int64_t last_block = question.layout.BlockOf(question.span.last);
  for (int64_t block = question.layout.BlockOf(question.span.first); block <= last_block; ++block) {
    blocks.push_back(BlockOf(question, block, restored));
  }
  return blocks;
}

std::vector<int64_t> ShardCache::MissingOf(const Question& question,
                                           const std::vector<FragmentPtr>& blocks,
                                           int64_t asked_ms) const {
  std::vector<int64_t> missing;
  const int64_t settled = SettledUntil(question, asked_ms);
  int64_t block = question.layout.BlockOf(question.span.first);
  for (const FragmentPtr& one : blocks) {
    if (one == nullptr && question.layout.FirstOf(block) <= settled) missing.push_back(block);
    ++block;
  }
  return missing;
}

ShardCache::Found ShardCache::LookUp(const Question& question, int64_t arrived_ms,
                                     const Restored& restored) const {
  std::vector<FragmentPtr> have = BlocksOf(question, restored);
  Found found;
  found.missing = MissingOf(question, have, arrived_ms);
  found.gaps = GapsOf(question.layout, question.span.first, question.span.last, have);
  if (found.gaps.size() > kMostGaps) {
    found.gaps = {question.span};
    return found;
  }
  found.parts = Reaching(question.span, std::move(have));
  UseTail(question, arrived_ms, found);
  return found;
}

}  // namespace synoptic::aggregator
