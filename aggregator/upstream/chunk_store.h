// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Where the bytes of an answer's chunks are kept: side by side in a few blocks, without what was
// around them on the wire. Blocks are charged before they are made, and live as long as a chunk in
// them.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "base/budget.h"
#include "promql/model/chunk.h"

namespace synoptic::aggregator {

class ChunkStore {
 public:
  // `held` is charged and must outlive the store.
  explicit ChunkStore(Reservation& held) : held_(held) {}

  // Makes `chunk` hold a copy of `bytes`. ResourceExhausted when the budget does not allow it.
  absl::Status Keep(std::string_view bytes, promql::Chunk& chunk);

 private:
  absl::Status NewBlock(size_t least);

  Reservation& held_;
  std::shared_ptr<std::string> block_;  // never grows beyond its capacity: chunks look into it
  size_t size_ = 0;                     // of the last block
};

}  // namespace synoptic::aggregator
