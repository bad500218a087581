// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/chunk_store.h"

#include <algorithm>

#include "base/status.h"

namespace synoptic::aggregator {
namespace {

// Blocks double from one to the other: a short answer takes little, a long one few blocks. A string
// has a byte of its own beside them.
constexpr size_t kFirstBlock = (4 << 10) - 1;
constexpr size_t kLargestBlock = (64 << 10) - 1;

}  // namespace

absl::Status ChunkStore::Keep(std::string_view bytes, promql::Chunk& chunk) {
  if (block_ == nullptr || block_->capacity() - block_->size() < bytes.size()) {
    RETURN_IF_ERROR(NewBlock(bytes.size()));
  }
  const size_t at = block_->size();
  block_->append(bytes);
  chunk.bytes = std::string_view(*block_).substr(at);
  chunk.owner = block_;
  return absl::OkStatus();
}

absl::Status ChunkStore::NewBlock(size_t least) {
  size_ = std::clamp(2 * size_ + 1, kFirstBlock, kLargestBlock);
  const size_t size = std::max(size_, least);
  RETURN_IF_ERROR(held_.Grow(static_cast<int64_t>(size)));
  block_ = std::make_shared<std::string>();
  block_->reserve(size);
  return absl::OkStatus();
}

}  // namespace synoptic::aggregator
