// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace synoptic::alerting {

// Where an alert can be decided.
enum class Tier { kLocal, kRegional, kGlobal };
std::string_view TierName(Tier tier);

}  // namespace synoptic::alerting
