// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Float columns of an aggregation: one per group and per quantity that it keeps.
#pragma once

#include <algorithm>

#include "base/status.h"
#include "promql/eval/context.h"
#include "promql/model/sample.h"

namespace synoptic::promql::internal {

class GroupColumns {
 public:
  GroupColumns(size_t groups, size_t quantities, const Scope& scope)
      : groups_(groups), quantities_(quantities), columns_(scope) {}

  // The first quantity is Absent() until a step is seen, others begin at zero.
  absl::Status Init() {
    RETURN_IF_ERROR(columns_.Add(groups_, Absent()));
    return columns_.Add(groups_ * (quantities_ - 1), 0.0);
  }
  // As before anything was added to the group.
  void Reset(size_t group) {
    std::ranges::fill(At(0, group), Absent());
    for (size_t q = 1; q < quantities_; ++q) std::ranges::fill(At(q, group), 0.0);
  }
  std::span<double> At(size_t quantity, size_t group) {
    return columns_[quantity * groups_ + group];
  }

 private:
  size_t groups_, quantities_;
  HeldColumns columns_;
};

}  // namespace synoptic::promql::internal
