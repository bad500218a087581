// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// How long a query waits for a region that others can answer without.
//
// Pure arithmetic over times; the fan-out asks it again whenever something happened.
#pragma once

#include <algorithm>
#include <optional>

#include "net/async/deadline.h"

namespace synoptic::aggregator {

// A region that may be missing is waited for
//   - at least `region_deadline`,
//   - as long as nobody has answered: a query that is heavy everywhere makes no region dark,
//   - and then twice as long as the slowest answer took: regions differ in size,
// but never past nine tenths of the query's own deadline, so that there is time left to evaluate.
class Patience {
 public:
  Patience(MonoTime start, MonoDuration region_deadline, Deadline query)
      : start_(start), region_deadline_(region_deadline), query_(query) {}

  // A region answered in full.
  void Answered(MonoTime at) {
    slowest_ = std::max(slowest_.value_or(MonoDuration::zero()), at - start_);
  }

  bool answered() const { return slowest_.has_value(); }

  Deadline ForRequired() const { return query_; }
  Deadline ForTolerated() const {
    const Deadline last =
        query_.infinite() ? query_ : Deadline::At(start_ + (query_.at() - start_) / 10 * 9);
    if (!slowest_) return last;
    return last.Earlier(Deadline::At(start_ + std::max(region_deadline_, *slowest_ * 2)));
  }

 private:
  MonoTime start_;
  MonoDuration region_deadline_;
  Deadline query_;
  std::optional<MonoDuration> slowest_;
};

}  // namespace synoptic::aggregator
