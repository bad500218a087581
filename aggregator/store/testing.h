// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// For tests of what has a series store: a directory that goes away, and samples as text.
#pragma once

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "aggregator/store/series_store.h"
#include "promql/model/mixed_samples.h"
#include "promql/parse/parser.h"

namespace synoptic::aggregator {

class ScratchDirectory {
 public:
  ScratchDirectory() {
    static std::atomic<int> count{0};
    path_ = std::filesystem::temp_directory_path() /
            ("series_store." + std::to_string(getpid()) + "." + std::to_string(count++));
    std::filesystem::remove_all(path_);
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string path(const std::string& name = "store") const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

inline std::vector<promql::Matcher> Selector(const std::string& text) {
  return promql::ParseMetricSelector(text).value();
}

// One line a series: `x{a="b"} 1@15000 stale@30000`. An error is a line, too.
inline std::vector<std::string> ReadText(const SeriesStore& store, const std::string& selector,
                                         int64_t min_t, int64_t max_t) {
  const auto series = store.Read(Selector(selector), min_t, max_t);
  if (!series.ok()) return {series.status().ToString()};
  std::vector<std::string> lines;
  for (const promql::RawSeries& one : *series) {
    std::string line = one.labels.ToString();
    const auto samples = promql::ReadMixed(one);
    if (!samples.ok()) return {samples.status().ToString()};
    for (const promql::MixedSample& sample : *samples) {
      if (sample.t < min_t || sample.t > max_t) continue;
      const std::string value = sample.h != nullptr ? sample.h->ToString()
                                : sample.IsStale()  ? "stale"
                                                    : absl::StrCat(sample.v);
      absl::StrAppend(&line, " ", value, "@", sample.t);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace synoptic::aggregator
