// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Binary operators: dispatch by operand types, and vectors with a scalar.
#include "base/status.h"
#include "promql/eval/binary_math.h"
#include "promql/eval/first_error.h"
#include "promql/eval/histogram_binary.h"
#include "promql/eval/operators.h"
#include "promql/model/sample.h"

namespace synoptic::promql::internal {
namespace {

class VectorScalarOp final : public Operator {
 public:
  VectorScalarOp(const Binary& node, bool scalar_left, OperatorPtr child,
                 std::vector<double> scalar, const Scope& scope)
      : Operator(scope),
        node_(node),
        scalar_left_(scalar_left),
        child_(AddChild(std::move(child))),
        scalar_(std::move(scalar)),
        pairs_(node, scope.eval.NextOrder(), scope.eval) {
    series_ = child_.series();
    if (ChangesMeaning(node.op) || node.return_bool) may_be_equal_ = DropNames(series_, eval());
  }
  bool may_be_equal() const { return may_be_equal_; }

  absl::Status Finish() override {
    RETURN_IF_ERROR(Operator::Finish());
    pairs_.Report();
    return absl::OkStatus();
  }

 private:
  absl::Status DoNext(std::span<double> out) override {
    RETURN_IF_ERROR(child_.Next(out));
    if (!child_.histograms().empty() || pairs_.trims()) CombinePairs(out, child_.histograms());
    const BinaryMode mode{node_.return_bool, scalar_left_};
    if (scalar_left_) {
      ApplyBinary(node_.op, mode, scalar_, out, out);
    } else {
      ApplyBinary(node_.op, mode, out, scalar_, out);
    }
    return absl::OkStatus();
  }

  // Where there are histograms, and floats that are to be trimmed. No comparison with a float gives
  // anything here.
  void CombinePairs(std::span<const double> floats, const std::vector<HistogramPtr>& histograms) {
    const HistogramPtr none;
    for (size_t s = 0; s < floats.size(); ++s) {
      const HistogramPtr& h = histograms.empty() ? none : histograms[s];
      if (h == nullptr && (IsAbsent(floats[s]) || !pairs_.trims())) continue;
      const PairResult& pair = scalar_left_ ? pairs_.Apply(scalar_[s], none, floats[s], h)
                                            : pairs_.Apply(floats[s], h, scalar_[s], none);
      pairs_.NoteAt(s, floats.size(), pair.note);
      if (!pair.keep) continue;
      if (histograms_.empty()) histograms_.resize(floats.size());
      histograms_[s] = pair.histogram;
    }
  }

  const Binary& node_;
  const bool scalar_left_;
  Operator& child_;
  const std::vector<double> scalar_;
  HistogramBinary pairs_;
  bool may_be_equal_ = false;
};

absl::StatusOr<OperatorPtr> BuildVectorScalar(const Binary& node, bool scalar_left,
                                              const Scope& scope) {
  std::vector<double> scalar;
  OperatorPtr child;
  if (scalar_left) {
    ASSIGN_OR_RETURN(scalar, EvalScalar(*node.lhs, scope));
    ASSIGN_OR_RETURN(child, Build(*node.rhs, scope));
  } else {
    ASSIGN_OR_RETURN(child, Build(*node.lhs, scope));
    auto values = EvalScalar(*node.rhs, scope);
    if (!values.ok()) return FirstError(*child, scope.steps(), values.status());
    scalar = *std::move(values);
  }
  auto op = std::make_unique<VectorScalarOp>(node, scalar_left, std::move(child), std::move(scalar),
                                             scope);
  if (!op->may_be_equal()) return op;
  return MergeEqual(std::move(op), scope);
}

}  // namespace

absl::StatusOr<OperatorPtr> BuildBinary(const Binary& node, const Scope& scope) {
  const bool left_scalar = TypeOf(*node.lhs) == ValueType::kScalar;
  const bool right_scalar = TypeOf(*node.rhs) == ValueType::kScalar;
  if (left_scalar || right_scalar) return BuildVectorScalar(node, left_scalar, scope);
  return IsSetOperator(node.op) ? BuildSetOperator(node, scope) : BuildVectorBinary(node, scope);
}

}  // namespace synoptic::promql::internal
