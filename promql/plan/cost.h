// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Steps or raw samples, for what could be fetched either way.
//
// Measured at 1,000 series, 15 s apart (docs/adr/0003-locality.md): a step value as JSON is about
// six times a sample in streamed chunks, in bytes and in the upstream's CPU alike. An aggregation
// is always worth pushing; a per-series expression only when it has few points for the samples it
// reads.
#pragma once

#include "promql/plan/windows.h"

namespace synoptic::promql {

// Points an upstream's query_range answers at most (Prometheus' own limit).
inline constexpr size_t kMaxPushedSteps = 11'000;

// The result of `expr` is one series per group, not per input series.
bool Reduces(const Expr& expr);

// REQUIRES: `expr` does not reduce. `scope` is its own.
bool StepsAreCheaper(Expr& expr, const Scope& scope, const PlanOptions& options);

}  // namespace synoptic::promql
