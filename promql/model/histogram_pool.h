// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Histograms that nobody looks at any more, to be filled anew: a query makes one for each series
// and step, and most of them are gone by the next series.
//
// One thread takes; what was taken may be used and let go in others.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "promql/model/histogram.h"

namespace synoptic::promql {

namespace internal {
struct HistogramScratch;
}

class HistogramPool {
 public:
  HistogramPool();
  HistogramPool(const HistogramPool&) = delete;
  HistogramPool& operator=(const HistogramPool&) = delete;
  ~HistogramPool();

  // The histograms taken so far may be had again, as far as nobody else has kept them.
  void BeginRound() { next_ = 0; }

  // Who reads chunks into this pool gives count, sum, schema and hint only of histograms that are
  // compared with none outside of their chunk.
  bool stats_only() const { return stats_only_; }
  void set_stats_only(bool stats_only) { stats_only_ = stats_only; }

  // Of who reads chunks into this pool.
  internal::HistogramScratch& scratch() { return *scratch_; }

  // One that nobody else has. All of it has to be set: it holds what its last user put there.
  const std::shared_ptr<FloatHistogram>& Take() {
    if (next_ == all_.size()) all_.emplace_back();
    std::shared_ptr<FloatHistogram>& slot = all_[next_++];
    if (slot == nullptr || slot.use_count() > 1) {
      slot = std::make_shared<FloatHistogram>();
    } else {
      // What another thread read before it let go must not see what is written now.
      std::atomic_thread_fence(std::memory_order_acquire);
    }
    return slot;
  }

 private:
  std::vector<std::shared_ptr<FloatHistogram>> all_;
  size_t next_ = 0;
  bool stats_only_ = false;
  std::unique_ptr<internal::HistogramScratch> scratch_;
};

}  // namespace synoptic::promql
