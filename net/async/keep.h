// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A task whose result somebody keeps: what every leg of a fan-out is.
#pragma once

#include <exception>
#include <optional>
#include <utility>

#include "net/async/exception.h"
#include "net/async/task.h"

namespace synoptic {

// Runs `task` and hands its result to `keep`, exceptions as a status: keep(result) is called once,
// whatever happens. `keep` owns what it uses.
template <class Result, class Keep>
Task<> RunAndKeep(boost::asio::awaitable<Result> task, Keep keep) {
  std::optional<Result> result;
  try {
    result.emplace(co_await std::move(task));
  } catch (...) {
    result.emplace(StatusOfException(std::current_exception()));
  }
  keep(*std::move(result));
  co_return absl::OkStatus();
}

}  // namespace synoptic
