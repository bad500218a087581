// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What a script has loaded, as the evaluator sees it: as Prometheus' storage would give it back.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "promql/eval/memory_source.h"
#include "tests/promql/script.h"

namespace synoptic::promqltest {

struct StoredSample {
  double value = 0;
  promql::HistogramPtr histogram;  // null: a float
  int64_t start = 0;               // 0: unknown
};
using StoredSamples = std::map<int64_t, StoredSample>;

class Store {
 public:
  absl::Status Load(const LoadCommand& load);
  void Clear() {
    series_.clear();
    stored_.clear();
  }

  // A fresh source over the current data.
  absl::StatusOr<std::unique_ptr<promql::MemorySource>> Source();
  // All series, as storage keeps them.
  absl::StatusOr<std::vector<promql::RawSeries>> Chunked() const;

 private:
  std::map<promql::Labels, StoredSamples> series_;
  std::vector<promql::RawSeries> stored_;  // of all series; empty after a change
};

}  // namespace synoptic::promqltest
