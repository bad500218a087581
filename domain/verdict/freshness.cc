// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/verdict/freshness.h"

#include "base/status.h"
#include "domain/stats/check.h"

namespace synoptic::domain {

std::string_view FreshnessName(Freshness freshness) {
  switch (freshness) {
    case Freshness::kFresh:
      return "FRESH";
    case Freshness::kStale:
      return "STALE";
    case Freshness::kBlind:
      return "BLIND";
  }
  return "BLIND";
}

absl::StatusOr<Freshness> Classify(const SampleAge& sample, double max_age_s, double hold_s) {
  RETURN_IF_ERROR(CheckFinite({{"now", sample.now_s}, {"sample time", sample.sample_s}}));
  RETURN_IF_ERROR(CheckNonNegative(
      {{"declared_delay", sample.declared_delay_s}, {"max_age", max_age_s}, {"hold", hold_s}}));
  if (hold_s < max_age_s) {
    return InvalidArgument("hold: {}: expected at least max_age {}", hold_s, max_age_s);
  }
  const double age = sample.age();
  if (age <= max_age_s) return Freshness::kFresh;
  return age <= hold_s ? Freshness::kStale : Freshness::kBlind;
}

}  // namespace synoptic::domain
