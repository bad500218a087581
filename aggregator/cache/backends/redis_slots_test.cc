// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/backends/redis_slots.h"

#include <gtest/gtest.h>

namespace synoptic::aggregator {
namespace {

RedisReply Text(std::string text) { return {RedisReply::Type::kText, std::move(text), 0, {}}; }
RedisReply Number(int64_t n) { return {RedisReply::Type::kInteger, "", n, {}}; }
RedisReply List(std::vector<RedisReply> items) {
  return {RedisReply::Type::kList, "", 0, std::move(items)};
}
RedisReply Error(std::string text) { return {RedisReply::Type::kError, std::move(text), 0, {}}; }

// The vector of the cluster specification, and what redis-cli says to CLUSTER KEYSLOT.
TEST(RedisSlots, AKeysSlotIsItsChecksum) {
  EXPECT_EQ(SlotOf("123456789"), 0x31C3 % 16'384);
  EXPECT_EQ(SlotOf("foo"), 12'182);
  EXPECT_EQ(SlotOf(""), 0);
}

TEST(RedisSlots, OnlyWhatIsInTheFirstBracesCounts) {
  EXPECT_EQ(SlotOf("a{foo}b"), SlotOf("foo"));
  EXPECT_EQ(SlotOf("a{foo}{bar}"), SlotOf("foo"));
  EXPECT_EQ(SlotOf("{foo"), SlotOf("{foo"));
  EXPECT_NE(SlotOf("a{}foo"), SlotOf("foo")) << "empty braces do not count";
}

TEST(RedisSlots, TheMapSaysWhoHasASlot) {
  const RedisReply reply =
      List({List({Number(0), Number(99), List({Text("10.0.0.1"), Number(1), Text("id")})}),
            List({Number(100), Number(16'383), List({Text(""), Number(2), Text("id")}),
                  List({Text("replica"), Number(3)})})});
  auto map = SlotMap::From(reply, "10.0.0.9:7");
  ASSERT_TRUE(map.ok()) << map.status();
  EXPECT_EQ(map->NodeOf(99), "10.0.0.1:1");
  EXPECT_EQ(map->NodeOf(100), "10.0.0.9:2");
  map->Move(99, "new:1");
  EXPECT_EQ(map->NodeOf(99), "new:1");
  EXPECT_EQ(map->NodeOf(98), "10.0.0.1:1");
}

TEST(RedisSlots, WhatIsNoMapIsRefused) {
  for (const RedisReply& reply :
       {Text("x"), List({Text("x")}), List({List({Number(0), Number(1)})}),
        List({List({Number(0), Number(16'384), List({Text("h"), Number(1)})})}),
        List({List({Number(-1), Number(1), List({Text("h"), Number(1)})})}),
        List({List({Number(0), Number(1), List({Text("h"), Text("1")})})})}) {
    EXPECT_FALSE(SlotMap::From(reply, "h:1").ok());
  }
  const auto empty = SlotMap::From(List({}), "h:1");
  ASSERT_TRUE(empty.ok());
  EXPECT_EQ(empty->NodeOf(5), "");
}

TEST(RedisSlots, RedirectionsAreRead) {
  const auto moved = RedirectionOf(Error("MOVED 3999 127.0.0.1:6381"), "h:1");
  ASSERT_TRUE(moved.ok());
  EXPECT_FALSE(moved->ask);
  EXPECT_EQ(moved->slot, 3'999);
  EXPECT_EQ(moved->node, "127.0.0.1:6381");
  EXPECT_TRUE(RedirectionOf(Error("ASK 1 a:2"), "h:1")->ask);
  EXPECT_EQ(RedirectionOf(Error("MOVED 1 :2"), "h:1")->node, "h:2");
  EXPECT_FALSE(RedirectionOf(Error("ERR no"), "h:1").ok());
  EXPECT_FALSE(RedirectionOf(Error("MOVED x y"), "h:1").ok());
  EXPECT_FALSE(RedirectionOf(Error("MOVED 99999 a:2"), "h:1").ok());
  EXPECT_FALSE(RedirectionOf(Text("MOVED 1 a:2"), "h:1").ok());
}

}  // namespace
}  // namespace synoptic::aggregator
