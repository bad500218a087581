// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/live_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"

namespace synoptic::app {
namespace {

using promql::Labels;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LiveFactsTest : public testing::Test {
 protected:
  LiveFactsTest() {
    aggregator::Region eu, us;
    eu.name = "eu";
    eu.labels = Labels::From({{"region", "eu"}});
    us.name = "us";
    us.labels = Labels::From({{"region", "us"}});
    eu.replica_labels = {"replica"};
    aggregator::Shard a, b;
    a.name = "a";
    b.name = "b";
    eu.shards = {a, b};
    us.shards = {a};
    inventory_.regions = {eu, us};
    replicas_ = {Replica("eu", "a", "http://1"), Replica("eu", "a", "http://2"),
                 Replica("eu", "b", "http://3"), Replica("us", "a", "http://4")};
  }
  static LiveReplica Replica(std::string region, std::string shard, std::string url) {
    LiveReplica replica;
    replica.region = std::move(region);
    replica.shard = std::move(shard);
    replica.url = std::move(url);
    replica.version = "3.15.0";
    replica.flavor = "prometheus";
    replica.remote_read = true;
    return replica;
  }
  // Without notes: "error same_series: text".
  std::vector<std::string> Findings() {
    std::vector<std::string> lines;
    for (const LiveFinding& finding : Judge(inventory_, replicas_, overlaps_)) {
      if (finding.level == LiveFinding::Level::kNote) continue;
      lines.push_back(fmt::format("{} {}: {}",
                                  finding.level == LiveFinding::Level::kError ? "error" : "warning",
                                  finding.what, finding.text));
    }
    return lines;
  }

  aggregator::Inventory inventory_;
  std::vector<LiveReplica> replicas_;
  std::vector<LiveOverlap> overlaps_;
};

TEST_F(LiveFactsTest, HasNothingToSayOfAGoodTopology) {
  overlaps_ = {{0, 1, 40, 40}, {1, 0, 40, 39}, {0, 2, 40, 0}, {0, 3, 40, 20}};
  EXPECT_THAT(Findings(), IsEmpty());
}

TEST_F(LiveFactsTest, ShardsOfARegionMustNotHoldTheSame) {
  overlaps_ = {{0, 2, 40, 40}};
  EXPECT_THAT(
      Findings(),
      ElementsAre("error same_series: 40 of 40 of its series are also in region \"eu\" "
                  "shard \"b\": sums count them twice; list them as replicas of one shard"));
}

TEST_F(LiveFactsTest, RegionsThatHoldTheSameAreSuspicious) {
  overlaps_ = {{0, 3, 40, 36}};
  EXPECT_THAT(Findings(), ElementsAre(HasSubstr("warning same_series: 36 of 40")));
}

TEST_F(LiveFactsTest, ReplicasThatDifferAreNamed) {
  replicas_[1].version = "2.42.0";
  overlaps_ = {{0, 1, 40, 30}};
  EXPECT_THAT(Findings(),
              ElementsAre("warning replicas_differ: http://1 runs 3.15.0, http://2 runs 2.42.0",
                          HasSubstr("warning replicas_differ: http://2 holds 30 of 40 series")));
}

TEST_F(LiveFactsTest, TellsWhatMissingCanariesCost) {
  replicas_[1].has_canary = false;
  replicas_[3].has_canary = false;  // the only one of its shard: nothing to choose between
  EXPECT_THAT(Findings(), ElementsAre(HasSubstr("warning canary: has no series of `canary: up`")));
  replicas_[0].has_canary = false;
  EXPECT_THAT(Findings(),
              ElementsAre(AllOf(HasSubstr("warning canary: no replica has a series of"),
                                HasSubstr("five times the cost"), HasSubstr("`canary: none`"))));
  inventory_.regions[0].canary = "";
  EXPECT_THAT(Findings(), IsEmpty()) << "declared to be whole";
}

TEST_F(LiveFactsTest, TellsClocksFlavorsAndRemoteRead) {
  replicas_[0].skew_ms = 1500;
  replicas_[0].skew_error_ms = 600;  // may as well be right
  replicas_[1].skew_ms = -31'000;
  replicas_[2].remote_read = false;
  replicas_[3].flavor = "victoriametrics";
  EXPECT_THAT(Findings(),
              ElementsAre(HasSubstr("error clock: its clock is 31000 ms behind ours"),
                          HasSubstr("warning remote_read: does not offer remote read"),
                          "error flavor: answers as victoriametrics; the configuration says "
                          "prometheus: set `flavor: victoriametrics`"));
}

TEST_F(LiveFactsTest, SaysWhoCannotBeReachedAndWhoseLabelsCollide) {
  replicas_[0].error = "HTTP 401: no";
  replicas_[3].label_names = {"job", "region"};
  EXPECT_THAT(Findings(), ElementsAre("error reach: HTTP 401: no",
                                      HasSubstr("comes out as \"exported_region\"")));
}

}  // namespace
}  // namespace synoptic::app
