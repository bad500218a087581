// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/plan/verify.h"

#include <algorithm>

#include "base/status.h"
#include "promql/parse/parser.h"
#include "promql/plan/cost.h"
#include "promql/plan/name_set.h"

namespace synoptic::promql {
namespace {

template <class... Args>
absl::Status Broken(fmt::format_string<Args...> format, Args&&... args) {
  return MakeStatus(absl::StatusCode::kInternal, format, std::forward<Args>(args)...);
}

// The first topology label that the text names, or "".
std::string NamedLabel(const Expr& expr, const NameSet& ours) {
  const auto first = [&](const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      if (Contains(ours, name)) return name;
    }
    return std::string();
  };
  std::string found;
  if (expr.kind == ExprKind::kVectorSelector) {
    for (const Matcher& m : As<VectorSelector>(expr).matchers) {
      if (Contains(ours, m.name())) return m.name();
    }
  } else if (expr.kind == ExprKind::kAggregate) {
    found = first(As<Aggregate>(expr).grouping);
  } else if (expr.kind == ExprKind::kBinary && As<Binary>(expr).matching) {
    found = first(As<Binary>(expr).matching->labels);
    if (found.empty()) found = first(As<Binary>(expr).matching->include);
  }
  for (const Expr* child : Children(expr)) {
    if (!found.empty()) break;
    found = NamedLabel(*child, ours);
  }
  return found;
}

absl::Status VerifyText(const std::string& text, const NameSet& ours) {
  const absl::StatusOr<ExprPtr> parsed = ParseExpr(text);
  if (!parsed.ok()) {
    return Broken("plan: pushed text {} does not parse: {}", text, MessageOf(parsed.status()));
  }
  if (const std::string label = NamedLabel(**parsed, ours); !label.empty()) {
    return Broken("plan: pushed text {} names topology label {}", text, label);
  }
  return absl::OkStatus();
}

absl::Status VerifySteps(const Fetch& fetch, const Topology& topology) {
  if (fetch.shards.empty()) return Broken("plan: fetch {} asks nobody", fetch.id);
  if (fetch.grid.size() == 0 || fetch.grid.size() > kMaxPushedSteps) {
    return Broken("plan: fetch {} has {} steps", fetch.id, fetch.grid.size());
  }
  if (!fetch.shard_texts.empty() && fetch.shard_texts.size() != fetch.shards.size()) {
    return Broken("plan: fetch {}: {} texts for {} shards", fetch.id, fetch.shard_texts.size(),
                  fetch.shards.size());
  }
  const NameSet ours = topology.LabelNames();
  if (fetch.shard_texts.empty()) return VerifyText(fetch.text, ours);
  for (const std::string& text : fetch.shard_texts) RETURN_IF_ERROR(VerifyText(text, ours));
  return absl::OkStatus();
}

absl::Status VerifyRaw(const Fetch& fetch) {
  if (!fetch.shards.empty() && fetch.matchers.empty()) {
    return Broken("plan: fetch {} selects everything", fetch.id);
  }
  return absl::OkStatus();
}

class TreeVerifier {
 public:
  TreeVerifier(const Plan& plan, const PlanOptions& options) : plan_(plan), options_(options) {}

  absl::Status Check(Expr& expr, const Scope& scope) {
    if (expr.kind == ExprKind::kFetched) return CheckFetched(As<Fetched>(expr), scope);
    if (expr.kind == ExprKind::kVectorSelector) {
      return CheckSelector(As<VectorSelector>(expr), 0, scope);
    }
    if (expr.kind == ExprKind::kMatrixSelector) {
      MatrixSelector& matrix = As<MatrixSelector>(expr);
      return CheckSelector(*matrix.selector, matrix.range_ms(), scope);
    }
    const Scope below = Below(scope, expr, options_);
    for (Expr* child : Children(expr)) RETURN_IF_ERROR(Check(*child, below));
    return absl::OkStatus();
  }

 private:
  absl::StatusOr<const Fetch*> Find(int id, Fetch::Form form) {
    if (id < 0 || static_cast<size_t>(id) >= plan_.fetches.size()) {
      return Broken("plan: a leaf without a fetch ({})", id);
    }
    const Fetch& fetch = plan_.fetches[static_cast<size_t>(id)];
    if (fetch.id != id || fetch.form != form)
      return Broken("plan: fetch {} has the wrong form", id);
    return &fetch;
  }

  absl::Status CheckFetched(const Fetched& fetched, const Scope& scope) {
    ASSIGN_OR_RETURN(const Fetch* fetch, Find(fetched.fetch_id, Fetch::Form::kSteps));
    const Grid& want = scope.grid;
    const bool same = fetch->grid.size() == want.size() && fetch->grid.start == want.start &&
                      (want.size() <= 1 || fetch->grid.step == want.step);
    if (!same) return Broken("plan: fetch {} is over other steps than its place", fetch->id);
    if (TypeOf(*fetched.original) != ValueType::kVector) {
      return Broken("plan: fetch {} is no instant vector", fetch->id);
    }
    return absl::OkStatus();
  }

  absl::Status CheckSelector(const VectorSelector& selector, int64_t range_ms, const Scope& scope) {
    ASSIGN_OR_RETURN(const Fetch* fetch, Find(selector.fetch_id, Fetch::Form::kRaw));
    const SampleWindow window = WindowOf(selector, range_ms, scope, options_);
    if (window.min_t < fetch->min_t || window.max_t > fetch->max_t) {
      return Broken("plan: fetch {} is narrower than its selector's window", fetch->id);
    }
    return absl::OkStatus();
  }

  const Plan& plan_;
  const PlanOptions& options_;
};

}  // namespace

absl::Status VerifyFetch(const Fetch& fetch, const Topology& topology) {
  const bool ordered = std::adjacent_find(fetch.shards.begin(), fetch.shards.end(),
                                          std::greater_equal<int>()) == fetch.shards.end();
  const bool known =
      fetch.shards.empty() || (fetch.shards.front() >= 0 &&
                               static_cast<size_t>(fetch.shards.back()) < topology.shards.size());
  if (!ordered || !known) return Broken("plan: fetch {} has a bad list of shards", fetch.id);
  return fetch.form == Fetch::Form::kSteps ? VerifySteps(fetch, topology) : VerifyRaw(fetch);
}

absl::Status VerifyPlan(Plan& plan, const Topology& topology, const PlanOptions& options) {
  for (const Fetch& fetch : plan.fetches) RETURN_IF_ERROR(VerifyFetch(fetch, topology));
  return TreeVerifier(plan, options).Check(*plan.root, RootScope(options));
}

}  // namespace synoptic::promql
