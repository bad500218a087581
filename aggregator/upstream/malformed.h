// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The error of an answer that is not what an answer of the query API looks like. Internal to this
// library.
#pragma once

#include <utility>

#include "base/status.h"

namespace synoptic::aggregator {

template <class... Args>
absl::Status Malformed(fmt::format_string<Args...> format, Args&&... args) {
  return MakeStatus(absl::StatusCode::kDataLoss, format, std::forward<Args>(args)...);
}

}  // namespace synoptic::aggregator
