// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Synoptics that ask each other in a circle would ask for ever. Every request to an upstream says
// through whom it came, in the header Synoptic-Via: the identities, oldest first, separated by
// commas. Who finds itself there, or more than a few others, refuses. Upstreams that are no
// Synoptic ignore the header.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "net/http/message.h"

namespace synoptic::aggregator {

inline constexpr std::string_view kViaHeader = "Synoptic-Via";
// More levels of Synoptics than anybody stacks.
inline constexpr size_t kMaxVia = 8;

// Puts `via` and then `identity` on a request; nothing without an identity.
void AddVia(std::string_view via, std::string_view identity, net::Headers& headers);

// FailedPrecondition when a request that came through `via` must not be asked on by `identity`.
absl::Status CheckVia(std::string_view via, std::string_view identity);

}  // namespace synoptic::aggregator
