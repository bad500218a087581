// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/promql/random_query.h"

#include "fmt/format.h"

namespace synoptic::promqltest {

// splitmix64: the standard library's distributions differ between implementations.
uint64_t RandomQuery::Below(uint64_t limit) {
  state_ += 0x9e3779b97f4a7c15;
  uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return (z ^ (z >> 31)) % limit;
}

std::string RandomQuery::Selector() {
  const std::string name = Pick({"c_total", "c_total", "m", "m", "n", "one", "h_bucket", "nope"});
  return name + Pick({"", "", "", R"({job="a"})", R"({i=~"0|1"})", R"({job!="a"})",
                      R"({region="eu"})", R"({region!="eu"})", R"({region=~"eu|us",job="b"})",
                      R"({shard="a"})", R"({shard!="a"})", R"({shard=""})", R"({region="mars"})"});
}

std::string RandomQuery::Modifier() {
  return Pick({"", "", "", "", "", "", " offset 1m", " offset -45s", " @ 300", " @ start()",
               " @ end()", " @ 500 offset 30s"});
}

std::string RandomQuery::RangeSelector(int depth) {
  const std::string range = Pick({"1m", "90s", "2m", "5m", "31s"});
  if (depth > 0 && Chance(25)) {
    return fmt::format("({})[{}:{}]{}", Vector(depth - 1), range, Pick({"", "30s", "17s", "1m"}),
                       Modifier());
  }
  return fmt::format("{}[{}]{}", Selector(), range, Modifier());
}

std::string RandomQuery::Scalar(int depth) {
  if (depth > 0 && Chance(20)) return fmt::format("scalar({})", Vector(depth - 1));
  if (depth > 0 && Chance(20)) {
    return fmt::format("({} {} {})", Scalar(depth - 1), Pick({"+", "-", "*", "/"}),
                       Scalar(depth - 1));
  }
  return Pick({"1", "2", "0.5", "10", "time()", "3"});
}

std::string RandomQuery::RangeFunction(int depth) {
  const std::string name =
      Pick({"rate", "rate", "rate", "increase", "delta", "irate", "avg_over_time", "sum_over_time",
            "max_over_time", "count_over_time", "last_over_time", "stddev_over_time",
            "absent_over_time", "present_over_time", "changes", "deriv", "resets"});
  return fmt::format("{}({})", name, RangeSelector(depth));
}

std::string RandomQuery::Function(int depth) {
  switch (Below(8)) {
    case 0:
      return fmt::format(R"x(label_replace({}, "{}", "x$1", "{}", "(.*)"))x", Vector(depth - 1),
                         Pick({"q", "job", "region", "shard"}), Pick({"i", "job", "region"}));
    case 1:
      return fmt::format("histogram_quantile(0.9, {})",
                         Pick({"h_bucket", "rate(h_bucket[2m])", "sum by (le) (h_bucket)",
                               "sum by (le, region) (rate(h_bucket[2m]))"}));
    case 2:
      return fmt::format("clamp_max({}, {})", Vector(depth - 1), Scalar(1));
    case 3:
      return fmt::format("vector({})", Scalar(depth - 1));
    case 4:
      return fmt::format("-({})", Vector(depth - 1));
    default:
      return fmt::format("{}({})", Pick({"abs", "absent", "timestamp", "sgn", "round", "sort"}),
                         Vector(depth - 1));
  }
}

std::string RandomQuery::Aggregation(int depth) {
  const std::string op = Pick({"sum", "sum", "avg", "avg", "count", "min", "max", "group", "stddev",
                               "stdvar", "topk", "bottomk", "quantile", "limit_ratio"});
  std::string param;
  if (op == "topk" || op == "bottomk") param = Pick({"1, ", "2, ", "3, "});
  if (op == "quantile" || op == "limit_ratio") param = "0.5, ";
  const std::string grouping =
      Pick({"", "", " by (job)", " by (region)", " by (region, job)", " by (shard)", " by (i)",
            " by (region, shard)", " without (i)", " without (region)", " without (shard, i)",
            " without ()"});
  return fmt::format("{}{} ({}{})", op, grouping, param, Vector(depth - 1));
}

std::string RandomQuery::WithScalar(int depth) {
  const std::string op = Pick({"+", "-", "*", "/", ">", "<", "> bool", "^"});
  if (Chance(40)) return fmt::format("({} {} {})", Scalar(1), op, Vector(depth - 1));
  return fmt::format("({} {} {})", Vector(depth - 1), op, Scalar(1));
}

std::string RandomQuery::WithVector(int depth) {
  const std::string op = Pick({"+", "-", "*", "/", ">", "< bool", "=="});
  const std::string matching =
      Pick({"", "", "on (job, i, region, shard)", "on (region) group_left", "on (region, shard)",
            "on (job)", "ignoring (i) group_left", "ignoring (shard)", "on (region) group_right",
            "on (job) group_left (region)", "on ()", "fill (0)"});
  return fmt::format("({} {} {} {})", Vector(depth - 1), op, matching, Vector(depth - 1));
}

std::string RandomQuery::SetOperation(int depth) {
  return fmt::format("({} {} {} {})", Vector(depth - 1), Pick({"and", "or", "unless"}),
                     Pick({"", "on (job)", "on (region)", "ignoring (i)", "on (region, job, i)"}),
                     Vector(depth - 1));
}

std::string RandomQuery::Query(int depth) {
  // Only on top, since its many equal counts make ties; rounded, since its labels are values to the
  // last digit and the order of additions decides that one.
  if (Chance(5)) {
    return fmt::format(R"(count_values{} ("v", round({})))",
                       Pick({"", " by (region)", " by (job)", " without (i)"}), Vector(depth));
  }
  return Vector(depth);
}

std::string RandomQuery::Vector(int depth) {
  const uint64_t kind = Below(100);
  if (depth <= 0 || kind < 15) return Selector() + Modifier();
  if (kind < 35) return RangeFunction(depth);
  if (kind < 45) return Function(depth);
  if (kind < 70) return Aggregation(depth);
  if (kind < 78) return WithScalar(depth);
  if (kind < 90) return WithVector(depth);
  return SetOperation(depth);
}

}  // namespace synoptic::promqltest
