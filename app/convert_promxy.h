// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A Promxy configuration in our terms. A server group (targets with the same data) becomes a region
// with one shard; groups of equal labels that hold different times become one region's shards.
// What cannot be carried over, and what means something else here, is said, with its place.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace synoptic::app {

struct Converted {
  std::string yaml;
  // `file:line:column: path: ...`, in order of the file.
  std::vector<std::string> notes;
};

// InvalidArgument with a line for every error when it is no Promxy configuration.
absl::StatusOr<Converted> ConvertPromxy(const std::string& file, std::string_view text);

}  // namespace synoptic::app
