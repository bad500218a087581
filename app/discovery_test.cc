// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/discovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>

#include "base/status.h"
#include "net/async/testing.h"

namespace synoptic::app {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DiscoveryTest : public testing::Test {
 protected:
  DiscoveryTest() {
    inventory_.regions.emplace_back().name = "eu";
    inventory_.regions[0].shards.emplace_back();
    inventory_.regions[0].shards[0].dns = {{{"prom.example"}, DnsType::kA, 9090, 30'000}};
    inventory_.regions[0].shards[0].path_prefix = "/p";
  }
  ~DiscoveryTest() override { discovery_.Stop(); }

  absl::StatusOr<std::vector<DnsTarget>> Answer() {
    const std::lock_guard lock(mutex_);
    ++asked_;
    return answer_;
  }
  void SetAnswer(absl::StatusOr<std::vector<DnsTarget>> answer) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
  }
  std::vector<std::string> Urls() {
    std::vector<std::string> urls;
    const aggregator::Inventory complete = discovery_.Complete(inventory_);
    for (const aggregator::Replica& replica : complete.regions[0].shards[0].replicas) {
      urls.push_back(replica.url);
    }
    return urls;
  }
  void Watch() { EXPECT_TRUE(loop_.Run(discovery_.Watch(inventory_, Deadline::Infinite())).ok()); }
  // Lets the look-up of half a minute later happen.
  void Later() {
    const int before = asked_;
    auto running = loop_.Start(discovery_.Run([this] { ++changes_; }));
    for (int i = 0; i < 1'000 && asked_ == before; ++i) {
      loop_.clock.AdvanceMillis(1'000);
      loop_.context.restart();
      loop_.context.run_for(std::chrono::milliseconds(2));
    }
    loop_.context.restart();
    loop_.context.run_for(std::chrono::milliseconds(20));
    EXPECT_GT(asked_, before);
  }

  AsyncTest loop_;
  TaskGroup tasks_;
  std::mutex mutex_;
  std::atomic<int> asked_{0};
  int changes_ = 0;
  absl::StatusOr<std::vector<DnsTarget>> answer_ = std::vector<DnsTarget>{{"10.0.0.1", 0}};
  aggregator::Inventory inventory_;
  Discovery discovery_{loop_.clock, tasks_,
                       [this](const std::string&, DnsType) { return Answer(); }};
};

TEST_F(DiscoveryTest, ReplicasComeAndGo) {
  Watch();
  EXPECT_THAT(Urls(), ElementsAre("http://10.0.0.1:9090/p"));
  SetAnswer(std::vector<DnsTarget>{{"10.0.0.1", 0}, {"fd00::1", 0}});
  Later();
  EXPECT_EQ(changes_, 1);
  EXPECT_THAT(Urls(), ElementsAre("http://10.0.0.1:9090/p", "http://[fd00::1]:9090/p"));
}

TEST_F(DiscoveryTest, TheLastGoodOnesStayWhileNobodyKnows) {
  Watch();
  SetAnswer(absl::UnavailableError("SERVFAIL"));
  Later();
  EXPECT_EQ(changes_, 0);
  EXPECT_THAT(Urls(), ElementsAre("http://10.0.0.1:9090/p"));
  Watch();  // a reload asks nobody for what is known
  EXPECT_THAT(Urls(), ElementsAre("http://10.0.0.1:9090/p"));
}

TEST_F(DiscoveryTest, WhatIsListedStaysAndCountsOnce) {
  inventory_.regions[0].shards[0].replicas = {
      *aggregator::FoundReplica(inventory_.regions[0].shards[0], "10.0.0.1:9090")};
  Watch();
  EXPECT_THAT(Urls(), ElementsAre("http://10.0.0.1:9090/p"));
  discovery_.Keep({});
  inventory_.regions[0].shards[0].replicas.clear();
  EXPECT_THAT(Urls(), IsEmpty());
}

}  // namespace
}  // namespace synoptic::app
