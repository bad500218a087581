// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/async/runtime.h"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <thread>

namespace synoptic {

namespace asio = boost::asio;

namespace {

class ThreadRuntime final : public Runtime {
 public:
  explicit ThreadRuntime(int compute_threads)
      : compute_(std::in_place, compute_threads > 0
                                    ? compute_threads
                                    : static_cast<int>(std::thread::hardware_concurrency())),
        context_(std::in_place, 1),
        work_(asio::make_work_guard(*context_)),
        thread_([this] { context_->run(); }) {}
  ~ThreadRuntime() override { Shutdown(); }

  asio::any_io_executor executor() override { return context_->get_executor(); }
  ComputePool& compute() override { return *compute_; }

  void Shutdown() override {
    if (!thread_.joinable()) return;
    work_.reset();
    context_->stop();
    thread_.join();
    // The pool first: a function on it may refer to a suspended coroutine's frame.
    compute_.reset();
    context_.reset();
  }

 private:
  std::optional<ComputePool> compute_;
  std::optional<asio::io_context> context_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Runtime> StartRuntime(int compute_threads) {
  return std::make_unique<ThreadRuntime>(compute_threads);
}

}  // namespace synoptic
