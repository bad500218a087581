// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Task<T>: a coroutine that ends in a StatusOr<T> (Task<>: in a Status). The return type is the
// marker of a function that suspends.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace synoptic {

namespace internal {
template <class T>
struct TaskResult {
  using type = absl::StatusOr<T>;
};
template <>
struct TaskResult<void> {
  using type = absl::Status;
};
}  // namespace internal

template <class T = void>
using Task = boost::asio::awaitable<typename internal::TaskResult<T>::type>;

}  // namespace synoptic
