// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A RecordSink that remembers, for tests.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "alerting/rule/record_sink.h"

namespace synoptic::alerting {

class MemoryRecordSink final : public RecordSink {
 public:
  absl::Status Record(const RecordOrigin& origin, int64_t time_ms,
                      std::vector<RecordedSample> samples) override {
    if (!error.ok()) return error;
    for (RecordedSample& sample : samples) {
      const bool stale = promql::IsStaleNaN(sample.value);
      lines.push_back(absl::StrCat(time_ms / 1000, " ", sample.labels.ToString(), " ",
                                   stale ? "stale" : absl::StrCat(sample.value)));
      series[sample.labels][time_ms] = std::move(sample);
    }
    origins.insert(origin.rule);
    return absl::OkStatus();
  }
  void Missed(const RecordOrigin& origin, int64_t time_ms, std::string_view why) override {
    missed.push_back(absl::StrCat(time_ms / 1000, " ", origin.rule, ": ",
                                  absl::string_view(why.data(), why.size())));
  }

  absl::Status error;  // returned instead of taking anything
  std::map<promql::Labels, std::map<int64_t, RecordedSample>> series;
  std::vector<std::string> lines;   // as they came: `15 name{a="b"} 1`
  std::vector<std::string> missed;  // `15 rule: why`
  std::set<std::string> origins;
};

}  // namespace synoptic::alerting
