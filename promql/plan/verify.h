// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What must hold of every plan, checked after every rule: a broken plan is an Internal error, never
// a wrong answer.
#pragma once

#include "absl/status/status.h"
#include "promql/model/topology.h"
#include "promql/plan/plan.h"
#include "promql/plan/windows.h"

namespace synoptic::promql {

// The fetch alone: form, shards, texts that parse and name no topology label.
absl::Status VerifyFetch(const Fetch& fetch, const Topology& topology);

// The finished tree: every leaf has a fetch of its form, over its evaluation times or wider than
// its window.
absl::Status VerifyPlan(Plan& plan, const Topology& topology, const PlanOptions& options);

}  // namespace synoptic::promql
