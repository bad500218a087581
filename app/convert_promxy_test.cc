// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Golden: app/testdata/promxy/NAME.yaml gives NAME.golden. UPDATE_GOLDEN=1 writes them anew.
#include "app/convert_promxy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "app/config.h"
#include "base/status.h"

namespace synoptic::app {
namespace {

std::string Read(const std::string& file) {
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

class ConvertPromxyTest : public testing::TestWithParam<const char*> {};

TEST_P(ConvertPromxyTest, SaysWhatItCarriedAndWhatNot) {
  const std::string base = std::string("app/testdata/promxy/") + GetParam();
  const auto converted = ConvertPromxy("promxy.yaml", Read(base + ".yaml"));
  ASSERT_TRUE(converted.ok()) << converted.status();
  std::string text = converted->yaml + "---\n";
  for (const std::string& note : converted->notes) text += note + "\n";
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(base + ".golden") << text;
  EXPECT_EQ(text, Read(base + ".golden"));
}

INSTANTIATE_TEST_SUITE_P(Promxy, ConvertPromxyTest,
                         testing::Values("two_regions", "short_and_long", "without_labels"));

TEST(ConvertPromxy, WhatItWritesIsAConfiguration) {
  const auto converted = ConvertPromxy("promxy.yaml", Read("app/testdata/promxy/two_regions.yaml"));
  ASSERT_TRUE(converted.ok());
  std::string yaml = converted->yaml;
  // The password's file is not here.
  yaml.replace(yaml.find("password_file"), std::string("password_file").size(), "password");
  const auto fs = NewMemoryFs();
  const auto config = ParseConfig("synoptic.yaml", yaml, nullptr, *fs);
  ASSERT_TRUE(config.ok()) << config.status() << yaml;
  ASSERT_EQ(config->inventory.regions.size(), 2u);
  EXPECT_EQ(config->inventory.regions[0].shards[0].replicas.size(), 2u);
  EXPECT_EQ(config->inventory.regions[1].policy, aggregator::RegionPolicy::kOptional);
  EXPECT_EQ(config->inventory.regions[1].shards[0].replicas[0].url,
            "https://prom-b1:9090/prometheus");
}

TEST(ConvertPromxy, ErrorsHaveTheirPlace) {
  const auto error = [](std::string_view text) {
    return std::string(MessageOf(ConvertPromxy("p.yaml", text).status()));
  };
  EXPECT_THAT(error("global: {}\n"), testing::HasSubstr("p.yaml:1:1: expected `promxy`"));
  EXPECT_THAT(error("promxy: {server_groups: []}\n"),
              testing::HasSubstr("p.yaml:1:25: promxy.server_groups: expected at least one"));
  EXPECT_THAT(
      error("promxy:\n  server_groups:\n    - relative_time_range: {start: 3h}\n"),
      testing::HasSubstr(
          "p.yaml:3:36: promxy.server_groups[0].relative_time_range.start: expected a negative"));
  EXPECT_THAT(error("promxy:\n  server_groups:\n    - {what: 1}\n"), testing::HasSubstr("what"));
}

}  // namespace
}  // namespace synoptic::app
