// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Lets at most n evaluations through at once. Rules have a quarter as many places of their own
// beside those n, at least one, and go first; the other lanes take turns by weight, each lane in
// order of arrival, so that no lane waits for ever behind a busy one.
//
// Not thread-safe: used on the event loop's executor.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <utility>

#include "aggregator/upstream/lane.h"
#include "net/async/deadline.h"
#include "net/async/event.h"

namespace synoptic::aggregator {

class Gate {
 public:
  explicit Gate(int places);
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  // A place inside; leaves on destruction. Movable. The gate outlives it.
  class Place {
   public:
    Place() = default;
    Place(Gate* gate, Lane lane) : gate_(gate), lane_(lane) {}
    Place(Place&& other) noexcept
        : gate_(std::exchange(other.gate_, nullptr)), lane_(other.lane_) {}
    Place& operator=(Place&& other) noexcept {
      std::swap(gate_, other.gate_);
      std::swap(lane_, other.lane_);
      return *this;
    }
    ~Place() {
      if (gate_ != nullptr) gate_->Leave(lane_);
    }

   private:
    Gate* gate_ = nullptr;
    Lane lane_ = Lane::kDashboards;
  };

  // DeadlineExceeded when no place came free in time; Cancelled.
  Task<Place> Enter(const Clock& clock, Deadline deadline, Lane lane = Lane::kDashboards);
  size_t waiting() const;

 private:
  struct Waiter;
  bool Admits(Lane lane) const;
  void Take(Lane lane);
  // A lane that begins to wait has not saved up the turns it did not need.
  void Join(Lane lane);
  void Leave(Lane lane);
  // The lane whose turn it is among those that wait and may enter; kLanes: none.
  size_t NextLane() const;

  const int shared_;  // places of all but rules
  const int all_;
  int inside_ = 0;        // in all
  int inside_other_ = 0;  // of these, not rules
  std::array<std::deque<Waiter*>, kLanes> waiters_;
  std::array<int64_t, kLanes> used_{};  // turns taken, divided by weight
};

}  // namespace synoptic::aggregator
