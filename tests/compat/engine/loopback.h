// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// One HTTP request to a server on this machine, blocking: enough for a test that owns both ends.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace synoptic::compat {

// The body of the answer. `headers` are whole lines, each ending in \r\n.
absl::StatusOr<std::string> Post(int port, std::string_view path, std::string_view headers,
                                 std::string_view body);

}  // namespace synoptic::compat
