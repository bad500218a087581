// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/compat/engine/generator.h"

#include <algorithm>

#include "fmt/format.h"

namespace synoptic::compat {

using promql::ValueType;

Question Generator::Next() {
  Question question;
  question.world = rng_.Below(worlds_.size());
  world_ = &worlds_[question.world];
  question.delayed_name_removal = rng_.Chance(50);
  question.use_start_timestamps = world_->start_timestamps && rng_.Chance(70);
  question.range = rng_.Chance(60);
  const int64_t minute = 60'000;
  const int64_t at = rng_.Between(world_->start - 3 * minute, world_->end + 6 * minute);
  question.grid = promql::Grid::Instant(at);
  if (question.range) {
    constexpr int64_t kSteps[] = {15'000, 30'000, 60'000, 7'001, 1'000, 45'300, 300'000, 1'200'000};
    question.grid.step = kSteps[rng_.Below(std::size(kSteps))];
    question.grid.end = at + question.grid.step * rng_.Between(0, rng_.Chance(20) ? 60 : 12) +
                        (rng_.Chance(30) ? rng_.Between(0, question.grid.step - 1) : 0);
  } else if (rng_.Chance(20)) {
    // Where a sample is, or just beside it.
    question.grid = promql::Grid::Instant(at / 15'000 * 15'000);
  }
  question.text = Query();
  question.type_and_unit_labels = rng_.Chance(25);
  return question;
}

std::string Generator::Query() {
  const int depth = static_cast<int>(rng_.Below(4));
  const uint64_t kind = rng_.Below(100);
  if (kind < 3) return Matrix(1);
  if (kind < 7) return Scalar(2);
  if (kind < 8) return Text();
  return Vector(depth);
}

std::string Generator::Vector(int depth) {
  const uint64_t kind = rng_.Below(100);
  if (depth <= 0 || kind < 8) return Selector() + Modifiers();
  if (kind < 40) return Call(depth);
  if (kind < 62) return Aggregation(depth);
  if (kind < 86) return Arithmetic(depth);
  if (kind < 90) return LabelFunction(depth);
  if (kind < 95) return HistogramFunction(depth);
  if (kind < 97) return Info(depth);
  if (kind < 98) return fmt::format("({})", Vector(depth));
  return rng_.Pick({"-", "+"}) + Vector(depth - 1);
}

std::string Generator::Name() {
  return rng_.Pick({"c_total",     "c_total",      "g",     "g",           "other",
                    "sparse",      "typed_total",  "nh",    "nh",          "nh_gauge",
                    "nhcb",        "mixed",        "mixed", "many",        "single",
                    "h_bucket",    "h_count",      "h_sum", "target_info", "build_info",
                    "nhcb_broken", "absent_metric"});
}

std::string Generator::Matchers() {
  return rng_.Pick({R"(job="a")", R"(job!="a")", R"(job=~"a|b")", R"(instance=~"i[01]")",
                    R"(instance!~"i1")", R"(job="")", R"(job!="")", R"(x=~".*")", R"(le="1")",
                    R"(le!="+Inf")", R"(n=~"[0-4]")", R"(even="true")", R"(version="1")",
                    R"(instance="i0")", R"(job="a",instance="i0")", R"(job="zz")",
                    R"(__type__="counter")"});
}

std::string Generator::Selector() {
  const uint64_t kind = rng_.Below(100);
  if (kind < 55) return Name();
  if (kind < 88) return fmt::format("{}{{{}}}", Name(), Matchers());
  if (kind < 91) return R"({"my.metric"})";
  if (kind < 93) return R"({"my.metric","läbel.x"=~"ü.*\n"})";
  if (kind < 94) return R"({"温度"})";
  return rng_.Pick({R"({__name__=~"g|other"})", R"({__name__=~"nh.*",job="a"})",
                    R"({__name__=~"c_total|mixed",instance="i0"})", R"({job="b",instance="i1"})",
                    R"({__name__=~".*_info"})", R"({__name__!~"h_bucket|g",job="c"})"});
}

std::string Generator::Duration(bool positive) {
  const std::string plain =
      rng_.Pick({"1m", "5m", "90s", "30s", "2m", "10m", "20m", "15s", "7s", "1m1ms", "61", "1h"});
  if (rng_.Chance(positive ? 8 : 15)) {
    return rng_.Pick({"step()", "(step() + 1m)", "(range() / 2 + 30s)", "(2 * 30s)",
                      "max_of(step(), 45s)", "min_of(range() + 1s, 3m)", "(1m ^ 1)", "(5m % 2m)",
                      "(1m - 2m)", "(-30s)"});
  }
  if (!positive && rng_.Chance(30)) return "-" + plain;
  return plain;
}

std::string Generator::At() {
  if (rng_.Chance(40)) return rng_.Pick({" @ start()", " @ end()"});
  const int64_t at = rng_.Between(world_->start - 100'000, world_->end + 100'000);
  return fmt::format(" @ {:.3f}", static_cast<double>(at) / 1000);
}

std::string Generator::Modifiers() {
  std::string out;
  if (rng_.Chance(12)) out += " offset " + Duration(/*positive=*/false);
  if (rng_.Chance(10)) out += At();
  return out;
}

std::string Generator::Matrix(int depth) {
  if (depth > 0 && rng_.Chance(30)) {
    const std::string step =
        rng_.Chance(30) ? ""
                        : rng_.Pick({"30s", "17s", "1m", "7s", "5m", "step()", "33333ms", "2m"});
    return fmt::format("({})[{}:{}]{}", Vector(depth - 1),
                       rng_.Pick({"1m", "5m", "10m", "90s", "7m3s", "(step() + 1m)"}), step,
                       Modifiers());
  }
  const std::string kind = rng_.Chance(14) ? rng_.Pick({" anchored", " smoothed"}) : "";
  return fmt::format("{}[{}]{}{}", Selector(), Duration(/*positive=*/true), kind, Modifiers());
}

std::string Generator::Number() {
  return rng_.Pick({"0", "1", "2", "3", "-1", "0.5", "0.9", "-0.3", "NaN", "Inf", "-Inf", "1e-7",
                    "100", "1.5", "5m", "-0", "1e300", "0.1", "7"});
}

std::string Generator::Scalar(int depth) {
  const uint64_t kind = rng_.Below(100);
  if (depth <= 0 || kind < 45) return Number();
  if (kind < 55) return "time()";
  if (kind < 62) return rng_.Pick({"pi()", "start()", "end()", "step()", "range()"});
  if (kind < 66) {
    return fmt::format("{}({}, {})", rng_.Pick({"min_of", "max_of"}), Scalar(depth - 1),
                       Scalar(depth - 1));
  }
  if (kind < 80) return fmt::format("scalar({})", Vector(depth - 1));
  if (kind < 85) return fmt::format("-({})", Scalar(depth - 1));
  return fmt::format("({} {} {})", Scalar(depth - 1),
                     rng_.Pick({"+", "-", "*", "/", "%", "^", "atan2", "> bool", "== bool"}),
                     Scalar(depth - 1));
}

std::string Generator::Text() {
  return rng_.Pick({R"("")", R"("job")", R"("x")", R"("le")", R"("instance")", R"("$1")",
                    R"x("(.*)")x", R"x("i(.)")x", R"("-")", R"("a.b")", R"("__name__")",
                    R"("v$1-${2}")", R"("[")", R"("n")", R"("läbel.x")", R"x("(?P<q>.)x?")x",
                    R"("$q")", R"("version")"});
}

std::string Generator::Labels(int most) {
  std::string out;
  for (int i = 0; i < most && rng_.Chance(65); ++i) {
    if (!out.empty()) out += ", ";
    out += rng_.Pick({"job", "job", "instance", "instance", "le", "x", "n", "even", "version",
                      "__name__", "\"läbel.x\"", "nope", "__type__"});
  }
  return out;
}

std::string Generator::Argument(ValueType type, int depth) {
  if (rng_.Chance(1)) return rng_.Chance(50) ? Number() : Selector();  // of a wrong type perhaps
  switch (type) {
    case ValueType::kScalar:
      return Scalar(depth - 1);
    case ValueType::kString:
      return Text();
    case ValueType::kMatrix:
      return Matrix(depth - 1);
    default:
      return Vector(depth - 1);
  }
}

std::string Generator::CallOf(const promql::Function& function, int depth) {
  size_t count = function.args.size();
  if (function.variadic > 0) {
    count -= rng_.Below(std::min(count, static_cast<size_t>(function.variadic)) + 1);
  }
  if (function.variadic < 0) {
    count = count - 1 + rng_.Below(3);
  }
  std::string out(function.name);
  out += '(';
  for (size_t i = 0; i < count; ++i) {
    if (i > 0) out += ", ";
    out += Argument(function.args[std::min(i, function.args.size() - 1)], depth);
  }
  return out + ")";
}

std::string Generator::Call(int depth) {
  if (rng_.Chance(35)) {
    const promql::Function* often = promql::FindFunction(rng_.Pick(
        {"rate", "increase", "delta", "irate", "idelta", "avg_over_time", "sum_over_time",
         "last_over_time", "max_over_time", "quantile_over_time", "stddev_over_time", "resets",
         "changes", "deriv", "predict_linear", "count_over_time", "timestamp"}));
    return CallOf(*often, depth);
  }
  for (;;) {
    const auto all = promql::AllFunctions();
    const promql::Function& function = all[rng_.Below(all.size())];
    if (function.id == promql::FunctionId::kInfo) return Info(depth);
    // integral came with 3.16.
    if (function.id == promql::FunctionId::kIntegral) continue;
    if (function.returns == ValueType::kVector) return CallOf(function, depth);
  }
}

std::string Generator::LabelFunction(int depth) {
  if (rng_.Chance(60)) {
    return fmt::format("label_replace({}, {}, {}, {}, {})", Vector(depth - 1), Text(), Text(),
                       Text(), Text());
  }
  std::string sources;
  for (uint64_t n = rng_.Below(4); n > 0; --n) sources += ", " + Text();
  return fmt::format("label_join({}, {}, {}{})", Vector(depth - 1), Text(), Text(), sources);
}

// What may be buckets.
std::string Generator::Buckets() {
  const std::string range = Duration(/*positive=*/true);
  switch (rng_.Below(8)) {
    case 0:
      return "h_bucket";
    case 1:
      return fmt::format("rate(h_bucket[{}])", range);
    case 2:
      return fmt::format("sum by (le, job) (rate(h_bucket[{}]))", range);
    case 3:
      return fmt::format("sum by (le) ({})", rng_.Pick({"h_bucket", "nhcb", "nh", "mixed"}));
    case 4:
      return fmt::format("{{__name__=~\"{}\"}}", rng_.Pick({"nh|h_bucket", "nhcb.*", "mixed|g"}));
    case 5:
      return fmt::format("rate({}[{}])", rng_.Pick({"nh", "nhcb", "mixed"}), range);
    default:
      return rng_.Pick({"nh", "nhcb", "mixed", "nh_gauge", "nhcb_broken"});
  }
}

std::string Generator::HistogramFunction(int depth) {
  const std::string buckets = rng_.Chance(80) ? Buckets() : Vector(depth - 1);
  switch (rng_.Below(5)) {
    case 0:
      return fmt::format("histogram_fraction({}, {}, {})", Scalar(1), Scalar(1), buckets);
    case 1:
      return fmt::format("histogram_quantiles({}, \"{}\", {}, 0.9, {})", buckets,
                         rng_.Pick({"q", "le", "job", ""}), Scalar(1), Number());
    case 2:
      return fmt::format("{}({})",
                         rng_.Pick({"histogram_count", "histogram_sum", "histogram_avg",
                                    "histogram_stddev", "histogram_stdvar"}),
                         buckets);
    default:
      return fmt::format("histogram_quantile({}, {})", Scalar(1), buckets);
  }
}

std::string Generator::Info(int depth) {
  const std::string base = rng_.Chance(60) ? Name() : Vector(depth - 1);
  return fmt::format(
      "info({}{})", base,
      rng_.Pick({"", "", R"(, {version=~".+"})", R"(, {data="x"})", R"(, {__name__="build_info"})",
                 R"(, {__name__=~".*_info"})", R"(, {__name__="build_info",build=~".*"})",
                 R"(, {version="2"})", R"(, {data!="y",nope=""})"}));
}

std::string Generator::Aggregation(int depth) {
  const std::string op =
      rng_.Pick({"sum", "sum", "avg", "avg", "count", "min", "max", "group", "stddev", "stdvar",
                 "topk", "bottomk", "count_values", "quantile", "limitk", "limit_ratio"});
  std::string param;
  if (op == "topk" || op == "bottomk" || op == "limitk") {
    param =
        (rng_.Chance(70) ? rng_.Pick({"1", "2", "3", "5", "0", "-1", "1.9"}) : Scalar(1)) + ", ";
  } else if (op == "count_values") {
    param = rng_.Pick({R"("v")", R"("job")", R"("a.b")", R"("")", R"("le")"}) + ", ";
  } else if (op == "quantile" || op == "limit_ratio") {
    param =
        (rng_.Chance(70) ? rng_.Pick({"0.5", "0.9", "0", "1", "-0.4", "1.2", "0.3"}) : Scalar(1)) +
        ", ";
  }
  std::string grouping;
  if (rng_.Chance(55)) {
    grouping = fmt::format(" {} ({})", rng_.Pick({"by", "by", "without"}), Labels(3));
  }
  return fmt::format("{}{} ({}{})", op, grouping, param, Vector(depth - 1));
}

std::string Generator::Matching(bool set_operator) {
  if (rng_.Chance(45)) return "";
  std::string out =
      rng_.Chance(70) ? fmt::format(" {} ({})", "on", rng_.Chance(60) ? "job, instance" : Labels(3))
                      : fmt::format(" ignoring ({})", Labels(3));
  if (set_operator) return out;
  if (rng_.Chance(40)) {
    out += fmt::format(" {} ({})", rng_.Pick({"group_left", "group_right"}),
                       rng_.Chance(50) ? "" : Labels(2));
  }
  if (rng_.Chance(15)) {
    out += fmt::format(" {}({})", rng_.Pick({"fill", "fill_left", "fill_right"}),
                       rng_.Pick({"0", "1.5", "NaN", "-3"}));
  }
  return out;
}

std::string Generator::Arithmetic(int depth) {
  const bool set_operator = rng_.Chance(22);
  std::string op = set_operator
                       ? rng_.Pick({"and", "or", "unless"})
                       : rng_.Pick({"+",  "+",      "-",       "-",       "*",       "/",  "%",
                                    "^",  "atan2",  "==",      "!=",      ">",       "<",  ">=",
                                    "<=", "> bool", "== bool", "!= bool", "<= bool", "</", ">/"});
  std::string left = Vector(depth - 1), right = Vector(depth - 1);
  const uint64_t kind = rng_.Below(100);
  if (!set_operator && kind < 30) {
    right = Scalar(1);
  } else if (!set_operator && kind < 42) {
    left = Scalar(1);
  } else {
    // Alike, so that many match.
    if (rng_.Chance(35)) right = left;
    op += Matching(set_operator);
  }
  return fmt::format("({} {} {})", left, op, right);
}

}  // namespace synoptic::compat
