// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What is proven over bounds is true: for random expressions, random dark regions and random
// contents of them that keep to the bounds, the value with all data is one that the result allows.
#include <gtest/gtest.h>

#include <cstdlib>

#include "alerting/bounds/evaluate.h"
#include "alerting/ruletest/bounds_check.h"
#include "alerting/ruletest/random_world.h"
#include "base/status.h"

namespace synoptic::alerting {
namespace {

struct Tally {
  int checked = 0, decided = 0, proven = 0, closed = 0;
};

PartialVector Prove(const std::string& text, const promql::Topology& topology,
                    const SampleStore& store, const std::set<int>& dark) {
  const promql::ShardSet unseen(dark.begin(), dark.end());
  const LeafPlan plan = PlanLeaves(*promql::ParseExpr(text), topology, unseen);
  std::vector<LeafAnswer> answers;
  for (const Leaf& leaf : plan.leaves) {
    LeafAnswer& answer = answers.emplace_back();
    const auto result =
        store.Query(leaf.text, promql::Grid::Instant(kNow), false, {kNow, dark}, {});
    if (!result.ok()) continue;
    answer.usable = true;
    const auto elements = ElementsOf(result->value);
    for (const RuleAnswer::Element& e : *elements) {
      answer.elements.emplace_back(e.labels, e.value);
    }
    if (!leaf.unaffected) answer.missing = unseen;
  }
  return EvaluateBounds(plan, topology, answers, static_cast<double>(kNow) / 1000);
}

TEST(BoundsProperty, WhatIsProvenHoldsForEveryContentOfTheDark) {
  const promql::Topology topology = World();
  Tally tally;
  // More of them when hunting: SYNOPTIC_PROPERTY_SEEDS=50000.
  const char* wish = std::getenv("SYNOPTIC_PROPERTY_SEEDS");
  const uint64_t seeds = wish == nullptr ? 2000 : std::strtoull(wish, nullptr, 10);
  for (uint64_t seed = 0; seed < seeds; ++seed) {
    Random random(seed);
    const std::string text = Expressions(random).Vector(1 + static_cast<int>(random.Below(4)));
    if (!promql::ParseExpr(text).ok()) continue;
    const std::set<int> dark = random.Pick<std::set<int>>({{0}, {0, 1}, {2}, {2, 3}, {0, 3}});
    const uint64_t seen_seed = seed * 7 + 1;
    const auto fill = [&](SampleStore& store, uint64_t unseen_seed) {
      for (int part = 0; part < static_cast<int>(topology.shards.size()); ++part) {
        Random content((dark.contains(part) ? unseen_seed : seen_seed) * 31 +
                       static_cast<uint64_t>(part));
        if (dark.contains(part) && unseen_seed % 5 == 0) continue;
        Fill(content, topology, part, store);
      }
    };
    SampleStore seen;
    fill(seen, 0);
    const PartialVector proven = Prove(text, topology, seen, dark);
    bool any = false, certain = false;
    for (const PartialElement& e : proven.elements) {
      any = any || e.present != domain::Verdict::kUnknown;
      certain = certain || e.present == domain::Verdict::kTrue;
    }
    tally.decided += any ? 1 : 0;
    tally.proven += certain ? 1 : 0;
    tally.closed += proven.open.empty() ? 1 : 0;
    ++tally.checked;
    for (uint64_t content = 0; content < 6; ++content) {
      SampleStore full;
      fill(full, seed * 13 + content);
      const auto truth = full.Query(text, promql::Grid::Instant(kNow), false, {kNow, {}}, {});
      if (!truth.ok()) continue;  // fails with all data: there is no true value
      const std::string wrong = Contradiction(proven, *ElementsOf(truth->value));
      ASSERT_EQ(wrong, "") << "seed " << seed << " content " << content << ": " << text
                           << "\ndark: " << *dark.begin() << ".." << *dark.rbegin() << "\n"
                           << Shown(proven);
    }
  }
  RecordProperty("checked", tally.checked);
  RecordProperty("with_verdicts", tally.decided);
  // Not by giving up: most expressions have a verdict on something.
  EXPECT_GT(tally.checked, 1500);
  EXPECT_GT(tally.decided * 2, tally.checked);
  EXPECT_GT(tally.proven * 3, tally.checked);
  EXPECT_GT(tally.closed * 8, tally.checked);
}

}  // namespace
}  // namespace synoptic::alerting
