// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The one list of what is served where.
#pragma once

#include <span>
#include <string_view>

#include "aggregator/api/endpoints.h"

namespace synoptic::aggregator {

struct Route {
  std::string_view methods;  // separated by spaces
  std::string_view path;     // a {name} segment goes to Call::path_argument
  // One of the two.
  Task<Answer> (*answer)(const Call&) = nullptr;
  Task<net::HttpResponse> (*respond)(const Call&) = nullptr;
  // For answers that others may get as well; null: never.
  Keep (*keep)(const Call&) = nullptr;
};

std::span<const Route> Routes();
// Health, readiness, metrics, reload.
std::span<const Route> AdminRoutes();

}  // namespace synoptic::aggregator
