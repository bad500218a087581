// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/backends/redis_slots.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "base/status.h"

namespace synoptic::aggregator {
namespace {

constexpr int64_t kSlots = 16'384;
constexpr size_t kMostNodes = 1'000;

// CRC-16/XMODEM: polynomial 0x1021, nothing reflected.
uint16_t Crc16(std::string_view data) {
  uint16_t crc = 0;
  for (const char c : data) {
    crc = static_cast<uint16_t>(crc ^ (static_cast<unsigned char>(c) << 8));
    for (int bit = 0; bit < 8; ++bit) {
      crc = static_cast<uint16_t>((crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1);
    }
  }
  return crc;
}

std::string HostOf(const std::string& address) { return address.substr(0, address.rfind(':')); }

bool IsSlot(const RedisReply& reply) {
  return reply.type == RedisReply::Type::kInteger && reply.integer >= 0 && reply.integer < kSlots;
}

}  // namespace

uint16_t SlotOf(std::string_view key) {
  if (const size_t open = key.find('{'); open != std::string_view::npos) {
    const size_t close = key.find('}', open + 1);
    if (close != std::string_view::npos && close > open + 1) {
      key = key.substr(open + 1, close - open - 1);
    }
  }
  return Crc16(key) % kSlots;
}

uint16_t SlotMap::IndexOf(const std::string& node) {
  const auto found = std::find(nodes_.begin(), nodes_.end(), node);
  if (found != nodes_.end()) return static_cast<uint16_t>(found - nodes_.begin());
  if (nodes_.size() > kMostNodes) return 0;
  nodes_.push_back(node);
  return static_cast<uint16_t>(nodes_.size() - 1);
}

absl::StatusOr<SlotMap> SlotMap::From(const RedisReply& reply, const std::string& asked) {
  if (reply.type != RedisReply::Type::kList) return InvalidArgument("CLUSTER SLOTS: not a list");
  SlotMap out;
  for (const RedisReply& range : reply.items) {
    if (range.items.size() < 3 || !IsSlot(range.items[0]) || !IsSlot(range.items[1]) ||
        range.items[2].items.size() < 2 ||
        range.items[2].items[1].type != RedisReply::Type::kInteger) {
      return InvalidArgument("CLUSTER SLOTS: not ranges of slots with their nodes");
    }
    const RedisReply& master = range.items[2];
    std::string host = master.items[0].text;
    if (host.empty() || host == "?") host = HostOf(asked);
    const uint16_t node = out.IndexOf(fmt::format("{}:{}", host, master.items[1].integer));
    for (int64_t slot = range.items[0].integer; slot <= range.items[1].integer; ++slot) {
      out.slots_[static_cast<size_t>(slot)] = node;
    }
  }
  return out;
}

const std::string& SlotMap::NodeOf(uint16_t slot) const { return nodes_[slots_[slot]]; }

void SlotMap::Move(uint16_t slot, const std::string& node) { slots_[slot] = IndexOf(node); }

absl::StatusOr<Redirection> RedirectionOf(const RedisReply& reply, const std::string& asked) {
  Redirection out;
  out.ask = reply.IsError("ASK ");
  if (!out.ask && !reply.IsError("MOVED ")) return absl::NotFoundError("no redirection");
  const std::vector<std::string> words = absl::StrSplit(reply.text, ' ');
  uint32_t slot = 0;
  if (words.size() != 3 || !absl::SimpleAtoi(words[1], &slot) || slot >= kSlots ||
      words[2].find(':') == std::string::npos) {
    return InvalidArgument("redis: {}", reply.text);
  }
  out.slot = static_cast<uint16_t>(slot);
  out.node = words[2].starts_with(':') ? HostOf(asked) + words[2] : words[2];
  return out;
}

}  // namespace synoptic::aggregator
