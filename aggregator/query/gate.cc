// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/gate.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>

#include "base/status.h"

namespace synoptic::aggregator {

// Lives in the waiting coroutine's frame. A place handed to it and not taken goes back: the
// coroutine may have been cancelled in between.
struct Gate::Waiter {
  Waiter(Gate* to, const boost::asio::any_io_executor& executor) : gate(to), event(executor) {
    gate->waiters_.push_back(this);
  }
  ~Waiter() {
    if (granted) {
      if (!taken) gate->Leave();
      return;
    }
    std::erase(gate->waiters_, this);
  }
  Gate* const gate;
  Event event;
  bool granted = false;
  bool taken = false;
};

Task<Gate::Place> Gate::Enter(const Clock& clock, Deadline deadline) {
  if (free_ > 0) {
    --free_;
    co_return Place(this);
  }
  Waiter waiter(this, co_await boost::asio::this_coro::executor);
  const absl::Status status = co_await waiter.event.WaitUntil(clock, deadline.at());
  if (!waiter.granted) {
    if (!absl::IsDeadlineExceeded(status)) co_return status;
    co_return absl::DeadlineExceededError("query timed out in queue");
  }
  waiter.taken = true;
  co_return Place(this);
}

void Gate::Leave() {
  if (waiters_.empty()) {
    ++free_;
    return;
  }
  Waiter* next = waiters_.front();
  waiters_.pop_front();
  next->granted = true;
  next->event.Set();
}

}  // namespace synoptic::aggregator
