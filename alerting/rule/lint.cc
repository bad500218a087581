// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/rule/lint.h"

#include <map>
#include <set>

#include "base/status.h"
#include "promql/parse/parser.h"

namespace synoptic::alerting {
namespace {

using promql::Aggregate;
using promql::AggregateOp;
using promql::BinaryOp;
using promql::Expr;
using promql::ExprKind;
using promql::FunctionId;

constexpr int64_t kUsualScrapeMs = 15'000;

bool Has(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

// Names of the metrics below a node.
void MetricsOf(const Expr& expr, std::vector<const promql::Matcher*>& out) {
  if (expr.kind == ExprKind::kVectorSelector) {
    for (const auto& matcher : promql::As<promql::VectorSelector>(expr).matchers) {
      if (matcher.name() == promql::kMetricName) out.push_back(&matcher);
    }
  }
  for (const Expr* child : promql::Children(expr)) MetricsOf(*child, out);
}

std::vector<const promql::Matcher*> MetricsOf(const Expr& expr) {
  std::vector<const promql::Matcher*> metrics;
  MetricsOf(expr, metrics);
  return metrics;
}

bool IsNumber(const Expr& expr, double* value) {
  const Expr& e = promql::Unwrap(expr);
  if (e.kind != ExprKind::kNumber) return false;
  *value = promql::As<promql::NumberLiteral>(e).value;
  return true;
}

class Linter {
 public:
  Linter(const Rule& rule, std::vector<std::pair<std::string, std::string>>& notes)
      : rule_(rule), notes_(notes) {}

  // `merged`: an aggregation above makes one of whatever series there are.
  void Visit(const Expr& expr, bool merged = false) {
    if (expr.kind == ExprKind::kCall) Call(promql::As<promql::Call>(expr));
    if (expr.kind == ExprKind::kAggregate) Aggregation(promql::As<Aggregate>(expr), merged);
    if (expr.kind == ExprKind::kBinary) Operator(promql::As<promql::Binary>(expr));
    if (expr.kind == ExprKind::kVectorSelector) {
      Selector(promql::As<promql::VectorSelector>(expr));
    }
    const bool keeps = expr.kind != ExprKind::kAggregate || Selects(promql::As<Aggregate>(expr).op);
    for (const Expr* child : promql::Children(expr)) Visit(*child, merged || !keeps);
  }

 private:
  static bool Selects(AggregateOp op) {
    return op == AggregateOp::kTopk || op == AggregateOp::kBottomk;
  }

  void Note(const char* id, std::string text) { notes_.emplace_back(id, std::move(text)); }

  void Selector(const promql::VectorSelector& selector) {
    for (const promql::Matcher& matcher : selector.matchers) {
      if (matcher.name() == "reason" && matcher.value() == "InsufficientInstanceCapacity") {
        Note("L26", "Karpenter reports it as reason=\"LaunchFailed\"");
      }
    }
  }

  void Call(const promql::Call& call) {
    const FunctionId id = call.function->id;
    const bool rate =
        id == FunctionId::kRate || id == FunctionId::kIncrease || id == FunctionId::kIrate;
    const promql::MatrixSelector* matrix = nullptr;
    for (const promql::ExprPtr& arg : call.args) {
      if (arg->kind == ExprKind::kMatrixSelector) {
        matrix = &promql::As<promql::MatrixSelector>(*arg);
      }
    }
    if (matrix == nullptr) return;
    for (const promql::Matcher* name : MetricsOf(*matrix)) {
      if (rate && name->value().starts_with("aws_") && name->value().ends_with("_sum")) {
        Note("L04", fmt::format("{} is the sum of one period, no counter: use sum_over_time",
                                name->value()));
      }
      const bool several = name->op() == promql::MatchOp::kRegex && name->Words().size() != 1;
      if (several && id != FunctionId::kLastOverTime && id != FunctionId::kFirstOverTime) {
        Note("L35", fmt::format("{} drops the metric's name: series of several metrics may become "
                                "one. Sum first, then use a subquery",
                                call.function->name));
      }
    }
    if (id == FunctionId::kPredictLinear && matrix->range_ms() < 4 * kUsualScrapeMs) {
      Note("L28", "predict_linear over a range shorter than four scrapes");
    }
  }

  void Aggregation(const Aggregate& aggregate, bool merged) {
    if (Selects(aggregate.op) && !merged && rule_.alerting()) {
      Note("L27", "topk and bottomk change which alerts there are: use max by or min by");
    }
    if (aggregate.op == AggregateOp::kSum) {
      for (const promql::Matcher* name : MetricsOf(*aggregate.expr)) {
        const bool of_counts = Has(name->value(), "_count") || Has(name->value(), "_sum") ||
                               Has(name->value(), "_bucket") || Has(name->value(), "_total");
        if (of_counts || name->op() != promql::MatchOp::kEqual) continue;
        if (Has(name->value(), "_lag_seconds") || Has(name->value(), "latency_seconds")) {
          Note("L06", fmt::format("a sum of {} says nothing: use max", name->value()));
        }
      }
    }
    const Expr& inner = promql::Unwrap(*aggregate.expr);
    if (aggregate.op == AggregateOp::kAvg && inner.kind == ExprKind::kBinary &&
        promql::As<promql::Binary>(inner).op == BinaryOp::kDiv) {
      Note("L07", "an average of ratios is no ratio of all: divide sums");
    }
  }

  void Operator(const promql::Binary& binary) {
    double number = 0;
    if (binary.op == BinaryOp::kOr) {
      const Expr& right = promql::Unwrap(*binary.rhs);
      if (right.kind == ExprKind::kCall &&
          promql::As<promql::Call>(right).function->id == FunctionId::kVector) {
        Note("L33", "`or vector(...)` makes a value of what merely was not seen");
      }
    }
    const bool above = binary.op == BinaryOp::kGreater || binary.op == BinaryOp::kGreaterEqual;
    if (above && IsNumber(*binary.rhs, &number)) {
      for (const promql::Matcher* name : MetricsOf(*binary.lhs)) {
        const bool broken = Has(name->value(), "aws_rds_replica_lag") ||
                            Has(name->value(), "mysql_slave_status_seconds_behind");
        if (broken && number >= 0) {
          Note("L01", fmt::format("{} is -1 or absent when replication is broken: that is never "
                                  "above {}",
                                  name->value(), number));
        }
      }
      Changes(*binary.lhs, number);
    }
    const Expr& left = promql::Unwrap(*binary.lhs);
    if (binary.op == BinaryOp::kLess && left.kind == ExprKind::kCall &&
        promql::As<promql::Call>(left).function->id == FunctionId::kDelta &&
        IsNumber(*binary.rhs, &number) && number <= 0) {
      Note("L34", "a fall is seen for one window, then the alert resolves by itself");
    }
  }

  // n changes need n + 1 samples in the window.
  void Changes(const Expr& expr, double limit) {
    const Expr& left = promql::Unwrap(expr);
    if (left.kind != ExprKind::kCall) return;
    const auto& call = promql::As<promql::Call>(left);
    if (call.function->id != FunctionId::kChanges ||
        call.args[0]->kind != ExprKind::kMatrixSelector) {
      return;
    }
    const int64_t range = promql::As<promql::MatrixSelector>(*call.args[0]).range_ms();
    const int64_t samples = range / kUsualScrapeMs;
    if (limit + 2 > static_cast<double>(samples)) {
      Note("L15", fmt::format("more than {} changes do not fit into the window at a scrape "
                              "interval of 15s",
                              limit));
    }
  }

  const Rule& rule_;
  std::vector<std::pair<std::string, std::string>>& notes_;
};

bool DependsOnAbsence(const Expr& expr) {
  if (expr.kind == ExprKind::kBinary && promql::As<promql::Binary>(expr).op == BinaryOp::kUnless) {
    return true;
  }
  if (expr.kind == ExprKind::kCall) {
    const FunctionId id = promql::As<promql::Call>(expr).function->id;
    if (id == FunctionId::kAbsent || id == FunctionId::kAbsentOverTime) return true;
  }
  for (const Expr* child : promql::Children(expr)) {
    if (DependsOnAbsence(*child)) return true;
  }
  return false;
}

}  // namespace

std::vector<LintNote> LintRules(const std::vector<RuleGroup>& groups,
                                const std::vector<RulePlacement>& placed) {
  promql::ParseOptions language;
  language.experimental_functions = true;
  language.binop_fill_modifiers = true;
  language.unquoted_utf8_names = true;
  std::vector<LintNote> out;
  std::map<std::string, int> seen;
  for (const RulePlacement& place : placed) {
    const RuleGroup& group = groups[place.group];
    const Rule& rule = group.rules[place.rule];
    std::vector<std::pair<std::string, std::string>> notes;
    if (const auto parsed = promql::ParseExpr(rule.expr, language); parsed.ok()) {
      Linter(rule, notes).Visit(**parsed);
      if (place.needs == Tier::kGlobal && group.on_partial == OnPartial::kEvaluate &&
          DependsOnAbsence(**parsed)) {
        notes.emplace_back("L14", "fires on what merely was not seen: on_partial is evaluate");
      }
    }
    if (const auto parsed = promql::ParseExpr(rule.expr, language);
        parsed.ok() && rule.assume.lag) {
      std::set<std::string> names;
      LagsOfUnknownUnit(**parsed, names);
      for (const std::string& name : names) {
        notes.emplace_back("L36", fmt::format("`assume: [lag]` assumes nothing of {}, whose name "
                                              "says no unit of time (_seconds, _ms, ...)",
                                              name));
      }
    }
    if (!place.warning.empty()) notes.emplace_back("L12", place.warning);
    const auto severity = rule.labels.find("severity");
    const bool pages = severity != rule.labels.end() &&
                       (severity->second == "page" || severity->second == "critical");
    if (pages && !rule.annotations.contains("runbook") &&
        !rule.annotations.contains("runbook_url")) {
      notes.emplace_back("L25", "pages somebody and names no runbook");
    }
    std::string identity = rule.name() + '\n';
    for (const auto& [name, value] : rule.labels) identity += fmt::format("{}={}\n", name, value);
    if (++seen[identity] == 2) {
      notes.emplace_back("duplicate", "another rule has the same name and labels");
    }
    for (auto& [id, text] : notes) out.push_back({place.group, place.rule, id, std::move(text)});
  }
  return out;
}

}  // namespace synoptic::alerting
