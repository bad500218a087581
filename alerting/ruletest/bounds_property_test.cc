// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What is proven over bounds is true: for random expressions, random dark regions and random
// contents of them that keep to the bounds, the value with all data is one that the result allows.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "absl/strings/str_cat.h"
#include "alerting/bounds/evaluate.h"
#include "alerting/ruletest/memory_querier.h"
#include "base/status.h"

namespace synoptic::alerting {
namespace {

constexpr int64_t kNow = 1'200'000;

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  size_t Below(size_t n) { return engine_() % n; }
  bool Chance(size_t percent) { return Below(100) < percent; }
  template <class T>
  T Pick(std::initializer_list<T> choices) {
    return choices.begin()[Below(choices.size())];
  }

 private:
  std::mt19937_64 engine_;
};

// Instant vectors over reqs_total, lag and up.
class Expressions {
 public:
  explicit Expressions(Random& random) : random_(random) {}

  std::string Vector(int depth) {
    if (depth == 0) return Leaf();
    switch (random_.Below(12)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return Aggregation(depth);
      case 4:
      case 5:
        return absl::StrCat("(", Vector(depth - 1), " ", Operator(), " ", Number(), ")");
      case 6:
        return absl::StrCat("(", Number(), " ", Operator(), " ", Vector(depth - 1), ")");
      case 7:
      case 8:
        return absl::StrCat("(", Vector(depth - 1), " ", Operator(), " ", Matching(), " ",
                            Vector(depth - 1), ")");
      case 9:
        return absl::StrCat("(", Vector(depth - 1), " ",
                            random_.Pick<const char*>({"and", "or", "unless"}), " ",
                            random_.Chance(60) ? Matching() : "", " ", Vector(depth - 1), ")");
      case 10:
        return Function(depth);
      default:
        return Leaf();
    }
  }

 private:
  std::string Matchers() {
    return random_.Pick<const char*>(
        {"", "", "", "{region=\"us\"}", "{region!=\"us\"}", "{job=\"a\"}", "{region=~\"eu|ap\"}"});
  }
  std::string Leaf() {
    switch (random_.Below(6)) {
      case 0:
        return "lag" + Matchers();
      case 1:
        return "up" + Matchers();
      case 2:
        return "reqs_total" + Matchers();
      case 3:
        return "max_over_time(lag" + Matchers() + "[5m])";
      case 4:
        return "count_over_time(up" + Matchers() + "[5m])";
      default:
        return "rate(reqs_total" + Matchers() + "[5m])";
    }
  }
  std::string Labels() {
    return random_.Pick<const char*>({"", "region", "job", "db", "region, job", "region, db",
                                      "instance", "region, instance, job"});
  }
  std::string Aggregation(int depth) {
    const std::string grouping =
        random_.Chance(25)
            ? ""
            : absl::StrCat(random_.Chance(70) ? "by" : "without", " (", Labels(), ")");
    const char* op = random_.Pick<const char*>({"sum", "sum", "sum", "max", "max", "min", "count",
                                                "avg", "group", "stddev", "topk", "quantile"});
    const std::string parameter = std::string(op) == "topk"       ? "2, "
                                  : std::string(op) == "quantile" ? "0.5, "
                                                                  : "";
    return absl::StrCat(op, " ", grouping, " (", parameter, Vector(depth - 1), ")");
  }
  std::string Operator() {
    return random_.Pick<const char*>(
        {"+", "-", "*", "/", "/", ">", ">", "<", ">=", "<=", "==", "!=", "> bool", "< bool", "%"});
  }
  std::string Matching() {
    return random_.Pick<const char*>({"on ()", "on (region)", "on (job)", "on (region, job)",
                                      "ignoring (instance)", "ignoring (region)", "on (db)"});
  }
  std::string Number() {
    return random_.Pick<const char*>(
        {"0", "1", "2", "5", "10", "0.5", "-3", "100", "scalar(vector(4))"});
  }
  std::string Function(int depth) {
    const std::string inner = Vector(depth - 1);
    switch (random_.Below(7)) {
      case 0:
        return absl::StrCat("absent(", inner, ")");
      case 1:
        return absl::StrCat("abs(", inner, ")");
      case 2:
        return absl::StrCat("-", inner);
      case 3:
        return absl::StrCat("clamp_max(", inner, ", 7)");
      case 4:
        return absl::StrCat("vector(scalar(", inner, "))");
      case 5:
        return absl::StrCat("label_replace(", inner, ", \"job\", \"$1\", \"db\", \"(.*)\")");
      default:
        return absl::StrCat("ceil(", inner, ")");
    }
  }

  Random& random_;
};

void Fill(Random& random, const promql::Topology& topology, int part, SampleStore& store) {
  const auto series = [&](const char* name, const std::string& job, const std::string& db,
                          bool counter, bool boolean) {
    promql::LabelsBuilder labels(topology.shards[static_cast<size_t>(part)].labels);
    labels.Set("__name__", name).Set("job", job).Set("instance", job + std::to_string(part));
    if (!db.empty()) labels.Set("db", db);
    double value = 0;
    for (int64_t t = 0; t <= kNow; t += 60'000) {
      const double step = random.Pick<double>({0, 1, 3, 0.25, 50, 1000});
      if (counter) {
        value += step;
      } else if (boolean) {
        value = random.Chance(70) ? 1 : 0;
      } else {
        value = random.Chance(30) ? -step : step;
      }
      ASSERT_TRUE(store.Append(labels.Build(), part, t, value).ok());
    }
  };
  for (const char* job : {"a", "b"}) {
    if (random.Chance(70)) series("reqs_total", job, "", true, false);
    if (random.Chance(70)) series("up", job, "", false, true);
    for (const char* db : {"x", "y"}) {
      if (random.Chance(50)) series("lag", job, db, false, false);
    }
  }
}

// One region has two shards.
promql::Topology World() {
  promql::Topology topology;
  topology.shards.push_back({"us", "1", promql::Labels::From({{"region", "us"}, {"shard", "1"}})});
  topology.shards.push_back({"us", "2", promql::Labels::From({{"region", "us"}, {"shard", "2"}})});
  topology.shards.push_back({"eu", "1", promql::Labels::From({{"region", "eu"}})});
  topology.shards.push_back({"ap", "1", promql::Labels::From({{"region", "ap"}})});
  return topology;
}

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
  for (uint64_t seed = 0; seed < 2000; ++seed) {
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
