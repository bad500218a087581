// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Named places at which a test pulls the plug: SYNOPTIC_CRASH_AT=<name>:<n> in the environment ends
// the process, without a word to anybody, the n-th time that it passes there. Without the variable
// a point costs one comparison. Thread-safe.
#pragma once

#include <string_view>

namespace synoptic {

void CrashPoint(std::string_view name);

}  // namespace synoptic
