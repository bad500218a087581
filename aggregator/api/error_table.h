// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The one table from status codes to what the API says.
#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace synoptic::aggregator {

struct ApiError {
  std::string_view type;  // errorType
  int http_status;
};

ApiError ApiErrorOf(absl::StatusCode code);

}  // namespace synoptic::aggregator
