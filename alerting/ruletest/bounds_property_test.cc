// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What is proven over bounds is true: for random expressions, random dark regions and random
// contents of them that keep to the bounds, the value with all data is one that the result allows.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "alerting/bounds/evaluate.h"
#include "alerting/ruletest/memory_querier.h"
#include "alerting/ruletest/random_world.h"
#include "base/status.h"

namespace synoptic::alerting {
namespace {

bool Allows(const BoundedValue& bounds, double value) {
  if (bounds.exact) return bounds.lo == value || (std::isnan(bounds.lo) && std::isnan(value));
  if (!std::isfinite(value)) return bounds.nan;
  return bounds.lo <= value && value <= bounds.hi;
}

std::string Shown(const BoundedValue& v) {
  return absl::StrCat(v.exact ? "=" : "", "[", v.lo, ", ", v.hi, v.nan ? " nan]" : "]");
}

std::string Shown(const PartialVector& vector) {
  std::string text;
  for (const PartialElement& e : vector.elements) {
    const std::string_view name = domain::VerdictName(e.present);
    absl::StrAppend(&text, "  ", e.labels.ToString(), " ", Shown(e.value), " ",
                    absl::string_view(name.data(), name.size()), "\n");
  }
  for (const OpenKind& kind : vector.open) {
    absl::StrAppend(&text, "  open", kind.only ? " only" : "");
    for (const auto& [name, value] : kind.fixed) absl::StrAppend(&text, " ", name, "=", value);
    absl::StrAppend(&text, " ", Shown(kind.value), "\n");
  }
  return text;
}

// What the true value has that the result does not allow; empty when there is nothing.
std::string Contradiction(const PartialVector& proven,
                          const std::vector<RuleAnswer::Element>& truth) {
  std::map<promql::Labels, double> values;
  for (const RuleAnswer::Element& element : truth) values[element.labels] = element.value;
  std::map<promql::Labels, const PartialElement*> listed;
  for (const PartialElement& element : proven.elements) {
    listed[element.labels] = &element;
    const bool there = values.contains(element.labels);
    if (element.present == domain::Verdict::kTrue && !there) {
      return element.labels.ToString() + " should be there";
    }
    if (element.present == domain::Verdict::kFalse && there) {
      return element.labels.ToString() + " should not be there";
    }
  }
  for (const auto& [labels, value] : values) {
    const std::string what = absl::StrCat(labels.ToString(), " ", value);
    if (const auto it = listed.find(labels); it != listed.end()) {
      if (!Allows(it->second->value, value)) return what + " is out of bounds";
      continue;
    }
    bool open = false;
    for (const OpenKind& kind : proven.open) {
      open = open || (kind.CanBe(labels) && Allows(kind.value, value));
    }
    if (!open) return what + " is of no open kind";
  }
  return "";
}

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
