// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/tier_stack.h"

#include <algorithm>

#include "base/status.h"

namespace synoptic::aggregator {

Task<std::vector<FoundBlock>> TierStack::Fetch(std::string stream, std::vector<int64_t> blocks,
                                               Deadline deadline) {
  CO_ASSIGN_OR_RETURN(std::vector<FoundBlock> out,
                      co_await memory_->Fetch(stream, blocks, deadline));
  std::vector<int64_t> missing;
  for (size_t i = 0; i < blocks.size(); ++i) {
    if (out[i].fragment == nullptr) missing.push_back(blocks[i]);
  }
  CO_ASSIGN_OR_RETURN(std::vector<FoundBlock> below,
                      co_await FetchLower(std::move(stream), std::move(missing), deadline));
  auto next = below.begin();
  for (FoundBlock& one : out) {
    if (one.fragment == nullptr) one = std::move(*next++);
  }
  co_return out;
}

Task<std::vector<FoundBlock>> TierStack::FetchLower(std::string stream, std::vector<int64_t> blocks,
                                                    Deadline deadline) {
  std::vector<FoundBlock> out(blocks.size());
  std::vector<size_t> missing(blocks.size());  // positions in `blocks`
  for (size_t i = 0; i < missing.size(); ++i) missing[i] = i;
  const int64_t purges = purges_;
  for (size_t depth = 0; depth < lower_.size() && !missing.empty(); ++depth) {
    std::vector<int64_t> wanted;
    for (const size_t i : missing) wanted.push_back(blocks[i]);
    CO_ASSIGN_OR_RETURN(std::vector<FoundBlock> found,
                        co_await lower_[depth]->Fetch(stream, std::move(wanted), deadline));
    std::vector<size_t> still;
    for (size_t k = 0; k < missing.size(); ++k) {
      if (found[k].fragment == nullptr || purges != purges_) {
        still.push_back(missing[k]);
        continue;
      }
      const size_t i = missing[k];
      memory_->Put(stream, blocks[i], found[k].fragment);
      for (size_t above = 0; above < depth; ++above) {
        lower_[above]->Put(stream, blocks[i], found[k].fragment);
      }
      out[i] = std::move(found[k]);
    }
    missing = std::move(still);
  }
  co_return out;
}

void TierStack::Put(std::string_view stream, int64_t block, FragmentPtr fragment) {
  for (const auto& tier : lower_) tier->Put(stream, block, fragment);
  memory_->Put(stream, block, std::move(fragment));
}

Task<int64_t> TierStack::Purge(BlockTest which, Deadline deadline) {
  ++purges_;
  CO_ASSIGN_OR_RETURN(int64_t most, co_await memory_->Purge(which, deadline));
  for (const auto& tier : lower_) {
    CO_ASSIGN_OR_RETURN(const int64_t dropped, co_await tier->Purge(which, deadline));
    // A block mostly is in several of them: it counts once.
    most = std::max(most, dropped);
  }
  ++purges_;
  co_return most;
}

Task<> TierStack::Flush(Deadline deadline) {
  for (const auto& tier : lower_) CO_RETURN_IF_ERROR(co_await tier->Flush(deadline));
  co_return absl::OkStatus();
}

}  // namespace synoptic::aggregator
