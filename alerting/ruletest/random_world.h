// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Random expressions and random contents of a small world, for property tests: equal seeds, equal
// tests on every machine.
#pragma once

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "alerting/ruletest/sample_store.h"
#include "promql/model/topology.h"

namespace synoptic::alerting {

inline constexpr int64_t kNow = 1'200'000;

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

// Instant vectors over reqs_total, lag_seconds and up.
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
        return "lag_seconds" + Matchers();
      case 1:
        return "up" + Matchers();
      case 2:
        return "reqs_total" + Matchers();
      case 3:
        return "max_over_time(lag_seconds" + Matchers() + "[5m])";
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

inline void Fill(Random& random, const promql::Topology& topology, int part, SampleStore& store) {
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
      if (random.Chance(50)) series("lag_seconds", job, db, false, false);
    }
  }
}

// One region has two shards.
inline promql::Topology World() {
  promql::Topology topology;
  topology.shards.push_back({"us", "1", promql::Labels::From({{"region", "us"}, {"shard", "1"}})});
  topology.shards.push_back({"us", "2", promql::Labels::From({{"region", "us"}, {"shard", "2"}})});
  topology.shards.push_back({"eu", "1", promql::Labels::From({{"region", "eu"}})});
  topology.shards.push_back({"ap", "1", promql::Labels::From({{"region", "ap"}})});
  return topology;
}

}  // namespace synoptic::alerting
