// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "promql/parse/printer.h"
#include "promql/plan/plan.h"

namespace synoptic::promql {
namespace {

bool HasFetch(const Expr& expr) {
  if (expr.kind == ExprKind::kFetched || expr.kind == ExprKind::kVectorSelector) return true;
  for (const Expr* child : Children(expr)) {
    if (HasFetch(*child)) return true;
  }
  return false;
}

std::string List(const std::vector<std::string>& names) {
  return absl::StrCat("(", Join(names, ", "), ")");
}

std::string BinaryText(const Binary& binary) {
  std::string out(OperatorText(binary.op));
  if (binary.return_bool) out += " bool";
  if (!binary.matching) return out;
  const VectorMatching& matching = *binary.matching;
  if (matching.on || !matching.labels.empty()) {
    absl::StrAppend(&out, matching.on ? " on " : " ignoring ", List(matching.labels));
  }
  if (matching.cardinality == MatchCardinality::kManyToOne) {
    absl::StrAppend(&out, " group_left ", List(matching.include));
  } else if (matching.cardinality == MatchCardinality::kOneToMany) {
    absl::StrAppend(&out, " group_right ", List(matching.include));
  }
  return out;
}

// One line for the node alone, without its operands.
std::string NodeText(const Expr& expr) {
  if (!HasFetch(expr)) return Print(expr);
  switch (expr.kind) {
    case ExprKind::kFetched:
      return absl::StrCat("#", As<Fetched>(expr).fetch_id);
    case ExprKind::kVectorSelector:
      return absl::StrCat("#", As<VectorSelector>(expr).fetch_id, " ", Print(expr));
    case ExprKind::kMatrixSelector:
      return absl::StrCat("#", As<MatrixSelector>(expr).selector->fetch_id, " ", Print(expr));
    case ExprKind::kSubquery: {
      const Subquery& subquery = As<Subquery>(expr);
      return absl::StrCat("subquery [", subquery.range_ms(), "ms:", subquery.step_ms(), "ms]");
    }
    case ExprKind::kCall:
      return std::string(As<Call>(expr).function->name);
    case ExprKind::kAggregate: {
      const Aggregate& aggregate = As<Aggregate>(expr);
      std::string out(OperatorText(aggregate.op));
      if (aggregate.without || !aggregate.grouping.empty()) {
        absl::StrAppend(&out, aggregate.without ? " without " : " by ", List(aggregate.grouping));
      }
      return out;
    }
    case ExprKind::kBinary:
      return BinaryText(As<Binary>(expr));
    case ExprKind::kUnary:
      return As<Unary>(expr).negate ? "-" : "+";
    default:
      return Print(expr);
  }
}

void AppendTree(const Expr& expr, int depth, std::string* out) {
  if (expr.kind == ExprKind::kParen) return AppendTree(*As<Paren>(expr).expr, depth, out);
  if (expr.kind == ExprKind::kStepInvariant) {
    absl::StrAppend(out, std::string(static_cast<size_t>(depth) * 2, ' '), "once\n");
    return AppendTree(*As<StepInvariant>(expr).expr, depth + 1, out);
  }
  absl::StrAppend(out, std::string(static_cast<size_t>(depth) * 2, ' '), NodeText(expr), "\n");
  const bool leaf = expr.kind == ExprKind::kFetched || expr.kind == ExprKind::kMatrixSelector;
  if (leaf || !HasFetch(expr)) return;
  for (const Expr* child : Children(expr)) AppendTree(*child, depth + 1, out);
}

std::string ShardName(const Topology& topology, int shard) {
  const TopologyShard& at = topology.shards[static_cast<size_t>(shard)];
  return absl::StrCat(at.region, "/", at.shard);
}

void AppendFetch(const Fetch& fetch, const Topology& topology, std::string* out) {
  std::vector<std::string> shards;
  for (const int shard : fetch.shards) shards.push_back(ShardName(topology, shard));
  const bool steps = fetch.form == Fetch::Form::kSteps;
  absl::StrAppend(out, "#", fetch.id, steps ? " steps " : " raw ");
  if (steps && fetch.grid.size() == 1) {
    absl::StrAppend(out, "at ", fetch.grid.start);
  } else if (steps) {
    absl::StrAppend(out, fetch.grid.start, "..", fetch.grid.end, " by ", fetch.grid.step);
  } else {
    absl::StrAppend(out, fetch.min_t, "..", fetch.max_t);
  }
  absl::StrAppend(out, " from [", Join(shards, " "), "]\n");
  const auto line = [&](std::string_view text) { absl::StrAppend(out, "  ", ToAbsl(text), "\n"); };
  if (steps && fetch.shard_texts.empty()) line(fetch.text);
  if (!steps && !fetch.shards.empty()) line(PrintMatchers(fetch.matchers));
  for (size_t i = 0; i < fetch.shard_texts.size(); ++i) {
    line(absl::StrCat(shards[i], ": ", fetch.shard_texts[i]));
  }
  if (!fetch.residual.empty()) line(absl::StrCat("here: ", PrintMatchers(fetch.residual)));
  line(absl::StrCat("because: ", fetch.reason));
}

}  // namespace

std::string ExplainPlan(const Plan& plan, const Topology& topology) {
  constexpr const char* kNames[] = {"shard", "region", "global"};
  std::string out = absl::StrCat("locality ", kNames[static_cast<size_t>(plan.locality)], "\n");
  AppendTree(*plan.root, 0, &out);
  for (const Fetch& fetch : plan.fetches) AppendFetch(fetch, topology, &out);
  return out;
}

}  // namespace synoptic::promql
