// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Samples in memory, each series at a part of the world, and queries over what of it can be seen at
// a time. What rule tests and backtests run on.
//
// Not thread-safe.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "alerting/rule/record_sink.h"
#include "promql/eval/evaluator.h"
#include "promql/model/series.h"
#include "promql/parse/parser.h"

namespace synoptic::alerting {

// Series of no region: what rules recorded here. Always seen.
inline constexpr int kHere = -1;

class SampleStore final : public RecordSink {
 public:
  // Errors in Prometheus' words: a time before the series' last, or another value at it.
  absl::Status Append(const promql::Labels& labels, int part, int64_t time_ms, double value,
                      promql::HistogramPtr histogram = nullptr);
  absl::Status Record(const RecordOrigin& origin, int64_t time_ms,
                      std::vector<RecordedSample> samples) override;

  // What queries see: samples up to `until_ms`, none of the parts in `dark`.
  struct View {
    int64_t until_ms = INT64_MAX;
    std::set<int> dark;
  };
  struct Language {
    promql::ParseOptions parse;
    int64_t lookback_ms = 300'000;
    int64_t subquery_step_ms = 60'000;
    bool delayed_name_removal = false;
  };
  absl::StatusOr<promql::EvalResult> Query(std::string_view text, const promql::Grid& grid,
                                           bool range, const View& view,
                                           const Language& language) const;

  struct Series {
    int part = kHere;
    promql::SampleColumns floats;
    promql::HistogramColumns histograms;
    // The same as a storage would give them back: with counter reset hints. Made when first read.
    mutable promql::HistogramColumns stored;
  };
  const std::map<promql::Labels, Series>& series() const { return series_; }

 private:
  std::map<promql::Labels, Series> series_;
};

}  // namespace synoptic::alerting
