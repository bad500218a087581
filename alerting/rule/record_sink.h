// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Where rules write: what recording rules compute, and the ALERTS and ALERTS_FOR_STATE series of
// alerting rules. The store of recorded series and remote write are such sinks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "promql/model/labels.h"
#include "promql/model/sample.h"

namespace synoptic::alerting {

inline constexpr std::string_view kAlertsMetric = "ALERTS";
inline constexpr std::string_view kAlertsForStateMetric = "ALERTS_FOR_STATE";

// A float, a histogram, or the stale marker (IsStaleNaN(value)): the series has ended.
struct RecordedSample {
  promql::Labels labels;  // metric name included
  double value = 0;
  promql::HistogramPtr histogram = nullptr;
};

// What wrote it. The same rule in the same place has the same origin over reloads and restarts.
struct RecordOrigin {
  std::string file;
  std::string group;
  std::string rule;
  int64_t interval_ms = 0;
};

// What one rule of a group recorded.
struct RuleRecords {
  std::string_view rule;  // its name
  std::vector<RecordedSample> samples;
};

// Called on the event loop, for one rule after the other in the order of its group. What it took is
// visible to queries when it returns: later rules of the group read it.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  // All samples of one evaluation, at one time. Samples that cannot be taken (out of order, another
  // value at the same time) do not keep the others out; the first such error is returned.
  virtual absl::Status Record(const RecordOrigin& origin, int64_t time_ms,
                              std::vector<RecordedSample> samples) = 0;
  // The same for several rules of `group` (whose `rule` is empty) at once, which costs less. One
  // status a rule.
  virtual std::vector<absl::Status> RecordAll(const RecordOrigin& group, int64_t time_ms,
                                              std::vector<RuleRecords> rules) {
    std::vector<absl::Status> result;
    RecordOrigin origin = group;
    for (RuleRecords& one : rules) {
      origin.rule = one.rule;
      result.push_back(Record(origin, time_ms, std::move(one.samples)));
    }
    return result;
  }
  // The rule had a slot at `time_ms` whose result is not known, or not wholly: it was skipped, it
  // failed, or parts were unseen (`why`). Whoever makes up for it later starts from here.
  virtual void Missed(const RecordOrigin& /*origin*/, int64_t /*time_ms*/,
                      std::string_view /*why*/) {}
};

}  // namespace synoptic::alerting
