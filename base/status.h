// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Shorthand around absl::Status: formatted constructors and propagation macros.
//
// Messages are lower case, read from outside to inside, name the thing and the value, and hold no
// secrets: `region "eu-1" shard "main": query_range: HTTP 503`.
#pragma once

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "fmt/format.h"

namespace synoptic {

// A status of the given code with a formatted message.
template <class... Args>
absl::Status MakeStatus(absl::StatusCode code, fmt::format_string<Args...> format, Args&&... args) {
  return absl::Status(code, fmt::format(format, std::forward<Args>(args)...));
}

// Bad input: the caller's mistake, never worth a retry.
template <class... Args>
absl::Status InvalidArgument(fmt::format_string<Args...> format, Args&&... args) {
  return MakeStatus(absl::StatusCode::kInvalidArgument, format, std::forward<Args>(args)...);
}

// Prefixes the message with `context`, outside to inside. OK stays OK; payloads are kept.
absl::Status Annotate(const absl::Status& status, std::string_view context);

// The message as std::string_view (absl's own string_view does not convert on Debian 12).
inline std::string_view MessageOf(const absl::Status& status) {
  return {status.message().data(), status.message().size()};
}

namespace internal {
inline const absl::Status& ToStatus(const absl::Status& status) { return status; }
template <class T>
const absl::Status& ToStatus(const absl::StatusOr<T>& status_or) {
  return status_or.status();
}
}  // namespace internal

}  // namespace synoptic

#define SYNOPTIC_CONCAT_INNER(a, b) a##b
#define SYNOPTIC_CONCAT(a, b) SYNOPTIC_CONCAT_INNER(a, b)

// Returns from the function when `expr` (a Status) is not OK.
#define RETURN_IF_ERROR(expr) \
  if (absl::Status synoptic_status = (expr); !synoptic_status.ok()) return synoptic_status

// ASSIGN_OR_RETURN(auto x, F()): declares or assigns `x`, or returns the error.
#define ASSIGN_OR_RETURN(lhs, expr) \
  SYNOPTIC_ASSIGN_OR(return, SYNOPTIC_CONCAT(synoptic_or_, __LINE__), lhs, expr)

// The same inside coroutines.
#define CO_RETURN_IF_ERROR(expr) \
  if (absl::Status synoptic_status = (expr); !synoptic_status.ok()) co_return synoptic_status
#define CO_ASSIGN_OR_RETURN(lhs, expr) \
  SYNOPTIC_ASSIGN_OR(co_return, SYNOPTIC_CONCAT(synoptic_or_, __LINE__), lhs, expr)

#define SYNOPTIC_ASSIGN_OR(ret, tmp, lhs, expr)           \
  auto tmp = (expr);                                      \
  if (!tmp.ok()) ret ::synoptic::internal::ToStatus(tmp); \
  lhs = std::move(tmp).value()
