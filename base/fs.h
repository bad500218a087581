// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Files as a dependency: what Synoptic reads and writes goes through Fs, so that tests hand it a
// map and the simulator tears its writes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace synoptic {

// Thread-safe.
class Fs {
 public:
  virtual ~Fs() = default;
  // The whole file. NotFound, PermissionDenied, or ResourceExhausted when larger than `max_bytes`;
  // InvalidArgument for what is not a regular file. Messages name the path.
  virtual absl::StatusOr<std::string> ReadFile(const std::string& path, size_t max_bytes) const = 0;
  // Replaces the file as a whole (temporary file, fsync, rename, fsync of the directory).
  virtual absl::Status WriteFileAtomically(const std::string& path, std::string_view content) = 0;
  // Paths that match a shell pattern, sorted; none is not an error.
  virtual absl::StatusOr<std::vector<std::string>> Glob(const std::string& pattern) const = 0;
  virtual absl::Status CreateDirectories(const std::string& path) = 0;
};

// The machine's file system; created in `app` only.
std::unique_ptr<Fs> NewRealFs();

// Files in memory. For tests.
std::unique_ptr<Fs> NewMemoryFs();

}  // namespace synoptic
