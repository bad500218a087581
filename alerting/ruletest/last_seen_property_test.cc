// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What is assumed of unseen inputs does not lead astray: for random expressions over a world that
// goes on changing in the dark, wherever the assumptions hold of the inputs, the value with all
// data is one that the result allows. Of lags they hold always.
#include <gtest/gtest.h>

#include <cstdlib>

#include "alerting/bounds/last_seen.h"
#include "alerting/bounds/units.h"
#include "alerting/ruletest/bounds_check.h"
#include "alerting/ruletest/random_world.h"

namespace synoptic::alerting {
namespace {

constexpr int64_t kScrapeMs = 30'000;
constexpr int64_t kLightsOut = 1'500'000;

// One part's series up to `end_ms`; what comes after `turn_ms` is another's choice. Lags obey
// physics, counters rise, the rest wanders.
void Live(uint64_t seed, uint64_t turn_seed, int64_t turn_ms, int64_t end_ms,
          const promql::Topology& topology, int part, SampleStore& store) {
  Random chosen(seed);
  const auto series = [&](const char* name, const std::string& job, const std::string& db) {
    promql::LabelsBuilder labels(topology.shards[static_cast<size_t>(part)].labels);
    labels.Set("__name__", name).Set("job", job).Set("instance", job + std::to_string(part));
    if (!db.empty()) labels.Set("db", db);
    const std::string kind = name;
    Random before(chosen.Below(1'000'000)), after(turn_seed + chosen.Below(1'000'000));
    double value = static_cast<double>(before.Below(40));
    int64_t last = 0;
    for (int64_t t = static_cast<int64_t>(before.Below(kScrapeMs)); t <= end_ms; t += kScrapeMs) {
      Random& random = t <= turn_ms ? before : after;
      const double passed = static_cast<double>(t - last) / 1000;
      last = t;
      if (kind == "lag_seconds") {
        // Behind by ever more, or caught up in part.
        value = random.Chance(60) ? value + passed * static_cast<double>(random.Below(101)) / 100
                                  : value * static_cast<double>(random.Below(101)) / 100;
      } else if (kind == "reqs_total") {
        value += static_cast<double>(random.Below(50));
      } else {
        value = random.Chance(70) ? 1 : 0;
      }
      ASSERT_TRUE(store.Append(labels.Build(), part, t, value).ok());
    }
  };
  for (const char* job : {"a", "b"}) {
    if (chosen.Chance(70)) series("reqs_total", job, "");
    if (chosen.Chance(70)) series("up", job, "");
    for (const char* db : {"x", "y"}) {
      if (chosen.Chance(60)) series("lag_seconds", job, db);
    }
  }
}

LeafAnswer AskStore(const SampleStore& store, const std::string& text, int64_t now_ms,
                    const std::set<int>& dark) {
  LeafAnswer answer;
  const auto result = store.Query(text, promql::Grid::Instant(now_ms), false, {now_ms, dark}, {});
  if (!result.ok()) return answer;
  answer.usable = true;
  const auto elements = ElementsOf(result->value);
  for (const RuleAnswer::Element& e : *elements) answer.elements.emplace_back(e.labels, e.value);
  answer.missing.assign(dark.begin(), dark.end());
  return answer;
}

// Whether what was assumed of a leaf's unit is so.
bool Holds(const LeafUnit& unit,
           const std::vector<std::pair<promql::Labels, BoundedValue>>& assumed,
           const LeafAnswer& truth) {
  std::map<promql::Labels, double> values;
  for (const auto& [labels, value] : truth.elements) {
    if (unit.kind.CanBe(labels)) values[labels] = value;
  }
  if (values.size() != assumed.size()) return false;
  return std::all_of(assumed.begin(), assumed.end(), [&](const auto& entry) {
    const auto it = values.find(entry.first);
    return it != values.end() && Allows(entry.second, it->second);
  });
}

TEST(LastSeenProperty, WhatIsAssumedHoldsWhereverItsAssumptionsDo) {
  const promql::Topology topology = World();
  const auto world = std::make_shared<const promql::Topology>(topology);
  // More of them when hunting: SYNOPTIC_PROPERTY_SEEDS=12000.
  const char* wish = std::getenv("SYNOPTIC_PROPERTY_SEEDS");
  const uint64_t seeds = wish == nullptr ? 300 : std::strtoull(wish, nullptr, 10);
  int amended = 0, held = 0, lags = 0, closed = 0;
  for (uint64_t seed = 0; seed < seeds; ++seed) {
    Random random(seed);
    const std::string text = Expressions(random).Vector(1 + static_cast<int>(random.Below(4)));
    if (!promql::ParseExpr(text).ok()) continue;
    const std::set<int> dark = random.Pick<std::set<int>>({{0}, {0, 1}, {2}, {2, 3}, {0, 3}});
    const int64_t now = kLightsOut + static_cast<int64_t>(random.Below(600)) * 1000;
    const auto fill = [&](SampleStore& store, uint64_t turn) {
      for (int part = 0; part < static_cast<int>(topology.shards.size()); ++part) {
        Live(seed * 31 + static_cast<uint64_t>(part), dark.contains(part) ? turn * 1'000'003 : 7,
             kLightsOut, now, topology, part, store);
      }
    };
    SampleStore seen;
    fill(seen, 0);
    const auto tree = *promql::ParseExpr(text);
    LastSeen last_seen(*tree, world, {.lag = true, .change = random.Chance(70)});
    for (int64_t t = kLightsOut - 25 * 15'000; t <= kLightsOut; t += 15'000) {
      std::vector<LeafAnswer> answers;
      for (const std::string& q : last_seen.questions()) {
        answers.push_back(AskStore(seen, q, t, {}));
      }
      last_seen.Learn(t, answers);
    }
    const promql::ShardSet unseen(dark.begin(), dark.end());
    const LeafPlan plan = PlanLeaves(*promql::ParseExpr(text), topology, unseen);
    std::vector<LeafAnswer> answers;
    for (const Leaf& leaf : plan.leaves) {
      answers.push_back(AskStore(seen, leaf.text, now, dark));
      if (leaf.unaffected) answers.back().missing.clear();
    }
    const Basis basis = last_seen.Amend(plan, now, answers);
    if (!basis.any()) continue;
    EXPECT_GT(basis.seen_ms, 0);
    ++amended;
    const PartialVector believed =
        EvaluateBounds(plan, topology, answers, static_cast<double>(now) / 1000);
    closed += believed.open.empty() ? 1 : 0;
    for (uint64_t turn = 1; turn <= 5; ++turn) {
      SampleStore full;
      fill(full, turn);
      bool so = true;
      for (size_t i = 0; i < plan.leaves.size(); ++i) {
        const LeafAnswer truth = AskStore(full, plan.leaves[i].text, now, {});
        for (const LeafUnit& unit : UnitsOf(plan.leaves[i], topology)) {
          const auto assumed = answers[i].assumed.find(unit.shards.front());
          if (assumed == answers[i].assumed.end()) continue;
          const bool holds = Holds(unit, assumed->second, truth);
          const bool physics = AsLag(**promql::ParseExpr(plan.leaves[i].text)).has_value();
          if (physics) {
            ++lags;
            EXPECT_TRUE(holds) << "seed " << seed << ": " << plan.leaves[i].text;
          }
          so = so && holds;
        }
      }
      if (!so) continue;
      ++held;
      const auto truth = full.Query(text, promql::Grid::Instant(now), false, {now, {}}, {});
      if (!truth.ok()) continue;
      const std::string wrong = Contradiction(believed, *ElementsOf(truth->value));
      ASSERT_EQ(wrong, "") << "seed " << seed << " turn " << turn << ": " << text << "\n"
                           << Shown(believed);
    }
  }
  RecordProperty("amended", amended);
  RecordProperty("held", held);
  // The assumptions apply, hold and decide often enough to be tested.
  EXPECT_GT(amended * 4, static_cast<int>(seeds));
  EXPECT_GT(held, amended);
  EXPECT_GT(lags, amended);
  EXPECT_GT(closed * 3, amended);
  std::printf("%d amended, %d held, %d lags, %d closed\n", amended, held, lags, closed);
}

}  // namespace
}  // namespace synoptic::alerting
