// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/backends/shared_tier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aggregator/cache/backends/redis_testing.h"
#include "base/log.h"
#include "net/async/testing.h"

namespace synoptic::aggregator {
namespace {

using Command = RedisConnection::Command;

class SharedTierTest : public ::testing::Test {
 protected:
  ~SharedTierTest() override {
    for (const auto& tier : tiers) {
      loop.Start(tier->Stop(Deadline::After(loop.clock, std::chrono::seconds(1))));
      for (int i = 0; i < 5; ++i) Pass(std::chrono::milliseconds(500));
    }
  }

  std::shared_ptr<SharedTier> Open(std::vector<std::string> endpoints,
                                   const std::string& password = "") {
    SharedTierOptions options;
    options.redis.endpoints = std::move(endpoints);
    options.redis.password = password;
    options.settings = settings;
    options.redis.tls = tls;
    auto tier = SharedTier::New(options, loop.clock, pool, loop.executor()).value();
    tier->Start();
    tiers.push_back(tier);
    return tier;
  }
  // Lets the fake clock go on, and sockets settle.
  void Pass(MonoDuration time) {
    LetPass(loop, std::chrono::duration_cast<std::chrono::milliseconds>(time));
  }
  bool WaitUntilUp(const SharedTier& tier, bool up = true) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (tier.stats().up != up && std::chrono::steady_clock::now() < end) {
      Pass(std::chrono::milliseconds(100));
    }
    return tier.stats().up == up;
  }
  FragmentPtr Get(SharedTier& tier, int64_t block) {
    auto found = loop.Run(tier.Fetch(stream, {block}, Deadline::Infinite()));
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? found->at(0).fragment : nullptr;
  }
  void Write(SharedTier& tier, int64_t block) {
    tier.Put(stream, block, BlockFor(stream, block));
    EXPECT_TRUE(loop.Run(tier.Flush(Deadline::Infinite())).ok());
  }
  // Nil when nobody answers there.
  RedisReply Ask(const std::string& address, Command command) {
    auto connection =
        loop.Run(RedisConnection::Connect(*transport, address, loop.clock, Deadline::Infinite()));
    if (!connection.ok()) return {};
    auto reply = loop.Run((*connection)->Ask(std::move(command), Deadline::Infinite()));
    return reply.ok() ? *std::move(reply) : RedisReply{};
  }

