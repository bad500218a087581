// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Rules as loaded: plain values, immutable after loading.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "alerting/bounds/assumption.h"
#include "alerting/rule/tier.h"
#include "promql/plan/plan.h"

namespace synoptic::alerting {

// What a rule does when a part of the topology that it needs is unseen.
enum class OnPartial {
  kEvaluateIfSafe,  // default: what is proven seen is evaluated, the rest is held
  kHold,            // hold everything of this rule until all is seen
  kEvaluate,        // evaluate what came, as if it were all
  kFail,            // the evaluation fails
};

// Who must contribute to a rule.
struct Expect {
  std::vector<std::string> regions;
  int64_t min_series = 1;  // of each selector, in each region
  friend bool operator==(const Expect&, const Expect&) = default;
};

// Either an alerting or a recording rule: one of `alert` and `record` is set.
struct Rule {
  std::string alert;
  std::string record;
  std::string expr;             // canonical text: rules run from the printed tree
  std::string expr_as_written;  // empty once it runs
  int64_t for_ms = 0;
  int64_t keep_firing_for_ms = 0;
  // Templates in alerting rules; group labels merged in.
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;  // templates
  std::string clear;            // empty: a firing alert is over when `expr` no longer holds
  std::string clear_question;   // what is asked for it
  bool clear_compares = false;  // the question's value is 0 while it is not clear, 1 when it is
  std::string rolls_up_to;      // the alert that stands for this rule's while it fires
  std::optional<Expect> expect;
  Assumptions assume;  // of what is unseen, beyond what is certain
  promql::Locality locality = promql::Locality::kGlobal;
  std::optional<Tier> tier;    // that it says it is of (said_tier.h)
  bool at_each_place = false;  // `expr` is what was written, asked of each place by itself
  int line = 0;

  bool alerting() const { return record.empty(); }
  const std::string& name() const { return alerting() ? alert : record; }
};

// The lowest tier that decides what has this locality.
Tier TierOf(promql::Locality locality);

class Querier;

// How late inputs may be: up to `max_offset` later than their time rules wait for them, by asking
// as of so much earlier; what is older than `max_age` then is stale.
struct FreshnessBounds {
  int64_t max_offset_ms = 0;
  int64_t max_age_ms = 120'000;
  friend bool operator==(const FreshnessBounds&, const FreshnessBounds&) = default;
};

struct RuleGroup {
  std::string file;
  std::string name;
  int64_t interval_ms = 60'000;
  int64_t query_offset_ms = 0;
  std::optional<FreshnessBounds> freshness;  // inputs' delays are measured (input_delays.h)
  int limit = 0;                             // 0: none
  OnPartial on_partial = OnPartial::kEvaluateIfSafe;
  int64_t hold_for_ms = 3'600'000;  // how long an unseen firing alert counts as held
  bool set_tier_label = false;      // the file asks for tiers: alerts get a `tier` label
  std::optional<Tier> tier;         // explicit; otherwise by what rules say, and their locality
  Querier* querier = nullptr;       // who answers its questions; null: the regions
  std::vector<Rule> rules;

  // The tier of one of this group's rules.
  Tier TierOf(const Rule& rule) const;
};

// A group as it runs: with the labels that alerts get beside their own (of their tier where the
// group asks for it, of what stands for them), and without what only those who look at its file
// need. A group that is ready stays as it is.
RuleGroup ReadyToRun(RuleGroup group);

}  // namespace synoptic::alerting
