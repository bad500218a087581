// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The one place where an exception of a library becomes a status: where a coroutine or a pool
// function was started.
#pragma once

#include <exception>

#include "absl/status/status.h"

namespace synoptic {

// Cancelled for Asio's operation_aborted, ResourceExhausted for bad_alloc, else Internal with
// what().
absl::Status StatusOfException(const std::exception_ptr& exception);

}  // namespace synoptic