  const std::string stream = StreamOf("eu", "x");
  std::string settings;
  std::optional<net::TlsOptions> tls;
  AsyncTest loop;
  const std::unique_ptr<Transport> transport = NewTcpTransport(loop.executor(), loop.clock);
  ComputePool pool{1};
  std::vector<std::shared_ptr<SharedTier>> tiers;
};

TEST_F(SharedTierTest, WhatOneKeepsTheOtherFinds) {
  RedisServer server;
  const auto one = Open({server.address()});
  ASSERT_TRUE(WaitUntilUp(*one));
  Write(*one, 1);
  const auto other = Open({server.address()});
  ASSERT_TRUE(WaitUntilUp(*other));
  EXPECT_TRUE(IsBlock(Get(*other, 1), stream, 1));
  settings = "recent=1";
  const auto stranger = Open({server.address()});
  ASSERT_TRUE(WaitUntilUp(*stranger));
  EXPECT_EQ(Get(*stranger, 1), nullptr) << "of other settings";
}

TEST_F(SharedTierTest, WithTlsOnlyAServerThatProvesItsNameIsBelieved) {
  const net::net_testing::Identity identity = net::net_testing::Valid();
  RedisServer server({}, &identity);
  tls.emplace();
  tls->ca_pem = tls->certificate_pem = identity.certificate;
  tls->private_key_pem = identity.key;
  const auto one = Open({server.address()});
  ASSERT_TRUE(WaitUntilUp(*one));
  Write(*one, 1);
  EXPECT_TRUE(IsBlock(Get(*one, 1), stream, 1));
  tls->ca_pem = net::net_testing::Valid().certificate;
  tls->certificate_pem = tls->private_key_pem = "";
  const auto stranger = Open({server.address()});
  tls.reset();
  const auto in_the_clear = Open({server.address()});
  for (int i = 0; i < 20; ++i) Pass(std::chrono::seconds(1));
  EXPECT_FALSE(stranger->stats().up) << "signed by somebody else";
  EXPECT_FALSE(in_the_clear->stats().up);
  EXPECT_TRUE(one->stats().up);
}

TEST_F(SharedTierTest, UnusableCertificatesAreAnError) {
  SharedTierOptions options;
  options.redis.tls.emplace().ca_pem = "no PEM";
  const auto tier = SharedTier::New(options, loop.clock, pool, loop.executor());
  ASSERT_FALSE(tier.ok());
  EXPECT_THAT(std::string(tier.status().message()), testing::HasSubstr("certificate"));
}

TEST_F(SharedTierTest, TailsAreNotShared) {
  RedisServer server;
  const auto one = Open({server.address()});
  ASSERT_TRUE(WaitUntilUp(*one));
  one->Put(stream, kTailBlock, BlockFor(stream, 1));
  EXPECT_EQ(one->stats().queued_bytes, 0);
  EXPECT_EQ(Get(*one, kTailBlock), nullptr);
}

TEST_F(SharedTierTest, WritesWhatWaitsByItself) {
  RedisServer server;
  const auto one = Open({server.address()});
  ASSERT_TRUE(WaitUntilUp(*one));
  one->Put(stream, 1, BlockFor(stream, 1));
  for (int i = 0; i < 50 && one->stats().queued_bytes > 0; ++i) Pass(std::chrono::seconds(1));
  EXPECT_EQ(one->stats().queued_bytes, 0);
  EXPECT_TRUE(IsBlock(Get(*one, 1), stream, 1));
}

TEST_F(SharedTierTest, ForeignAndMadeUpValuesAreRefused) {
  RedisServer server;
  const auto tier = Open({server.address()});
  ASSERT_TRUE(WaitUntilUp(*tier));
  Write(*tier, 1);
  Write(*tier, 2);
  const RedisReply keys = Ask(server.address(), {"KEYS", "synoptic:1:*:1"});
  ASSERT_EQ(keys.items.size(), 1u);
  const std::string key = keys.items[0].text;
  const std::string other = key.substr(0, key.size() - 1) + "2";
  std::string flipped = Ask(server.address(), {"GET", key}).text;
  flipped[flipped.size() / 2] ^= 1;
  int64_t refused = 0;
  for (const std::string& value :
       {std::string("hello"), std::string(), std::string(1'000'000, '\xff'), flipped,
        Ask(server.address(), {"GET", other}).text}) {
    Ask(server.address(), {"SET", key, value});
    EXPECT_EQ(Get(*tier, 1), nullptr);
    EXPECT_EQ(tier->stats().damaged, ++refused);
  }
  Ask(server.address(), {"DEL", key});
  Ask(server.address(), {"LPUSH", key, "a list"});
  EXPECT_EQ(Get(*tier, 1), nullptr);
  EXPECT_TRUE(IsBlock(Get(*tier, 2), stream, 2));
}

TEST_F(SharedTierTest, AServerThatIsNotThereCostsNothingAndIsFoundAgain) {
  RedisServer server;
  server.Stop();
  const auto tier = Open({server.address()});
  Pass(std::chrono::seconds(1));
  const auto before = loop.clock.Mono();
  EXPECT_EQ(Get(*tier, 1), nullptr);
  EXPECT_EQ(loop.clock.Mono(), before) << "somebody waited";
  tier->Put(stream, 1, BlockFor(stream, 1));
  EXPECT_TRUE(IsBlock(Get(*tier, 1), stream, 1)) << "what waits is known";
  server.Start();
  ASSERT_TRUE(WaitUntilUp(*tier));
  EXPECT_TRUE(loop.Run(tier->Flush(Deadline::Infinite())).ok());
  EXPECT_TRUE(IsBlock(Get(*tier, 1), stream, 1));
}

TEST_F(SharedTierTest, AFrozenServerCostsItsAskersPatienceOnceAndOthersNothing) {
  RedisServer server;
  const auto tier = Open({server.address()});
  ASSERT_TRUE(WaitUntilUp(*tier));
  Write(*tier, 1);
  server.Freeze();
  // Ten who ask at once.
  std::vector<std::shared_ptr<std::optional<absl::StatusOr<std::vector<FoundBlock>>>>> asked;
  for (int i = 0; i < 10; ++i) {
    asked.push_back(loop.Start(tier->Fetch(stream, {1}, Deadline::Infinite())));
  }
  loop.Settle();
  EXPECT_FALSE(asked[0]->has_value());
  Pass(std::chrono::milliseconds(100));
  for (const auto& one : asked) {
    ASSERT_TRUE(one->has_value());
    ASSERT_TRUE((*one)->ok());
    EXPECT_EQ((**one)->at(0).fragment, nullptr);
  }
  EXPECT_FALSE(tier->stats().up);
  // And from then on nobody waits.
  EXPECT_EQ(Get(*tier, 1), nullptr);
  for (int i = 0; i < 20; ++i) {
    Pass(std::chrono::milliseconds(300));
    EXPECT_FALSE(tier->stats().up);
    EXPECT_EQ(Get(*tier, 1), nullptr);
  }
  server.Thaw();
  ASSERT_TRUE(WaitUntilUp(*tier));
  EXPECT_TRUE(IsBlock(Get(*tier, 1), stream, 1)) << "nothing was lost";
}

TEST_F(SharedTierTest, AFrozenServerIsNoticedBeforeAnybodyAsks) {
  RedisServer server;
  const auto tier = Open({server.address()});
  ASSERT_TRUE(WaitUntilUp(*tier));
  server.Freeze();
  EXPECT_TRUE(WaitUntilUp(*tier, false));
  EXPECT_EQ(tier->stats().misses, 0);
}

TEST_F(SharedTierTest, WhatWasPurgedWhileTheServerWasAwayIsNotSeenAgain) {
  RedisServer server;
  const auto tier = Open({server.address()});
  ASSERT_TRUE(WaitUntilUp(*tier));
  Write(*tier, 1);
  server.Freeze();
  ASSERT_TRUE(WaitUntilUp(*tier, false));
  EXPECT_TRUE(loop.Run(tier->Purge(nullptr, Deadline::Infinite())).ok());
  server.Thaw();
  ASSERT_TRUE(WaitUntilUp(*tier));
  EXPECT_EQ(Get(*tier, 1), nullptr);
}

TEST_F(SharedTierTest, APasswordIsSentAndAWrongOneIsNotShown) {
  RedisServer server({"--requirepass", "right"});
  const auto tier = Open({server.address()}, "right");
  ASSERT_TRUE(WaitUntilUp(*tier));
  Write(*tier, 1);
  EXPECT_TRUE(IsBlock(Get(*tier, 1), stream, 1));
  RedisClient client({.endpoints = {server.address()}, .password = "wr0ng"}, *transport,
                     loop.clock);
  const absl::Status status = loop.Run(client.Connect(Deadline::Infinite()));
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(status.ToString(), ::testing::Not(::testing::HasSubstr("wr0ng")));
}

TEST_F(SharedTierTest, AClusterIsAskedWhereTheKeysAre) {
  std::vector<std::unique_ptr<RedisServer>> servers;
  for (int i = 0; i < 3; ++i) {
    servers.push_back(std::make_unique<RedisServer>(
        std::vector<std::string>{"--cluster-enabled", "yes", "--cluster-node-timeout", "2000"}));
  }
  for (size_t i = 0; i < 3; ++i) {
    const std::string address = servers[i]->address();
    for (int tries = 0; Ask(address, {"PING"}).text != "PONG"; ++tries) {
      ASSERT_LT(tries, 200);
      ::usleep(20'000);
    }
    const std::string first = std::to_string(i * 5'500);
    const std::string last = std::to_string(i == 2 ? 16'383 : (i + 1) * 5'500 - 1);
    ASSERT_EQ(Ask(address, {"CLUSTER", "ADDSLOTSRANGE", first, last}).text, "OK");
    ASSERT_EQ(Ask(address, {"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(i + 1)}).text, "OK");
  }
  for (size_t i = 1; i < 3; ++i) {
    const std::string port = std::to_string(servers[0]->port());
    ASSERT_EQ(Ask(servers[i]->address(), {"CLUSTER", "MEET", "127.0.0.1", port}).text, "OK");
  }
  const auto ready = [&](const std::string& address) {
    return Ask(address, {"CLUSTER", "INFO"}).text.find("cluster_state:ok") != std::string::npos &&
           Ask(address, {"CLUSTER", "SLOTS"}).items.size() == 3;
  };
  for (const auto& server : servers) {
    for (int tries = 0; !ready(server->address()); ++tries) {
      ASSERT_LT(tries, 400) << Ask(server->address(), {"CLUSTER", "INFO"}).text;
      ::usleep(20'000);
    }
  }
  const auto tier = Open({servers[1]->address()});
  ASSERT_TRUE(WaitUntilUp(*tier));
  std::vector<std::string> streams;
  for (int i = 0; i < 30; ++i) {
    streams.push_back(StreamOf("eu", "x" + std::to_string(i)));
    for (const int64_t block : {1, 2}) {
      tier->Put(streams.back(), block, BlockFor(streams.back(), block));
    }
  }
  ASSERT_TRUE(loop.Run(tier->Flush(Deadline::Infinite())).ok());
  for (const auto& server : servers) {
    EXPECT_GT(Ask(server->address(), {"DBSIZE"}).integer, 0) << "a node has nothing";
  }
  for (const std::string& one : streams) {
    const auto found = loop.Run(tier->Fetch(one, {1, 2, 3}, Deadline::Infinite()));
    ASSERT_TRUE(found.ok());
    EXPECT_TRUE(IsBlock(found->at(0).fragment, one, 1));
    EXPECT_TRUE(IsBlock(found->at(1).fragment, one, 2));
    EXPECT_EQ(found->at(2).fragment, nullptr);
  }
  EXPECT_EQ(loop.Run(tier->Purge(nullptr, Deadline::Infinite())).value_or(0), 60);
}

}  // namespace
}  // namespace synoptic::aggregator
