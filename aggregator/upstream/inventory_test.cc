// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/inventory.h"

#include <gtest/gtest.h>

#include <functional>
#include <tuple>

#include "aggregator/upstream/flavor.h"
#include "base/status.h"

namespace synoptic::aggregator {
namespace {

Region MakeRegion(const std::string& name) {
  Region region;
  region.name = name;
  region.labels = promql::Labels::From({{"region", name}});
  Shard shard;
  shard.replicas = {{"http://" + name + "-1:9090", {}}, {"http://" + name + "-2:9090", {}}};
  region.shards.push_back(shard);
  return region;
}

Inventory Good() {
  Inventory inventory;
  inventory.regions = {MakeRegion("eu"), MakeRegion("us")};
  Shard apps = inventory.regions[1].shards[0];
  apps.name = "apps";
  apps.labels = promql::Labels::From({{"shard", "apps"}});
  apps.replicas = {{"http://us-apps:9090", {}}};
  inventory.regions[1].shards.push_back(apps);
  return inventory;
}

TEST(Inventory, TopologyJoinsLabelsOfRegionAndShard) {
  const promql::Topology topology = Good().MakeTopology();
  ASSERT_EQ(topology.shards.size(), 3u);
  EXPECT_EQ(topology.shards[2].region, "us");
  EXPECT_EQ(topology.shards[2].shard, "apps");
  EXPECT_EQ(topology.shards[2].labels.ToString(), "{region=\"us\", shard=\"apps\"}");
  EXPECT_EQ(topology.LabelNames(), (std::vector<std::string>{"region", "shard"}));
}

// Makes the region's two shards stores of one place.
void SetAges(Region& region, std::pair<int64_t, int64_t> first,
             std::pair<int64_t, int64_t> second) {
  region.shards[1].labels = region.shards[0].labels;
  std::tie(region.shards[0].min_age_ms, region.shards[0].max_age_ms) = first;
  std::tie(region.shards[1].min_age_ms, region.shards[1].max_age_ms) = second;
}

TEST(Inventory, StoresOfDifferentAgesAreOnePlace) {
  Inventory inventory = Good();
  SetAges(inventory.regions[1], {3'600'000, 0}, {0, 86'400'000});
  EXPECT_TRUE(Validate(inventory).ok()) << Validate(inventory);
  EXPECT_EQ(inventory.MakeTopology().shards.size(), 2u);
}

TEST(Inventory, ValidationNamesWhatIsWrong) {
  EXPECT_TRUE(Validate(Good()).ok());
  EXPECT_TRUE(Validate({}).ok()) << "no regions: a matter for queries";
  const struct {
    std::function<void(Inventory&)> change;
    std::string_view error;
  } cases[] = {
      {[](Inventory& i) { i.regions[1].name = "eu"; }, "region \"eu\" is listed twice"},
      {[](Inventory& i) { i.regions[0].name = ""; }, "a region has no name"},
      {[](Inventory& i) { i.regions[0].shards.clear(); }, "region \"eu\": no shards"},
      {[](Inventory& i) { i.regions[0].labels = {}; }, "region \"eu\": no labels"},
      {[](Inventory& i) { i.regions[0].weight = -1; },
       "region \"eu\": weight -1: expected 0 or more"},
      {[](Inventory& i) { i.regions[1].labels = i.regions[0].labels; },
       "region \"eu\" shard \"main\" and region \"us\" shard \"main\" have the same labels "
       "{region=\"eu\"}: their series could not be told apart"},
      {[](Inventory& i) { i.regions[1].shards[1].labels = {}; },
       "region \"us\" shard \"main\" and region \"us\" shard \"apps\" have the same labels "
       "{region=\"us\"}: their series could not be told apart; expected `labels` of their own, or "
       "a "
       "`time_range` for those that hold the same series"},
      {[](Inventory& i) { SetAges(i.regions[1], {0, 86'400'000}, {2 * 86'400'000, 0}); },
       "region \"us\" shard \"apps\": time_range: nobody holds what is between 1d and 2d old: "
       "expected a min_age of at most the max_age of region \"us\" shard \"main\""},
      {[](Inventory& i) { SetAges(i.regions[1], {0, 0}, {60'000, 0}); },
       "region \"us\" shard \"apps\": time_range: holds nothing that region \"us\" shard \"main\" "
       "does not hold: expected a greater max_age"},
      {[](Inventory& i) { i.regions[1].shards[1].name = "main"; },
       "region \"us\": shard \"main\" is listed twice"},
      {[](Inventory& i) { i.regions[0].shards[0].name = ""; },
       "region \"eu\": a shard has no name"},
      {[](Inventory& i) { i.regions[0].shards[0].replicas.clear(); },
       "region \"eu\" shard \"main\": no replicas"},
      {[](Inventory& i) { i.regions[1].shards[0].replicas[1].url = "http://eu-2:9090"; },
       "region \"us\" shard \"main\": replica http://eu-2:9090 is listed already in region \"eu\" "
       "shard \"main\""},
      {[](Inventory& i) {
         i.regions[0].shards[0].labels = promql::Labels::From({{"region", "x"}});
       },
       "region \"eu\" shard \"main\": label \"region\" is set by the region already"},
      {[](Inventory& i) { i.regions[0].labels = promql::Labels::From({{"__name__", "x"}}); },
       "region \"eu\": label \"__name__\": names that start with __ are reserved"},
      {[](Inventory& i) { i.regions[0].replica_labels = {"region"}; },
       "region \"eu\": replica label \"region\" is also a label of shard \"main\""},
      {[](Inventory& i) { i.regions[0].shards[0].timeout_ms = 0; },
       "region \"eu\" shard \"main\": timeout 0 ms: expected more than 0"},
      {[](Inventory& i) { i.regions[0].shards[0].max_concurrency = 0; },
       "region \"eu\" shard \"main\": max_concurrency 0: expected more than 0"},
      {[](Inventory& i) { i.regions[0].shards[0].max_response_bytes = -1; },
       "region \"eu\" shard \"main\": max_response_bytes -1: expected more than 0"},
      {[](Inventory& i) {
         i.regions[0].shards[0].min_age_ms = 5;
         i.regions[0].shards[0].max_age_ms = 5;
       },
       "region \"eu\" shard \"main\": time_range: expected min_age < max_age, got 5 ms and 5 ms"},
  };
  for (const auto& c : cases) {
    Inventory inventory = Good();
    c.change(inventory);
    const absl::Status status = Validate(inventory);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << c.error;
    EXPECT_EQ(MessageOf(status), c.error);
  }
}

TEST(Inventory, EveryFlavorIsListed) {
  for (const Flavor flavor : {Flavor::kPrometheus, Flavor::kThanos, Flavor::kMimir,
                              Flavor::kVictoriaMetrics, Flavor::kSynoptic}) {
    EXPECT_EQ(TraitsOf(flavor).flavor, flavor);
  }
}

}  // namespace
}  // namespace synoptic::aggregator
