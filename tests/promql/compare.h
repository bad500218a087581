// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A query's answer against what a script expects.
#pragma once

#include "absl/status/status.h"
#include "promql/eval/evaluator.h"
#include "tests/promql/script.h"

namespace synoptic::promqltest {

// FailedPrecondition saying what differs.
absl::Status CompareResult(const EvalCommand& command, const promql::QueryValue& value);
// The vector that a range query's answer holds at step `index`, or the scalar when `as_scalar`.
promql::QueryValue StepOf(const promql::QueryValue& matrix, size_t index, bool as_scalar);
absl::Status CheckAnnotations(const EvalCommand& command, const promql::Annotations& annotations);
absl::Status CheckFailure(const EvalCommand& command, std::string_view error);

// Equal within 1e-6 of their size, as Prometheus' tests have it.
bool AlmostEqual(double a, double b);

}  // namespace synoptic::promqltest
