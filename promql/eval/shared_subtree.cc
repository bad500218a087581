// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/shared_subtree.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "promql/eval/operator.h"
#include "promql/parse/printer.h"

namespace synoptic::promql::internal {

// Everything that evaluating it once gave. An error waits until somebody wants a column: until then
// another one, which Prometheus tells instead, may turn up.
struct SharedSubtrees::Result {
  explicit Result(const Scope& scope) : columns(scope) {}

  PosRange pos;  // of the one that was evaluated
  std::vector<SeriesInfo> series;
  HeldColumns columns;
  absl::Status status;
  Notes notes;
  int first_order = 0, orders = 0;
  int64_t samples_read = 0;
};

namespace {

std::string_view TextAt(std::string_view query, PosRange pos) {
  const auto begin = static_cast<size_t>(std::max(pos.start, 0));
  const auto end = static_cast<size_t>(std::max(pos.end, 0));
  return begin <= end && end <= query.size() ? query.substr(begin, end - begin)
                                             : std::string_view();
}

void CollectAggregations(const Expr& expr, std::vector<const Expr*>& out) {
  if (expr.kind == ExprKind::kAggregate) out.push_back(&expr);
  for (const Expr* child : Children(expr)) CollectAggregations(*child, out);
}

}  // namespace

SharedSubtrees::SharedSubtrees() = default;
SharedSubtrees::~SharedSubtrees() = default;

void SharedSubtrees::Find(const Expr& expr) {
  std::vector<const Expr*> all;
  CollectAggregations(expr, all);
  if (all.size() < 2) return;
  absl::flat_hash_map<std::string, const Expr*> first;
  int groups = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    const auto [it, inserted] = first.emplace(Print(*all[i]), all[i]);
    if (inserted) continue;
    const auto [known, is_new] = twins_.emplace(it->second, groups);
    if (is_new) ++groups;
    twins_[all[i]] = twins_[it->second];
    // What is inside of a twin is inside of the first one, too.
    std::vector<const Expr*> inside;
    CollectAggregations(*all[i], inside);
    i += inside.size() - 1;
  }
}

namespace {

class SharedOp final : public Operator {
 public:
  template <class ResultPtr>
  SharedOp(ResultPtr result, const Scope& scope)
      : Operator(scope), status_(result->status), columns_(result, &result->columns) {
    series_ = result->series;
  }

  absl::Status SettleOrder() override { return status_; }
  absl::Status Finish() override { return status_; }

 private:
  absl::Status DoNext(std::span<double> out) override {
    const std::span<const double> column = (*columns_)[index()];
    std::copy(column.begin(), column.end(), out.begin());
    const auto histograms = columns_->histograms(index());
    histograms_.assign(histograms.begin(), histograms.end());
    return absl::OkStatus();
  }

  const absl::Status status_;
  const std::shared_ptr<HeldColumns> columns_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Operator>> SharedSubtrees::Build(const Aggregate& node,
                                                                const Scope& scope,
                                                                BuildOne build) {
  const auto twin = twins_.find(&node);
  if (twin == twins_.end()) return build(node, scope);
  EvalContext& eval = scope.eval;
  std::shared_ptr<Result>& result = results_[{twin->second, scope.grid.start, scope.grid.end,
                                              scope.grid.step, scope.at_shift_ms}];
  if (result != nullptr) {
    // Its notes are told anew for this place; they can be where the words are the same.
    const std::string_view query = eval.options.query_text;
    if (!result->notes.empty() && TextAt(query, result->pos) != TextAt(query, node.pos)) {
      return build(node, scope);
    }
    const int order = eval.SkipOrders(result->orders);
    eval.notes.Repeat(result->notes, order - result->first_order,
                      node.pos.start - result->pos.start);
    eval.CountRead(result->samples_read);
    return std::make_unique<SharedOp>(result, scope);
  }

  auto made = std::make_shared<Result>(scope);
  made->pos = node.pos;
  made->first_order = eval.SkipOrders(0);
  Notes others = std::exchange(eval.notes, Notes());
  const int64_t read_before = eval.stats.samples_read;
  const auto evaluate = [&](Operator& op) -> absl::Status {
    RETURN_IF_ERROR(op.SettleOrder());
    const size_t count = op.series().size();
    RETURN_IF_ERROR(made->columns.Add(count, Absent()));
    for (size_t i = 0; i < count; ++i) {
      RETURN_IF_ERROR(op.Next(made->columns[i]));
      RETURN_IF_ERROR(made->columns.PutHistograms(i, op.histograms()));
    }
    return op.Finish();
  };
  absl::StatusOr<std::unique_ptr<Operator>> op = build(node, scope);
  if (op.ok()) {
    made->status = evaluate(**op);
    if (made->status.ok()) made->series = (*op)->series();
  }
  made->notes = std::exchange(eval.notes, std::move(others));
  made->orders = eval.SkipOrders(0) - made->first_order;
  made->samples_read = eval.stats.samples_read - read_before;
  eval.notes.Repeat(made->notes, 0, 0);
  if (!op.ok()) return op.status();
  result = made;
  return std::make_unique<SharedOp>(result, scope);
}

}  // namespace synoptic::promql::internal
