// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Memory, and below it the tiers that remember longer: what memory lacks is looked for further
// down, and what is found there rises; what is put goes to all.
//
// A hit in memory touches nothing else: askers look there first, without a task.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "aggregator/cache/memory_tier.h"
#include "aggregator/cache/tier.h"

namespace synoptic::aggregator {

class TierStack final : public Tier {
 public:
  // `lower` from fast to slow; may be empty.
  explicit TierStack(std::shared_ptr<MemoryTier> memory,
                     std::vector<std::shared_ptr<Tier>> lower = {})
      : memory_(std::move(memory)), lower_(std::move(lower)) {}

  MemoryTier& memory() { return *memory_; }
  const MemoryTier& memory() const { return *memory_; }
  const std::vector<std::shared_ptr<Tier>>& lower() const { return lower_; }

  std::string_view name() const override { return "stack"; }
  Task<std::vector<FoundBlock>> Fetch(std::string stream, std::vector<int64_t> blocks,
                                      Deadline deadline) override;
  // As Fetch, of blocks that memory was seen to lack.
  Task<std::vector<FoundBlock>> FetchLower(std::string stream, std::vector<int64_t> blocks,
                                           Deadline deadline);
  void Put(std::string_view stream, int64_t block, FragmentPtr fragment) override;
  Task<int64_t> Purge(BlockTest which, Deadline deadline) override;
  Task<> Flush(Deadline deadline) override;
  // Something settled had changed after all (audit.h).
  void CountDivergence() { ++divergences_; }
  int64_t divergences() const { return divergences_; }
  void CountAudit() { ++audits_; }
  int64_t audits() const { return audits_; }
  // Changes before anything is purged, and after: what was found or asked for before it is not to
  // be put any more.
  int64_t purges() const { return purges_; }
  // Of memory: the others' are asked of them.
  TierStats stats() const override { return memory_->stats(); }

 private:
  const std::shared_ptr<MemoryTier> memory_;
  const std::vector<std::shared_ptr<Tier>> lower_;
  // Grows when something is purged: what was being fetched meanwhile is not believed.
  std::atomic<int64_t> purges_{0};
  std::atomic<int64_t> divergences_{0};
  std::atomic<int64_t> audits_{0};
};

}  // namespace synoptic::aggregator
