// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What may be asked twice: a share of the questions, and no more than `burst` at once. Hedges and
// retries help only while they are few; in an outage they stop by themselves. Pure.
#pragma once

#include <algorithm>

namespace synoptic::aggregator {

class AskBudget {
 public:
  AskBudget(double share, double burst) : share_(share), burst_(burst), left_(burst) {}

  void OnQuestion() { left_ = std::min(burst_, left_ + share_); }
  bool Take() {
    // Shares like a tenth do not add up to one exactly.
    if (left_ < 1 - 1e-9) return false;
    left_ -= 1;
    return true;
  }

 private:
  const double share_;
  const double burst_;
  double left_;
};

}  // namespace synoptic::aggregator
