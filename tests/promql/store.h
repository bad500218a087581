// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What a script has loaded, as the evaluator sees it.
//
// Native histograms become chunks that the evaluator cannot read yet, and series with start
// timestamps refuse to be read: both end in its own "not supported yet" and never in a wrong value.
#pragma once

#include <map>
#include <memory>
#include <set>

#include "promql/eval/memory_source.h"
#include "tests/promql/script.h"

namespace synoptic::promqltest {

class Store {
 public:
  void Load(const LoadCommand& load);
  void Clear();

  // A fresh source over the current data.
  std::unique_ptr<promql::MemorySource> Source() const;
  bool HasStartTimestamps(const promql::Labels& labels) const {
    return with_start_timestamps_.contains(labels);
  }

 private:
  void LoadSeries(const SeriesText& series, int64_t step_ms);
  void LoadClassicAsNative(const SeriesText& series, int64_t step_ms);

  using Samples = std::map<int64_t, SequenceValue>;
  std::map<promql::Labels, Samples> series_;
  std::set<promql::Labels> with_start_timestamps_;
};

}  // namespace synoptic::promqltest
