// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The threads for CPU work. A query hops from the I/O thread to the pool and back; anything over
// about a millisecond belongs here.
//
// Thread-safe. The destructor waits for what runs and drops nothing that was queued. Destroy the
// pool before the event loops its callers run on: a pool thread may still be inside the post that
// wakes a caller when that caller has already resumed and finished. (Runtime does this; in a test,
// declare the pool after the loop.)
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/executor.h"
#include "net/async/exception.h"
#include "net/async/task.h"

namespace synoptic {

class ComputePool final : public Executor {
 public:
  explicit ComputePool(int threads);
  ~ComputePool() override;
  int threads() const override { return threads_; }
  void Post(std::function<void()> work) override;
  boost::asio::any_io_executor executor() { return pool_.get_executor(); }

 private:
  const int threads_;
  boost::asio::thread_pool pool_;
};

namespace internal {
template <class R>
struct PoolResult {
  using type = absl::StatusOr<R>;
  using task = R;
};
template <>
struct PoolResult<void> {
  using type = absl::Status;
  using task = void;
};
template <>
struct PoolResult<absl::Status> {
  using type = absl::Status;
  using task = void;
};
template <class T>
struct PoolResult<absl::StatusOr<T>> {
  using type = absl::StatusOr<T>;
  using task = T;
};

template <class R, class F>
R CallGuarded(F& function) {
  try {
    if constexpr (std::is_void_v<std::invoke_result_t<F&>>) {
      function();
      return absl::OkStatus();
    } else {
      return function();
    }
  } catch (...) {
    return StatusOfException(std::current_exception());
  }
}
}  // namespace internal

// Runs a plain function on the pool; the caller resumes on its own executor. The function may
// refer to the caller's frame: this does not return before it ended, even when the caller is
// cancelled meanwhile (pass a CancelToken in for that). An exception becomes a status (bad_alloc:
// ResourceExhausted).
template <class F>
Task<typename internal::PoolResult<std::invoke_result_t<F&>>::task> RunOn(ComputePool& pool,
                                                                          F function) {
  using Result = typename internal::PoolResult<std::invoke_result_t<F&>>::type;
  std::optional<Result> result;
  auto initiate = [&](auto handler) {
    auto home = boost::asio::get_associated_executor(handler);
    auto run = [&result, &function, home, handler = std::move(handler)]() mutable {
      result.emplace(internal::CallGuarded<Result>(function));
      boost::asio::post(home, std::move(handler));
    };
    boost::asio::post(pool.executor(), std::move(run));
  };
  co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void()>(
      initiate, boost::asio::use_awaitable);
  co_return *std::move(result);
}

}  // namespace synoptic
