// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// From the series of one answer, in any order, to a set: sorted by labels, each label set once.
//
// Series become equal when the label that told replicas apart was dropped (an upstream that holds
// several replicas' data), or when several replicas' answers come together. Which samples stay does
// not depend on the order of arrival.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/budget.h"
#include "base/grow.h"
#include "promql/model/series.h"

namespace synoptic::aggregator {

// Of equal series, the one with the most values stays and the others fill its absent steps.
void MakeSet(std::vector<promql::StepSeries>& series);

// Chunks of one series that overlap are decoded and merged by time. Equal series are replicas of
// one another: their samples lie at slightly different times, so the one with the most samples
// stays and the others only fill its gaps (more than 2.5 of its usual intervals). Columns this
// makes are charged to `held`. Errors: those of decoding.
absl::Status MakeSet(std::vector<promql::RawSeries>& series, Reservation& held);

// Bytes that a series holds, besides chunk bytes (which their owners hold).
int64_t HeldBytes(const promql::StepSeries& series);
int64_t HeldBytes(const promql::RawSeries& series);

// Room for one more element, charged before it is taken: a list that grows is there twice for a
// moment. `room` holds what the list's own memory is worth, and nothing else.
template <class T>
absl::Status MakeRoom(std::vector<T>& list, Reservation& room) {
  constexpr size_t kFirst = 16;
  if (list.size() < list.capacity()) return absl::OkStatus();
  const size_t wanted = std::max(kFirst, 2 * list.capacity());
  Reservation larger = room.Sibling();
  if (absl::Status status = larger.Grow(static_cast<int64_t>(wanted * sizeof(T))); !status.ok()) {
    return status;
  }
  GrowTo(list, wanted);
  room = std::move(larger);
  return absl::OkStatus();
}

}  // namespace synoptic::aggregator
