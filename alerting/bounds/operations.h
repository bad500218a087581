// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// PromQL's operations on partial vectors: aggregations, and operators between two vectors.
#pragma once

#include "alerting/bounds/partial_vector.h"
#include "promql/parse/ast.h"

namespace synoptic::alerting {

// How to group: by(names), or without(names).
struct Grouping {
  promql::NameSet names;
  bool without = false;
};

// sum, min, max, count, group, avg, stddev, stdvar and quantile (whose bounds are those of its
// inputs); other operators keep series and are not for here.
PartialVector AggregateBounds(promql::AggregateOp op, const Grouping& grouping,
                              const PartialVector& input);

// An operator between two vectors. `binary` has a matching.
PartialVector MatchVectors(const promql::Binary& binary, const PartialVector& lhs,
                           const PartialVector& rhs);

// An operator between a vector and a scalar, on whichever side.
PartialVector WithScalar(const promql::Binary& binary, const PartialVector& vector,
                         const BoundedValue& scalar, bool scalar_left);

// The element under its labels without the metric name.
void LoseName(const PartialVector& vector, PartialElement& element);
// Two elements have equal labels: with all data that is an error, or one of them is not there.
bool HasTwins(const PartialVector& vector);

}  // namespace synoptic::alerting
