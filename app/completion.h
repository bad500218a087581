// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Shell completion, made from the commands themselves, so that it is never out of date.
#pragma once

#include <string>

namespace CLI {  // NOLINT(readability-identifier-naming): not ours
class App;
}

namespace synoptic::app {

// Writes the script for "bash", "zsh" or "fish" to stdout.
int PrintCompletion(const CLI::App& root, const std::string& shell);

}  // namespace synoptic::app
