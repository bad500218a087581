// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/async/fan_out.h"

namespace synoptic::internal {

namespace asio = boost::asio;

asio::awaitable<bool> AwaitOrCancel(Event& event, const TaskHandle& handle, const Clock& clock,
                                    Deadline deadline) {
  // The task may refer to our caller's frame: stay until it has ended, also when we are cancelled.
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  bool late = false;
  const absl::Status status = co_await event.WaitUntil(clock, deadline.at());
  if (!status.ok()) {
    late = absl::IsDeadlineExceeded(status);
    handle.Cancel();
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    (void)co_await event.Wait();  // always OK now
    co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
  }
  co_await asio::this_coro::throw_if_cancelled(throws);
  co_return late;
}

}  // namespace synoptic::internal
