// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The packs in rules/ as this program reads them: each loads, and each alert lies at the tier that
// its label says.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "alerting/rule/rule_file.h"

namespace synoptic::alerting {
namespace {

// One shard a region: local and regional are one place, global is not.
promql::Topology ThreeRegions() {
  promql::Topology topology;
  for (const char* region : {"ap", "eu", "us"}) {
    topology.shards.push_back({region, "main", promql::Labels::From({{"region", region}})});
  }
  return topology;
}

std::vector<std::filesystem::path> Packs() {
  std::vector<std::filesystem::path> files;
  for (const auto& folder : std::filesystem::directory_iterator("rules")) {
    if (folder.is_directory()) files.push_back(folder.path() / "alerts.yaml");
  }
  return files;
}

std::string Read(const std::filesystem::path& file) {
  std::stringstream content;
  content << std::ifstream(file).rdbuf();
  return content.str();
}

TEST(RulePacks, LoadAndLieAtTheTierTheySay) {
  // Their `region` is the region spoken of, not the one that says so.
  const std::set<std::string> about_regions = {"RegionUnreachable", "SynopticRuleBlind"};
  int alerts = 0;
  for (const std::filesystem::path& file : Packs()) {
    const auto groups = LoadRuleFile(file, Read(file), {}, ThreeRegions());
    ASSERT_TRUE(groups.ok()) << groups.status();
    for (const RuleGroup& group : *groups) {
      for (const Rule& rule : group.rules) {
        ++alerts;
        if (about_regions.contains(rule.alert)) continue;
        EXPECT_EQ(rule.labels.at("tier") == "global", group.TierOf(rule) == Tier::kGlobal)
            << file << " " << rule.alert;
        EXPECT_TRUE(rule.annotations.contains("runbook")) << rule.alert;
      }
    }
  }
  EXPECT_GE(alerts, 70);
}

}  // namespace
}  // namespace synoptic::alerting
