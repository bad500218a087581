// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/async/event.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/async/timer.h"

namespace synoptic {

namespace asio = boost::asio;

Task<> Event::Wait() {
  while (!set_) {
    co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    if (set_) break;
    // Either we were cancelled, or another waiter's time ran out: then wait on.
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) {
      co_return absl::CancelledError("cancelled");
    }
  }
  co_return absl::OkStatus();
}

Task<> Event::WaitUntil(const Clock& clock, MonoTime at) {
  if (set_) co_return absl::OkStatus();
  if (clock.Mono() >= at) co_return absl::DeadlineExceededError("deadline exceeded");
  bool out_of_time = false;
  Timer alarm(timer_.get_executor(), clock);
  alarm.Start(at, [this, &out_of_time] {
    out_of_time = true;
    timer_.cancel();
  });
  while (!set_ && !out_of_time) {
    co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (!set_ && cancellation.cancelled() != asio::cancellation_type::none) {
      co_return absl::CancelledError("cancelled");
    }
  }
  if (set_) co_return absl::OkStatus();
  co_return absl::DeadlineExceededError("deadline exceeded");
}

}  // namespace synoptic
