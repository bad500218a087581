// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Lets at most n evaluations through at once, first come first served.
//
// Not thread-safe: used on the event loop's executor.
#pragma once

#include <deque>
#include <utility>

#include "net/async/deadline.h"
#include "net/async/event.h"

namespace synoptic::aggregator {

class Gate {
 public:
  explicit Gate(int places) : free_(places) {}
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  // A place inside; leaves on destruction. Movable. The gate outlives it.
  class Place {
   public:
    Place() = default;
    explicit Place(Gate* gate) : gate_(gate) {}
    Place(Place&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
    Place& operator=(Place&& other) noexcept {
      std::swap(gate_, other.gate_);
      return *this;
    }
    ~Place() {
      if (gate_ != nullptr) gate_->Leave();
    }

   private:
    Gate* gate_ = nullptr;
  };

  // DeadlineExceeded when no place came free in time; Cancelled.
  Task<Place> Enter(const Clock& clock, Deadline deadline);
  size_t waiting() const { return waiters_.size(); }

 private:
  struct Waiter;
  void Leave();

  int free_;
  std::deque<Waiter*> waiters_;
};

}  // namespace synoptic::aggregator
