// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// How late a shard's samples arrive, from what its own metrics say: a scrape's samples carry the
// time at which it began and can be read when it ended; the samples of a rule those of its
// evaluation; and a clock that runs behind ours makes both look later still.
//
// Pure: told what was measured, it says what to believe.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>

namespace synoptic::aggregator {

struct LagMeasurement {
  double newest_age_s = 0;      // our time less the newest sample's
  double longest_scrape_s = 0;  // of the last minutes
  double longest_rule_s = 0;    // last evaluation of the slowest rule group; 0 without rules
};

class LagMeter {
 public:
  // `most_ms`: what is believed without a measurement, and the most that is ever believed.
  explicit LagMeter(int64_t most_ms) : most_ms_(most_ms) {}

  void Measured(const LagMeasurement& measurement) {
    // One without sense is none.
    if (!std::isfinite(measurement.newest_age_s) || !std::isfinite(measurement.longest_scrape_s) ||
        !std::isfinite(measurement.longest_rule_s)) {
      return;
    }
    // The newest sample is older by up to a scrape interval, less in some moments than in others:
    // the least age seen lately is the clock's and the pipeline's part.
    least_age_s_ = least_age_s_
                       ? std::min(*least_age_s_ + kForgetPerRound, measurement.newest_age_s)
                       : measurement.newest_age_s;
    slowest_s_ =
        std::max({slowest_s_ * kDecay, measurement.longest_scrape_s, measurement.longest_rule_s});
    ++rounds_;
  }
  // Something that counted as settled had changed: nothing measured is believed for some rounds.
  void Contradicted() { rounds_ = -kRoundsOfDistrust; }

  int64_t lag_ms() const {
    if (rounds_ < kLeastRounds || !least_age_s_) return most_ms_;
    const double seconds = std::max(0.0, *least_age_s_) + kMargin * slowest_s_ + kReserve;
    return std::min(most_ms_, static_cast<int64_t>(std::min(seconds * 1000, 1e15)));
  }

 private:
  static constexpr int kLeastRounds = 3;
  static constexpr int kRoundsOfDistrust = 240;
  static constexpr double kForgetPerRound = 0.1;  // seconds: a clock may have been set
  static constexpr double kDecay = 0.99;
  static constexpr double kMargin = 1.5;
  static constexpr double kReserve = 1.0;  // seconds

  const int64_t most_ms_;
  int rounds_ = 0;
  std::optional<double> least_age_s_;
  double slowest_s_ = 0;
};

}  // namespace synoptic::aggregator
