// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
// The story of the lab: incidents on their time line, and a past that repeats itself.
#include <gtest/gtest.h>

#include <sstream>

#include "tests/lab/exporter/history.h"
#include "tests/lab/exporter/incident.h"

namespace synoptic::lab {
namespace {

Script Of(std::string_view line, double origin = 0) {
  std::string error;
  const std::optional<Incident> incident = ParseIncident(line, error);
  EXPECT_TRUE(incident) << line << ": " << error;
  Script script;
  if (incident) script.Add(*incident, origin);
  return script;
}

TEST(Incident, LagRampsUpHoldsAndEnds) {
  const Script script = Of("at=60 lag db=orders add=100 ramp=20 for=90");
  EXPECT_EQ(script.ExtraLag(59, "orders", "eu"), 0);
  EXPECT_EQ(script.ExtraLag(70, "orders", "eu"), 50);
  EXPECT_EQ(script.ExtraLag(80, "orders", "eu"), 100);
  EXPECT_EQ(script.ExtraLag(149, "orders", "eu"), 100);
  EXPECT_EQ(script.ExtraLag(150, "orders", "eu"), 0);
  EXPECT_EQ(script.ExtraLag(80, "users", "eu"), 0);
}

TEST(Incident, RepeatsAndCountsFromItsOrigin) {
  const Script script = Of("at=10 every=100 cut destination=eu for=30", 1000);
  EXPECT_EQ(script.ExtraLag(100, "orders", "eu"), 0);
  EXPECT_EQ(script.ExtraLag(1015, "orders", "eu"), 5);
  EXPECT_EQ(script.ExtraLag(1115, "orders", "eu"), 5);
  EXPECT_EQ(script.ExtraLag(1115, "orders", "us"), 0);
}

TEST(Incident, SurgesAddToWhatPoolsUse) {
  const Script script = Of("at=60 surge add=0.5 ramp=20 for=90");
  EXPECT_EQ(script.Surge(59), 0);
  EXPECT_EQ(script.Surge(70), 0.25);
  EXPECT_EQ(script.Surge(100), 0.5);
  EXPECT_EQ(script.Surge(150), 0);
  EXPECT_EQ(script.ExtraLag(100, "orders", "eu"), 0);
}

TEST(Incident, RestartIsAGapAndThenANewBeginning) {
  const Script script = Of("restart at=50 gap=20");
  EXPECT_FALSE(script.Dark(49));
  EXPECT_TRUE(script.Dark(50));
  EXPECT_FALSE(script.Dark(70));
  EXPECT_EQ(script.Restarts(49), 0);
  EXPECT_EQ(script.Restarts(70), 1);
}

TEST(Incident, NamesTheFaultyWord) {
  std::string error;
  EXPECT_FALSE(ParseIncident("lag add=much", error));
  EXPECT_NE(error.find("\"add=much\""), std::string::npos) << error;
  EXPECT_FALSE(ParseIncident("explode for=3", error));
  EXPECT_NE(error.find("\"explode\""), std::string::npos) << error;
}

std::string Past(const ModelOptions& model) {
  std::ostringstream out;
  WriteHistory(model, {}, {.start = 1000, .end = 1030, .step = 15, .labels = {{"job", "lab"}}},
               out);
  return out.str();
}

TEST(History, TheSameSeedTellsTheSameStory) {
  EXPECT_EQ(Past({.seed = 7}), Past({.seed = 7}));
  EXPECT_NE(Past({.seed = 7}), Past({.seed = 8}));
  EXPECT_NE(Past({.region = "a"}), Past({.region = "b"}));
}

TEST(History, DefaultsMakeAboutTwoThousandFourHundredSeries) {
  const std::string text = Past({});
  const auto lines = std::count(text.begin(), text.end(), '\n') - 1;  // without # EOF
  EXPECT_EQ(lines % 2, 0);
  EXPECT_NEAR(static_cast<double>(lines) / 2, 2400, 60);
}

}  // namespace
}  // namespace synoptic::lab
