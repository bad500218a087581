// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// One request to a Synoptic server, for commands.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "net/http/message.h"

namespace synoptic::app {

struct Reply {
  int status = 0;
  net::Headers headers;
  std::string body;
};

// Sends `request` to the server and returns whatever answer came. Errors name the server.
absl::StatusOr<Reply> Ask(const std::string& server, net::HttpRequest request);
// POSTs a form to <server><path> and returns whatever answer came.
absl::StatusOr<Reply> PostForm(const std::string& server, std::string_view path,
                               const net::Parameters& form);

}  // namespace synoptic::app
