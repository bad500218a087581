// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Tree nodes to operators: one function per kind of node, each in the file of its name.
//
// Build* evaluate what labels and parameters need (scalars, data of a selector), but pull no
// column that can wait. All return errors in Prometheus' words.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "promql/eval/operator.h"
#include "promql/parse/ast.h"

namespace synoptic::promql::internal {

// Any expression of type scalar or vector; a scalar becomes one series without labels.
absl::StatusOr<OperatorPtr> Build(const Expr& expr, const Scope& scope);
// One value per step. REQUIRES: `expr` is a scalar.
absl::StatusOr<std::vector<double>> EvalScalar(const Expr& expr, const Scope& scope);

absl::StatusOr<OperatorPtr> BuildSelector(const VectorSelector& selector, const Scope& scope);
// timestamp() of a bare selector: the samples' own times.
absl::StatusOr<OperatorPtr> BuildSelectorTimestamps(const VectorSelector& selector,
                                                    const Scope& scope);
// start_timestamp() of a bare selector: seconds, 0 where unknown.
absl::StatusOr<OperatorPtr> BuildSelectorStartTimestamps(const VectorSelector& selector,
                                                         const Scope& scope);
// For info(): the own times of the wanted series' samples, and histograms as they are. One operator
// for each run of neighbours.
absl::StatusOr<std::vector<OperatorPtr>> BuildInfoSelectors(
    const VectorSelector& selector, const std::function<bool(const Labels&)>& wanted,
    const Scope& scope);
absl::StatusOr<OperatorPtr> BuildFetched(const Fetched& fetched, const Scope& scope);
absl::StatusOr<OperatorPtr> BuildStepInvariant(const StepInvariant& node, const Scope& scope);
absl::StatusOr<OperatorPtr> BuildUnary(const Unary& node, const Scope& scope);

// Vector-valued calls.
absl::StatusOr<OperatorPtr> BuildCall(const Call& call, const Scope& scope);
absl::StatusOr<OperatorPtr> BuildRangeCall(const Call& call, size_t range_arg, const Scope& scope);
absl::StatusOr<OperatorPtr> BuildAbsentOverTime(const Call& call, const Scope& scope);
absl::StatusOr<OperatorPtr> BuildAbsent(const Call& call, const Scope& scope);
absl::StatusOr<OperatorPtr> BuildSort(const Call& call, const Scope& scope);
absl::StatusOr<OperatorPtr> BuildLabelReplace(const Call& call, const Scope& scope);
absl::StatusOr<OperatorPtr> BuildLabelJoin(const Call& call, const Scope& scope);
// REQUIRES: Preprocess has made the second argument what is to be fetched.
absl::StatusOr<OperatorPtr> BuildInfo(const Call& call, const Scope& scope);
absl::StatusOr<OperatorPtr> BuildHistogramCall(const Call& call, const Scope& scope);
// histogram_count() and its kin: a number about each native histogram.
absl::StatusOr<OperatorPtr> BuildHistogramValue(const Call& call, const Scope& scope);

absl::StatusOr<OperatorPtr> BuildAggregate(const Aggregate& node, const Scope& scope);
absl::StatusOr<OperatorPtr> BuildSelectK(const Aggregate& node, OperatorPtr child,
                                         std::vector<double> param, const Scope& scope);
absl::StatusOr<OperatorPtr> BuildCountValues(const Aggregate& node, const Scope& scope);

absl::StatusOr<OperatorPtr> BuildBinary(const Binary& node, const Scope& scope);
absl::StatusOr<OperatorPtr> BuildVectorBinary(const Binary& node, const Scope& scope);
absl::StatusOr<OperatorPtr> BuildSetOperator(const Binary& node, const Scope& scope);

// What becomes of series with equal labels.
enum class EqualSeries {
  kNeverMeet,   // one series; an error where two have a sample at one step
  kMayMix,      // the same, but a float and a histogram may meet (Operator::KeepBoth)
  kRefused,     // an error as soon as two have a sample at all
  kSeenAtOnce,  // as kNeverMeet, and an instant query with delayed name removal checks it too
};
// With delayed name removal Prometheus looks for equal series of one evaluation time at the end of
// the query only: until then they are different ones.
inline bool ChecksLabelsLate(const Scope& scope) {
  return scope.instant() && scope.eval.options.delayed_name_removal;
}

// Returns `op` itself when all labels differ, or when that is looked at later.
OperatorPtr MergeEqual(OperatorPtr op, const Scope& scope,
                       EqualSeries rule = EqualSeries::kNeverMeet);
// Drops the metadata labels, or flags them to be dropped at the end. True when two series may have
// become equal by that.
bool DropNames(std::vector<SeriesInfo>& series, const EvalContext& eval);

absl::Status DuplicateLabelsError();
// What a data source failed with, as Prometheus reports it.
absl::Status ExpandError(const absl::Status& status);

}  // namespace synoptic::promql::internal
