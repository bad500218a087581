// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// and, or, unless: only which match groups are present at which step is kept, no
// values.

#include <vector>

#include "base/status.h"
#include "promql/eval/first_error.h"
#include "promql/eval/label_key.h"
#include "promql/eval/match_groups.h"
#include "promql/eval/operators.h"

namespace synoptic::promql::internal {
namespace {

// Presence of match groups over the steps.
class Presence {
 public:
  explicit Presence(const Scope& scope)
      : steps_(scope.steps()), memory_(scope.eval.options.budget) {}

  absl::Status Init(size_t groups) {
    bits_.resize(groups * steps_);
    return memory_.Grow(static_cast<int64_t>(bits_.size() / 8));
  }
  void Add(size_t group, std::span<const double> column,
           const std::vector<HistogramPtr>& histograms) {
    for (size_t s = 0; s < steps_; ++s) {
      if (!IsAbsent(column[s])) bits_[group * steps_ + s] = true;
    }
    for (size_t s = 0; s < histograms.size(); ++s) {
      if (histograms[s] != nullptr) bits_[group * steps_ + s] = true;
    }
  }
  // Keeps the samples at steps where the group is present (or where it is not).
  void Mask(size_t group, bool keep_present, std::span<double> column,
            std::vector<HistogramPtr>& histograms) const {
    for (size_t s = 0; s < steps_; ++s) {
      if (bits_[group * steps_ + s] != keep_present) column[s] = Absent();
    }
    bool any = false;
    for (size_t s = 0; s < histograms.size(); ++s) {
      if (bits_[group * steps_ + s] != keep_present) histograms[s] = nullptr;
      any = any || histograms[s] != nullptr;
    }
    if (!any) histograms.clear();
  }

 private:
  size_t steps_;
  Reservation memory_;
  std::vector<bool> bits_;
};

// and, unless: the right side first, then the left one passes through a mask.
class MaskOp final : public Operator {
 public:
  MaskOp(BinaryOp op, MatchGroups groups, OperatorPtr lhs, OperatorPtr rhs, const Scope& scope)
      : Operator(scope),
        keep_present_(op == BinaryOp::kAnd),
        groups_(std::move(groups)),
        lhs_(AddChild(std::move(lhs))),
        rhs_(AddChild(std::move(rhs))),
        presence_(scope) {
    series_ = lhs_.series();
  }

 private:
  absl::Status DoNext(std::span<double> out) override {
    if (index() == 0) RETURN_IF_ERROR(ReadRight());
    RETURN_IF_ERROR(lhs_.Next(out));
    histograms_.swap(lhs_.histograms());
    presence_.Mask(groups_.left[index()], keep_present_, out, histograms_);
    return absl::OkStatus();
  }

  absl::Status ReadRight() {
    RETURN_IF_ERROR(presence_.Init(groups_.count));
    std::vector<double> column(scope().steps());
    for (const size_t group : groups_.right) {
      const absl::Status status = rhs_.Next(column);
      if (!status.ok()) return FirstError(lhs_, scope().steps(), status);
      presence_.Add(group, column, rhs_.histograms());
    }
    return absl::OkStatus();
  }

  const bool keep_present_;
  const MatchGroups groups_;
  Operator& lhs_;
  Operator& rhs_;
  Presence presence_;
};

// or: the left side passes through and is remembered, then the right one fills what is missing.
class OrOp final : public Operator {
 public:
  OrOp(MatchGroups groups, OperatorPtr lhs, OperatorPtr rhs, const Scope& scope)
      : Operator(scope),
        groups_(std::move(groups)),
        lhs_(AddChild(std::move(lhs))),
        rhs_(AddChild(std::move(rhs))),
        presence_(scope) {
    series_ = lhs_.series();
    series_.insert(series_.end(), rhs_.series().begin(), rhs_.series().end());
  }

 private:
  absl::Status DoNext(std::span<double> out) override {
    if (index() == 0) RETURN_IF_ERROR(presence_.Init(groups_.count));
    if (index() < groups_.left.size()) {
      RETURN_IF_ERROR(lhs_.Next(out));
      histograms_.swap(lhs_.histograms());
      presence_.Add(groups_.left[index()], out, histograms_);
      return absl::OkStatus();
    }
    const absl::Status status = rhs_.Next(out);
    if (!status.ok()) return FirstError(lhs_, scope().steps(), status);
    histograms_.swap(rhs_.histograms());
    presence_.Mask(groups_.right[index() - groups_.left.size()], /*keep_present=*/false, out,
                   histograms_);
    return absl::OkStatus();
  }

  const MatchGroups groups_;
  Operator& lhs_;
  Operator& rhs_;
  Presence presence_;
};

}  // namespace

absl::StatusOr<OperatorPtr> BuildSetOperator(const Binary& node, const Scope& scope) {
  ASSIGN_OR_RETURN(OperatorPtr lhs, Build(*node.lhs, scope));
  auto built = Build(*node.rhs, scope);
  if (!built.ok()) return FirstError(*lhs, scope.steps(), built.status());
  OperatorPtr rhs = *std::move(built);
  MatchGroups groups = FindMatchGroups(*node.matching, lhs->series(), rhs->series());
  scope.eval.NextOrder();
  if (node.op != BinaryOp::kOr) {
    return std::make_unique<MaskOp>(node.op, std::move(groups), std::move(lhs), std::move(rhs),
                                    scope);
  }
  return MergeEqual(
      std::make_unique<OrOp>(std::move(groups), std::move(lhs), std::move(rhs), scope), scope);
}

}  // namespace synoptic::promql::internal
