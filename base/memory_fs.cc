// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <fnmatch.h>

#include <map>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/fs.h"
#include "base/status.h"

namespace synoptic {
namespace {

class MemoryFs final : public Fs {
 public:
  absl::StatusOr<std::string> ReadFile(const std::string& path, size_t max_bytes) const override {
    absl::MutexLock lock(&mutex_);
    const auto it = files_.find(path);
    if (it == files_.end()) {
      return MakeStatus(absl::StatusCode::kNotFound, "{}: No such file or directory", path);
    }
    if (it->second.size() > max_bytes) {
      return MakeStatus(absl::StatusCode::kResourceExhausted, "{}: larger than {} bytes", path,
                        max_bytes);
    }
    return it->second;
  }
  absl::Status WriteFileAtomically(const std::string& path, std::string_view content) override {
    absl::MutexLock lock(&mutex_);
    files_[path] = std::string(content);
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<std::string>> Glob(const std::string& pattern) const override {
    absl::MutexLock lock(&mutex_);
    std::vector<std::string> paths;
    for (const auto& [path, content] : files_) {
      if (::fnmatch(pattern.c_str(), path.c_str(), FNM_PATHNAME) == 0) paths.push_back(path);
    }
    return paths;
  }
  absl::Status CreateDirectories(const std::string&) override { return absl::OkStatus(); }

 private:
  mutable absl::Mutex mutex_;
  std::map<std::string, std::string> files_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<Fs> NewMemoryFs() { return std::make_unique<MemoryFs>(); }

}  // namespace synoptic
