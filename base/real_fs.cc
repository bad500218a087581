// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/fs.h"
#include "base/status.h"

namespace synoptic {
namespace {

// Closes on destruction.
class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  const int fd_;
};

absl::Status ErrnoStatus(std::string_view path, int error) {
  char buffer[128];
  const std::string text = ::strerror_r(error, buffer, sizeof buffer);
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return MakeStatus(absl::StatusCode::kNotFound, "{}: {}", path, text);
    case EACCES:
    case EPERM:
    case EROFS:
      return MakeStatus(absl::StatusCode::kPermissionDenied, "{}: {}", path, text);
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
      return MakeStatus(absl::StatusCode::kResourceExhausted, "{}: {}", path, text);
    default:
      return MakeStatus(absl::StatusCode::kUnknown, "{}: {}", path, text);
  }
}

absl::Status WriteAll(int fd, const std::string& path, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return ErrnoStatus(path, errno);
    }
    content.remove_prefix(static_cast<size_t>(written));
  }
  if (::fsync(fd) != 0) return ErrnoStatus(path, errno);
  return absl::OkStatus();
}

absl::Status SyncDirectory(const std::string& path) {
  std::string directory = std::filesystem::path(path).parent_path().string();
  if (directory.empty()) directory = ".";
  const FileDescriptor fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0 || ::fsync(fd.get()) != 0) return ErrnoStatus(directory, errno);
  return absl::OkStatus();
}

class RealFs final : public Fs {
 public:
  absl::StatusOr<std::string> ReadFile(const std::string& path, size_t max_bytes) const override {
    // O_NONBLOCK: a FIFO must not hang us before we see that it is one.
    const FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (fd.get() < 0) return ErrnoStatus(path, errno);
    struct stat info{};
    if (::fstat(fd.get(), &info) != 0) return ErrnoStatus(path, errno);
    if (!S_ISREG(info.st_mode)) return InvalidArgument("{}: not a regular file", path);
    std::string content;
    char buffer[16 << 10];
    while (true) {
      const ssize_t count = ::read(fd.get(), buffer, sizeof buffer);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return ErrnoStatus(path, errno);
      if (count == 0) return content;
      content.append(buffer, static_cast<size_t>(count));
      if (content.size() > max_bytes) {
        return MakeStatus(absl::StatusCode::kResourceExhausted, "{}: larger than {} bytes", path,
                          max_bytes);
      }
    }
  }

  absl::Status WriteFileAtomically(const std::string& path, std::string_view content) override {
    static std::atomic<uint64_t> counter{0};
    const std::string temporary = fmt::format("{}.{}-{}.tmp", path, ::getpid(), ++counter);
    absl::Status status = WriteNew(temporary, content);
    if (status.ok() && ::rename(temporary.c_str(), path.c_str()) != 0) {
      status = ErrnoStatus(path, errno);
    }
    if (!status.ok()) {
      ::unlink(temporary.c_str());
      return status;
    }
    return SyncDirectory(path);
  }

  absl::StatusOr<std::vector<std::string>> Glob(const std::string& pattern) const override {
    glob_t found{};
    // A folder that is not there has no matching files; one that cannot be read is an error.
    const auto stops = [](const char*, int error) {
      return error == ENOENT || error == ENOTDIR ? 0 : 1;
    };
    const int result = ::glob(pattern.c_str(), 0, stops, &found);
    std::vector<std::string> paths(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    ::globfree(&found);
    if (result == 0) return paths;
    if (result == GLOB_NOMATCH) return std::vector<std::string>();
    return MakeStatus(absl::StatusCode::kUnknown, "{}: cannot list matching files", pattern);
  }

  absl::Status CreateDirectories(const std::string& path) override {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    return error ? ErrnoStatus(path, error.value()) : absl::OkStatus();
  }

 private:
  static absl::Status WriteNew(const std::string& path, std::string_view content) {
    const FileDescriptor fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640));
    if (fd.get() < 0) return ErrnoStatus(path, errno);
    return WriteAll(fd.get(), path, content);
  }
};

}  // namespace

std::unique_ptr<Fs> NewRealFs() { return std::make_unique<RealFs>(); }

}  // namespace synoptic
