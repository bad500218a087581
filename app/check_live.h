// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// `check config --live`: connects to every configured server and says what is wrong there.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "app/live_facts.h"

namespace synoptic::app {

// Blocks until all servers answered or did not. An error: nothing could be asked at all.
absl::StatusOr<std::vector<LiveFinding>> CheckLive(const aggregator::Inventory& inventory);

// "note", "warning", "error".
std::string_view NameOf(LiveFinding::Level level);

}  // namespace synoptic::app
