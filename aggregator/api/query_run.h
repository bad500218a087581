// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What `query` and `query_range` have in common: options, running, and the answer.
#pragma once

#include "aggregator/api/endpoints.h"

namespace synoptic::aggregator {

struct QueryRun {
  QueryRequest request;
  CommonParams common;
  std::string stats;       // the parameter; empty: none
  bool show_infos = true;  // notices=
  bool show_warnings = true;
  int64_t warn_samples = 0;  // max_samples_processed_*: 0: none
  int64_t max_samples = 0;
};

// Everything but the times. Keeps Prometheus' order of complaints.
absl::Status ReadQueryOptions(const Call& call, QueryRun* run);
Task<Answer> RunQuery(const Call& call, QueryRun run);

// Who asks, for the query log: Grafana's headers. Never credentials.
void LogQuery(const Call& call, const QueryRun& run, const absl::Status& status,
              const Coverage& coverage, double seconds);

}  // namespace synoptic::aggregator
