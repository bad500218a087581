// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// How far a sample can be trusted by its age (vector D10). Judged for every input by itself: a live
// Prometheus beside a dead exporter is a region of which a part is unseen.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"

namespace synoptic::domain {

enum class Freshness {
  kFresh,  // the value counts
  kStale,  // bounds grown from the value count
  kBlind,  // nothing is known
};
// "FRESH", "STALE", "BLIND".
std::string_view FreshnessName(Freshness freshness);

// All in seconds. `declared_delay` is how late the source publishes (CloudWatch: some minutes).
struct SampleAge {
  double now_s = 0;
  double sample_s = 0;  // time stamp of the sample
  double declared_delay_s = 0;

  double age() const { return now_s - sample_s - declared_delay_s; }
};

// FRESH up to max_age, STALE up to hold, both included, else BLIND. A sample younger than the
// declared delay, or from the future, is FRESH: its time stamp is a matter for the clock checks.
// Errors: a negative delay, max_age or hold, hold below max_age.
absl::StatusOr<Freshness> Classify(const SampleAge& sample, double max_age_s, double hold_s);

}  // namespace synoptic::domain
