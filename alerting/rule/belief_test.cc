// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/rule/belief.h"

#include <gtest/gtest.h>

namespace synoptic::alerting {
namespace {

promql::Labels Db(const std::string& db) { return promql::Labels::From({{"db", db}}); }
promql::Labels AlertOf(const std::string& db) {
  return promql::Labels::From({{"alertname", "A"}, {"db", db}});
}

struct Fixture {
  Rule rule;
  ExpansionContext context;
  RuleState state;
  RuleAnswer answer;
  StepInput input;
  Judged proven;
  Judged believed;

  Fixture() {
    rule.alert = "A";
    proven.unseen.proven = believed.unseen.proven = true;
  }
  // The elements that are left, with `?` behind what is only believed.
  std::string Said() {
    Believe(proven, believed, "lags grow", rule, context, state, answer, input);
    std::string said;
    for (const RuleAnswer::Element& element : answer.elements) {
      said += std::string(element.labels.Get("db"));
      if (answer.belief.unproven.contains(element.labels)) said += '?';
      said += ' ';
    }
    return said;
  }
};

TEST(Belief, WhatIsProvenStaysThoughTheAssumptionLeavesItOut) {
  Fixture f;
  f.proven.elements = {{Db("left out"), 1}, {Db("undecided"), 2}, {Db("both"), 3}};
  f.believed.elements = {{Db("new"), 4}, {Db("both"), 5}};
  f.believed.unseen.undecided = {AlertOf("undecided"), AlertOf("other")};
  EXPECT_EQ(f.Said(), "left out undecided both new? ");
  EXPECT_EQ(f.answer.elements[2].value, 3);
  EXPECT_EQ(f.input.unseen.undecided, std::set<promql::Labels>{AlertOf("other")});
  EXPECT_EQ(f.input.belief, "lags grow");
}

TEST(Belief, NarrowerBoundsAreToldBesideWhatIsProven) {
  Fixture f;
  f.proven.elements = {{Db("a"), 1, nullptr, 0, 100}, {Db("b"), 1, nullptr, 0, 100}};
  f.believed.elements = {{Db("a"), 1, nullptr, 10, 20}, {Db("b"), 1, nullptr, 0, 100}};
  EXPECT_EQ(f.Said(), "a b ");
  EXPECT_EQ(f.answer.elements[0].high, 100);
  ASSERT_EQ(f.answer.belief.bounds.size(), 1u);
  EXPECT_EQ(f.answer.belief.bounds[Db("a")], (std::pair<double, double>(10, 20)));
}

TEST(Belief, AnAlertIsOverByBeliefWhereOnlyProofWouldHoldIt) {
  Fixture f;
  for (const char* db : {"over", "held", "gone"}) {
    Alert& alert = f.state.alerts[AlertOf(db)];
    alert.labels = AlertOf(db);
    alert.status = AlertStatus::kFiring;
  }
  f.proven.unseen.undecided = {AlertOf("over"), AlertOf("held")};
  f.believed.unseen.undecided = {AlertOf("held")};
  EXPECT_EQ(f.Said(), "");
  EXPECT_EQ(f.input.over_by_belief, std::set<promql::Labels>{AlertOf("over")});
}

}  // namespace
}  // namespace synoptic::alerting
