// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/config_files.h"

#include <functional>
#include <utility>

namespace synoptic::app {
namespace {

// Remembers what was read; its answers are the same for the same question.
class ReadingFs : public Fs {
 public:
  using Content = absl::StatusOr<std::string>;
  using Paths = absl::StatusOr<std::vector<std::string>>;

  explicit ReadingFs(Fs& fs) : fs_(fs) {}

  absl::Status WriteFileAtomically(const std::string& path, std::string_view content) override {
    return fs_.WriteFileAtomically(path, content);
  }
  absl::Status CreateDirectories(const std::string& path) override {
    return fs_.CreateDirectories(path);
  }
  Content ReadFile(const std::string& path, size_t max_bytes) const override {
    Content content = fs_.ReadFile(path, max_bytes);
    const absl::MutexLock lock(&mutex_);
    files_.insert_or_assign(path, std::pair(max_bytes, content));
    return content;
  }
  Paths Glob(const std::string& pattern) const override {
    Paths paths = fs_.Glob(pattern);
    const absl::MutexLock lock(&mutex_);
    patterns_.insert_or_assign(pattern, paths);
    return paths;
  }

 protected:
  Fs& fs_;
  mutable absl::Mutex mutex_;
  mutable std::map<std::string, std::pair<size_t, Content>> files_ ABSL_GUARDED_BY(mutex_);
  mutable std::map<std::string, Paths> patterns_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

class ConfigFiles::Edited final : public ReadingFs {
 public:
  Edited(Fs& fs, const std::shared_ptr<const ConfigFiles>& loaded) : ReadingFs(fs) {
    if (loaded == nullptr) return;
    const absl::MutexLock theirs(&loaded->edited_->mutex_);
    const absl::MutexLock ours(&mutex_);
    files_ = loaded->edited_->files_;
    patterns_ = loaded->edited_->patterns_;
  }
  Content ReadFile(const std::string& path, size_t max_bytes) const override {
    {
      const absl::MutexLock lock(&mutex_);
      if (const auto known = files_.find(path); known != files_.end()) return known->second.second;
    }
    return ReadingFs::ReadFile(path, max_bytes);
  }
  Paths Glob(const std::string& pattern) const override {
    {
      const absl::MutexLock lock(&mutex_);
      if (const auto known = patterns_.find(pattern); known != patterns_.end()) {
        return known->second;
      }
    }
    return ReadingFs::Glob(pattern);
  }
};

class ConfigFiles::Named final : public ReadingFs {
 public:
  using ReadingFs::ReadingFs;
  bool Changed() const {
    std::map<std::string, std::pair<size_t, Content>> files;
    std::map<std::string, Paths> patterns;
    {
      const absl::MutexLock lock(&mutex_);
      files = files_;
      patterns = patterns_;
    }
    for (const auto& [path, then] : files) {
      if (fs_.ReadFile(path, then.first) != then.second) return true;
    }
    for (const auto& [pattern, then] : patterns) {
      if (fs_.Glob(pattern) != then) return true;
    }
    return false;
  }
};

ConfigFiles::ConfigFiles(Fs& fs, const std::shared_ptr<const ConfigFiles>& loaded)
    : edited_(std::make_unique<Edited>(fs, loaded)), named_(std::make_unique<Named>(fs)) {}
ConfigFiles::~ConfigFiles() = default;

const Fs& ConfigFiles::edited() const { return *edited_; }
const Fs& ConfigFiles::named() const { return *named_; }

bool ConfigFiles::Changed() const { return named_->Changed(); }

}  // namespace synoptic::app
