// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The windows of all steps as ranges of indexes into one series' samples.
//
// Series of one target are scraped at the same times: a set is kept from series to series and
// computed anew only where times differ. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "promql/model/grid.h"

namespace synoptic::promql {

struct RangeInput;

// A value for each step: a few need no room of their own.
template <class T>
using StepVector = absl::InlinedVector<T, 8>;

class WindowSet {
 public:
  // What extrapolation needs to know of each window's times. Where a window has fewer than two
  // samples: numbers that harm nobody.
  struct Extents {
    StepVector<double> sampled;   // seconds from the first sample to the last one
    StepVector<double> to_start;  // seconds that the increase is extended by at either end
    StepVector<double> to_end;
  };

  // The windows of `in` over in.t.
  void Assign(const RangeInput& in);

  // Step i looks at the samples [lo()[i], hi()[i]).
  std::span<const uint32_t> lo() const { return lo_; }
  std::span<const uint32_t> hi() const { return hi_; }
  // In all windows together.
  int64_t samples() const { return samples_; }
  // So many windows, from the first one on, are the one before moved by one sample.
  size_t moving() const { return moving_; }
  const Extents& extents();

  // Room for kernels that need some for each series; what is in it is nobody's promise.
  struct Scratch {
    StepVector<double> first, second;
    StepVector<uint32_t> counts;
  };
  Scratch& scratch() { return scratch_; }
  // A T that a kernel has for itself from series to series: its room is found once.
  template <class T>
  T& Kept() {
    for (const auto& [type, object] : kept_) {
      if (type == &kTypeOf<T>) return *static_cast<T*>(object.get());
    }
    kept_.emplace_back(&kTypeOf<T>, std::make_shared<T>());
    return *static_cast<T*>(kept_.back().second.get());
  }

 private:
  bool SameAs(const RangeInput& in) const;
  bool AssignRegular(const RangeInput& in);  // false: not so simple
  void AssignAny(const RangeInput& in);
  void MeasureFrom(size_t first);  // the extents of this step and all after it

  StepVector<int64_t> t_;  // the times that the rest is about; empty when not worth keeping
  Grid grid_;
  int64_t range_ms_ = 0;
  int64_t offset_ms_ = 0;
  StepVector<uint32_t> lo_, hi_;
  int64_t samples_ = 0;
  size_t moving_ = 0;
  size_t alike_from_ = 0, alike_to_ = 0;  // windows whose times lie alike in them
  std::span<const int64_t> times_;        // of the last Assign
  Extents extents_;
  bool has_extents_ = false;
  StepVector<double> intervals_;  // MeasureFrom's own
  Scratch scratch_;
  template <class T>
  static constexpr char kTypeOf = 0;
  absl::InlinedVector<std::pair<const char*, std::shared_ptr<void>>, 2> kept_;
};

}  // namespace synoptic::promql
