// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/pending_writes.h"

#include <algorithm>

namespace synoptic::aggregator {
namespace {

constexpr int64_t kEntryBytes = 160;  // a node of a tree, with what the allocator adds

}  // namespace

int64_t PendingWrites::CostOf(const Key& key, const Entry& entry) {
  return kEntryBytes + static_cast<int64_t>(key.first.size()) +
         (entry.fragment == nullptr ? 0 : entry.fragment->bytes());
}

PendingWrites::Entries::iterator PendingWrites::Erase(Entries::iterator entry) {
  bytes_ -= CostOf(entry->first, entry->second);
  return entries_.erase(entry);
}

void PendingWrites::Put(std::string_view stream, int64_t block, FragmentPtr fragment,
                        MonoTime now) {
  const absl::MutexLock lock(&mutex_);
  Key key(stream, block);
  Entry entry{std::move(fragment), now, ++newest_};
  if (const auto old = entries_.find(key); old != entries_.end()) {
    if (old->second.fragment != nullptr) entry.since = std::min(now, old->second.since);
    Erase(old);
  }
  const int64_t cost = CostOf(key, entry);
  if (bytes_ + cost > max_bytes_ && entry.fragment != nullptr) {
    ++refused_;
    return;
  }
  bytes_ += cost;
  entries_.emplace(std::move(key), std::move(entry));
}

std::optional<FragmentPtr> PendingWrites::Find(std::string_view stream, int64_t block) const {
  const absl::MutexLock lock(&mutex_);
  const auto found = entries_.find(std::pair(stream, block));
  if (found == entries_.end()) return std::nullopt;
  return found->second.fragment;
}

std::vector<PendingWrites::Write> PendingWrites::Due(MonoTime before, int64_t bytes,
                                                     uint64_t newest) const {
  const absl::MutexLock lock(&mutex_);
  std::vector<Write> out;
  for (const auto& [key, entry] : entries_) {
    if (entry.since > before || entry.number > newest) continue;
    out.push_back({key.first, key.second, entry.fragment, entry.since});
    bytes -= CostOf(key, entry);
    if (bytes <= 0) break;
  }
  return out;
}

void PendingWrites::Done(const std::vector<Write>& writes, MonoTime now) {
  const absl::MutexLock lock(&mutex_);
  for (const Write& write : writes) {
    const auto found = entries_.find(std::pair(std::string_view(write.stream), write.block));
    if (found == entries_.end()) continue;
    if (found->second.fragment == write.fragment) {
      Erase(found);
    } else {
      found->second.since = now;
    }
  }
}

int64_t PendingWrites::Purge(const BlockTest& which) {
  const absl::MutexLock lock(&mutex_);
  int64_t dropped = 0;
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const FragmentPtr& fragment = entry->second.fragment;
    const bool fits =
        fragment != nullptr &&
        (which == nullptr || which(entry->first.first, fragment->first(), fragment->last()));
    dropped += fits ? 1 : 0;
    entry = fits ? Erase(entry) : std::next(entry);
  }
  return dropped;
}

bool PendingWrites::empty() const {
  const absl::MutexLock lock(&mutex_);
  return entries_.empty();
}
uint64_t PendingWrites::newest() const {
  const absl::MutexLock lock(&mutex_);
  return newest_;
}
int64_t PendingWrites::bytes() const {
  const absl::MutexLock lock(&mutex_);
  return bytes_;
}
int64_t PendingWrites::refused() const {
  const absl::MutexLock lock(&mutex_);
  return refused_;
}

}  // namespace synoptic::aggregator
