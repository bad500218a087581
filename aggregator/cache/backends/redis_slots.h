// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Where a key lives in a Redis cluster: one of 16384 slots by its CRC-16, and the node that has the
// slot. Formulas and replies as in the Redis cluster specification.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "aggregator/cache/backends/redis_connection.h"

namespace synoptic::aggregator {

// Of the part between the first braces, if there is one: keys that share it lie together.
uint16_t SlotOf(std::string_view key);

class SlotMap {
 public:
  // From the reply to CLUSTER SLOTS. `asked` is the address it came from: a node may call itself
  // "". InvalidArgument for what is no such reply.
  static absl::StatusOr<SlotMap> From(const RedisReply& reply, const std::string& asked);

  // host:port; empty when nobody has the slot.
  const std::string& NodeOf(uint16_t slot) const;
  void Move(uint16_t slot, const std::string& node);
  const std::vector<std::string>& nodes() const { return nodes_; }

 private:
  uint16_t IndexOf(const std::string& node);
  std::vector<std::string> nodes_ = {""};
  std::vector<uint16_t> slots_ = std::vector<uint16_t>(16'384, 0);  // indexes of nodes_
};

// MOVED and ASK: the slot and who has it.
struct Redirection {
  bool ask = false;  // for this one command only
  uint16_t slot = 0;
  std::string node;
};
// NotFound when the reply is none. `asked` as above.
absl::StatusOr<Redirection> RedirectionOf(const RedisReply& reply, const std::string& asked);

}  // namespace synoptic::aggregator
