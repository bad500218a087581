// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/gate.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <limits>

#include "base/status.h"

namespace synoptic::aggregator {
namespace {

// What one turn costs a lane: metadata and dashboards get four turns for each of reports.
constexpr std::array<int64_t, kLanes> kTurn = {1, 1, 1, 4};

constexpr size_t IndexOf(Lane lane) { return static_cast<size_t>(lane); }

}  // namespace

// Lives in the waiting coroutine's frame. A place handed to it and not taken goes back: the
// coroutine may have been cancelled in between.
struct Gate::Waiter {
  Waiter(Gate* to, Lane of, const boost::asio::any_io_executor& executor)
      : gate(to), lane(of), event(executor) {
    gate->waiters_[IndexOf(lane)].push_back(this);
  }
  ~Waiter() {
    if (granted) {
      if (!taken) gate->Leave(lane);
      return;
    }
    std::erase(gate->waiters_[IndexOf(lane)], this);
  }
  Gate* const gate;
  const Lane lane;
  Event event;
  bool granted = false;
  bool taken = false;
};

Gate::Gate(int places) : shared_(places), all_(places + std::max(1, places / 4)) {}

bool Gate::Admits(Lane lane) const {
  return inside_ < all_ && (lane == Lane::kRules || inside_other_ < shared_);
}

void Gate::Take(Lane lane) {
  ++inside_;
  if (lane != Lane::kRules) ++inside_other_;
  used_[IndexOf(lane)] += kTurn[IndexOf(lane)];
}

void Gate::Join(Lane lane) {
  if (!waiters_[IndexOf(lane)].empty()) return;
  int64_t least = std::numeric_limits<int64_t>::max();
  for (size_t i = 0; i < kLanes; ++i) {
    if (!waiters_[i].empty()) least = std::min(least, used_[i]);
  }
  if (least == std::numeric_limits<int64_t>::max()) return;
  used_[IndexOf(lane)] = std::max(used_[IndexOf(lane)], least);
}

size_t Gate::NextLane() const {
  size_t next = kLanes;
  for (size_t i = 0; i < kLanes; ++i) {
    if (waiters_[i].empty() || !Admits(static_cast<Lane>(i))) continue;
    if (static_cast<Lane>(i) == Lane::kRules) return i;
    if (next == kLanes || used_[i] < used_[next]) next = i;
  }
  return next;
}

Task<Gate::Place> Gate::Enter(const Clock& clock, Deadline deadline, Lane lane) {
  if (Admits(lane)) {
    Take(lane);
    co_return Place(this, lane);
  }
  Join(lane);
  Waiter waiter(this, lane, co_await boost::asio::this_coro::executor);
  const absl::Status status = co_await waiter.event.WaitUntil(clock, deadline.at());
  if (!waiter.granted) {
    if (!absl::IsDeadlineExceeded(status)) co_return status;
    co_return absl::DeadlineExceededError("query timed out in queue");
  }
  waiter.taken = true;
  co_return Place(this, lane);
}

void Gate::Leave(Lane lane) {
  --inside_;
  if (lane != Lane::kRules) --inside_other_;
  for (size_t next = NextLane(); next != kLanes; next = NextLane()) {
    Waiter* waiter = waiters_[next].front();
    waiters_[next].pop_front();
    Take(waiter->lane);
    waiter->granted = true;
    waiter->event.Set();
  }
}

size_t Gate::waiting() const {
  size_t n = 0;
  for (const auto& lane : waiters_) n += lane.size();
  return n;
}

}  // namespace synoptic::aggregator
