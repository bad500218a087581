// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Where a shared cache is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "net/http/client.h"

namespace synoptic::aggregator {

struct RedisOptions {
  std::vector<std::string> endpoints;  // host:port; of a cluster any of its nodes
  std::string username = {};
  std::string password = {};                // empty: none is sent
  std::optional<net::TlsOptions> tls = {};  // nothing: in the clear
  friend bool operator==(const RedisOptions&, const RedisOptions&) = default;
};

}  // namespace synoptic::aggregator
