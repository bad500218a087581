// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What tests of tiers share: streams, blocks that tell which one they are, and a directory.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>
#include <system_error>

#include "aggregator/cache/fragment_codec.h"
#include "aggregator/cache/stream_key.h"
#include "base/rng.h"

namespace synoptic::aggregator {

inline constexpr int64_t kTestStep = 15'000;

inline std::string StreamOf(const std::string& region, const std::string& text,
                            const std::string& fingerprint = "f") {
  StepRequest request;
  request.text = text;
  request.grid = {0, kTestStep, kTestStep};
  return StepsKey({region, "main", fingerprint}, request, 0);
}

// The fragment of one block: values differ by stream, block and version, and do not compress.
inline FragmentPtr BlockFor(const std::string& stream, int64_t block, uint64_t version = 0,
                            size_t series = 3) {
  const BlockLayout layout = LayoutOf(stream);
  const int64_t first = layout.FirstOf(block);
  const int64_t last = layout.LastOf(block);
  SeededRng rng(std::hash<std::string>()(stream) + static_cast<uint64_t>(block) * 31 + version);
  std::vector<promql::StepSeries> all;
  for (size_t i = 0; i < series; ++i) {
    promql::StepSeries& one = all.emplace_back();
    one.labels = promql::Labels::From({{"__name__", "x"}, {"i", std::to_string(100 + i)}});
    for (int64_t t = first; t <= last; t += kTestStep) {
      one.values.push_back(static_cast<double>(rng.Next()) / 3);
    }
  }
  return PackSteps(all, {first, last, kTestStep}, first, last, {"r", 5, {}, {}}, nullptr);
}

inline bool IsBlock(const FragmentPtr& fragment, const std::string& stream, int64_t block,
                    uint64_t version = 0, size_t series = 3) {
  return fragment != nullptr &&
         EncodeFragment(stream, block, *fragment) ==
             EncodeFragment(stream, block, *BlockFor(stream, block, version, series));
}

// A directory of its own, gone in the end.
class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "synoptic_XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  ~ScratchDirectory() { std::filesystem::remove_all(path_); }
  const std::filesystem::path& path() const { return path_; }

  // All bytes of the files below that are there.
  int64_t Bytes() const {
    int64_t bytes = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path_)) {
      std::error_code gone;  // a database deletes files in its own time
      if (!entry.is_regular_file(gone)) continue;
      const auto size = entry.file_size(gone);
      if (!gone) bytes += static_cast<int64_t>(size);
    }
    return bytes;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace synoptic::aggregator
