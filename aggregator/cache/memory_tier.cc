// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/memory_tier.h"

#include <utility>

#include "absl/hash/hash.h"

namespace synoptic::aggregator {
namespace {

uint64_t HashOf(std::string_view stream) { return absl::Hash<std::string_view>()(stream); }

// A node of a list and one of a tree, with what the allocator adds.
constexpr int64_t kEntryBytes = 160;
constexpr int64_t kStreamBytes = 192;

}  // namespace

int64_t MemoryTier::CostOf(const Fragment& fragment) { return fragment.bytes() + kEntryBytes; }
int64_t MemoryTier::CostOf(const Stream& stream) {
  return static_cast<int64_t>(stream.key.size()) + kStreamBytes;
}

FragmentPtr MemoryTier::Get(std::string_view stream, int64_t block) {
  const absl::MutexLock lock(&mutex_);
  asked_.Add(HashOf(stream));
  const auto found = streams_.find(stream);
  if (found != streams_.end()) {
    if (const auto entry = found->second->blocks.find(block);
        entry != found->second->blocks.end()) {
      order_.splice(order_.begin(), order_, entry->second);
      ++stats_.hits;
      return entry->second->fragment;
    }
  }
  ++stats_.misses;
  return nullptr;
}

MemoryTier::Stream& MemoryTier::StreamOf(std::string_view key) {
  if (const auto found = streams_.find(key); found != streams_.end()) return *found->second;
  auto stream = std::make_unique<Stream>();
  stream->key = key;
  stream->hash = HashOf(key);
  stats_.bytes += CostOf(*stream);
  ++stats_.streams;
  Stream& out = *stream;
  streams_.emplace(out.key, std::move(stream));
  return out;
}

void MemoryTier::Erase(Order::iterator entry) {
  Stream& stream = *entry->stream;
  stats_.bytes -= CostOf(*entry->fragment);
  stats_.samples -= entry->fragment->samples();
  --stats_.fragments;
  stream.blocks.erase(entry->block);
  order_.erase(entry);
  if (!stream.blocks.empty()) return;
  stats_.bytes -= CostOf(stream);
  --stats_.streams;
  // The key is the entry's own text: the map must not compare it while it goes.
  streams_.erase(streams_.find(stream.key));
}

bool MemoryTier::MakeRoom(uint64_t newcomer, int64_t bytes) {
  if (bytes > max_bytes_) return false;
  while (stats_.bytes + bytes > max_bytes_ && !order_.empty()) {
    const auto victim = std::prev(order_.end());
    const uint64_t hash = victim->stream->hash;
    // Blocks of one stream are equals: the older goes.
    if (hash != newcomer && asked_.Estimate(newcomer) < asked_.Estimate(hash)) {
      // What nobody came back to must not stay for ever on its old fame: the sketch ages.
      ++stats_.refused;
      return false;
    }
    Erase(victim);
    ++stats_.evictions;
  }
  return true;
}

void MemoryTier::Put(std::string_view stream, int64_t block, FragmentPtr fragment) {
  const absl::MutexLock lock(&mutex_);
  if (const auto found = streams_.find(stream); found != streams_.end()) {
    const auto entry = found->second->blocks.find(block);
    if (entry != found->second->blocks.end()) Erase(entry->second);
  }
  if (fragment == nullptr) return;
  const auto key = static_cast<int64_t>(stream.size()) + kStreamBytes;
  if (!MakeRoom(HashOf(stream), CostOf(*fragment) + key)) return;
  Stream& owner = StreamOf(stream);
  stats_.bytes += CostOf(*fragment);
  stats_.samples += fragment->samples();
  ++stats_.fragments;
  order_.push_front({&owner, block, std::move(fragment)});
  owner.blocks[block] = order_.begin();
}

void MemoryTier::Replace(std::string_view stream, int64_t block, const FragmentPtr& was,
                         FragmentPtr now) {
  const absl::MutexLock lock(&mutex_);
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return;
  const auto entry = found->second->blocks.find(block);
  if (entry == found->second->blocks.end()) return;
  FragmentPtr& held = entry->second->fragment;
  if (held != was) return;
  stats_.bytes += CostOf(*now) - CostOf(*held);
  stats_.samples += now->samples() - held->samples();
  held = std::move(now);
}

int64_t MemoryTier::Drop(
    const std::function<bool(std::string_view stream, const Fragment&)>& which) {
  const absl::MutexLock lock(&mutex_);
  int64_t dropped = 0;
  for (auto entry = order_.begin(); entry != order_.end();) {
    const auto next = std::next(entry);
    if (which(entry->stream->key, *entry->fragment)) {
      Erase(entry);
      ++dropped;
    }
    entry = next;
  }
  return dropped;
}

void MemoryTier::Each(
    const std::function<void(std::string_view stream, const Fragment&)>& visit) const {
  const absl::MutexLock lock(&mutex_);
  for (const Entry& entry : order_) visit(entry.stream->key, *entry.fragment);
}

std::vector<std::pair<std::string, FragmentPtr>> MemoryTier::Numbered(int64_t block) const {
  const absl::MutexLock lock(&mutex_);
  std::vector<std::pair<std::string, FragmentPtr>> out;
  for (const Entry& entry : order_) {
    if (entry.block == block) out.emplace_back(entry.stream->key, entry.fragment);
  }
  return out;
}

TierStats MemoryTier::stats() const {
  const absl::MutexLock lock(&mutex_);
  return stats_;
}

Task<std::vector<FoundBlock>> MemoryTier::Fetch(std::string stream, std::vector<int64_t> blocks,
                                                Deadline) {
  std::vector<FoundBlock> out;
  for (const int64_t block : blocks) out.push_back({Get(stream, block), name()});
  co_return out;
}

Task<int64_t> MemoryTier::Purge(BlockTest which, Deadline) {
  co_return Drop([&](std::string_view stream, const Fragment& fragment) {
    return which == nullptr || which(stream, fragment.first(), fragment.last());
  });
}

Task<> MemoryTier::Flush(Deadline) { co_return absl::OkStatus(); }

}  // namespace synoptic::aggregator
