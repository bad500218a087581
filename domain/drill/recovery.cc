// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/drill/recovery.h"

#include <algorithm>

#include "base/status.h"
#include "domain/stats/check.h"
#include "domain/stats/quantile.h"

namespace synoptic::domain {
namespace {

constexpr double kYearSeconds = 365.0 * 86400;

}  // namespace

absl::StatusOr<Interval> RecoveryTime(std::span<const Interval> phases) {
  Interval total = {0, 0};
  for (const Interval& phase : phases) {
    ASSIGN_OR_RETURN(const Interval checked, MakeInterval(phase.lo, phase.hi));
    RETURN_IF_ERROR(CheckNonNegative({{"phase", checked.lo}}));
    total = Add(total, checked);
  }
  return total;
}

absl::StatusOr<MeasuredRpo> RpoFromMarkers(double failure_s, std::span<const double> written_s,
                                           std::span<const double> visible_s) {
  RETURN_IF_ERROR(CheckFinite({{"failure", failure_s}}));
  RETURN_IF_ERROR(CheckEachFinite("written", written_s));
  if (visible_s.empty()) {
    return InvalidArgument("visible markers: none: expected at least one to measure from");
  }
  for (const double marker : visible_s) {
    if (std::find(written_s.begin(), written_s.end(), marker) == written_s.end()) {
      return InvalidArgument("visible marker {}: never written: expected one of those written",
                             marker);
    }
  }
  for (const double marker : written_s) {
    if (marker > failure_s) {
      return InvalidArgument("marker {}: written after the failure at {}", marker, failure_s);
    }
  }
  MeasuredRpo measured;
  measured.rpo_s = failure_s - *std::max_element(visible_s.begin(), visible_s.end());
  for (const double marker : written_s) {
    if (std::find(visible_s.begin(), visible_s.end(), marker) == visible_s.end()) {
      ++measured.lost_markers;
    }
  }
  return measured;
}

absl::StatusOr<RtoEvidence> RtoFromDrills(std::span<const double> rto_s, double target_s) {
  RETURN_IF_ERROR(CheckEachNonNegative("rto", rto_s));
  RETURN_IF_ERROR(CheckNonNegative({{"target", target_s}}));
  RtoEvidence evidence;
  ASSIGN_OR_RETURN(evidence.p50, Quantile(rto_s, 0.5));
  ASSIGN_OR_RETURN(evidence.p90, Quantile(rto_s, 0.9));
  evidence.worst = *std::max_element(rto_s.begin(), rto_s.end());
  const auto met =
      std::count_if(rto_s.begin(), rto_s.end(), [&](double rto) { return rto <= target_s; });
  evidence.meets_target = (static_cast<double>(met) + 1) / (static_cast<double>(rto_s.size()) + 2);
  return evidence;
}

absl::StatusOr<ServiceRecovery> RecoveryOf(std::span<const Store> stores,
                                           const RecoverySteps& steps) {
  RETURN_IF_ERROR(CheckNonNegative({{"detect", steps.detect_s},
                                    {"decide", steps.decide_s},
                                    {"promote", steps.promote_s},
                                    {"dns", steps.dns_s}}));
  ServiceRecovery recovery;
  for (const Store& store : stores) {
    if (store.truth) {
      RETURN_IF_ERROR(CheckTimeOrNever({{"rpo", store.rpo_s}}));
      recovery.rpo_s = std::max(recovery.rpo_s, store.rpo_s);
    } else {
      RETURN_IF_ERROR(CheckNonNegative({{"size", store.size_bytes}}));
      RETURN_IF_ERROR(CheckPositive({{"rebuild rate", store.rate_bytes_s}}));
      recovery.rehydrate_s = std::max(recovery.rehydrate_s, store.size_bytes / store.rate_bytes_s);
    }
  }
  recovery.rto_s = steps.detect_s + steps.decide_s +
                   std::max(steps.promote_s, recovery.rehydrate_s) + steps.dns_s;
  return recovery;
}

absl::StatusOr<FailoverCost> CostOfFailover(double slo, double period_s, double share, double rto_s,
                                            double events) {
  RETURN_IF_ERROR(CheckTarget("slo", slo));
  RETURN_IF_ERROR(CheckPositive({{"period", period_s}, {"share", share}, {"events", events}}));
  RETURN_IF_ERROR(CheckRatio({{"share", share}}));
  RETURN_IF_ERROR(CheckNonNegative({{"rto", rto_s}}));
  FailoverCost cost;
  cost.budget_s = (1 - slo) * period_s;
  cost.burn_fraction = share * rto_s / cost.budget_s;
  cost.rto_max_s = cost.budget_s / (share * events);
  return cost;
}

absl::StatusOr<double> LargestShare(double slo, double period_s, double rto_s) {
  RETURN_IF_ERROR(CheckTarget("slo", slo));
  RETURN_IF_ERROR(CheckPositive({{"period", period_s}, {"rto", rto_s}}));
  return std::min(1.0, (1 - slo) * period_s / rto_s);
}

absl::StatusOr<Availability> AvailabilityOf(const YearlyFailovers& failovers) {
  RETURN_IF_ERROR(CheckNonNegative({{"events", failovers.events},
                                    {"rto", failovers.rto_s},
                                    {"false events", failovers.false_events},
                                    {"false cost", failovers.false_cost_s}}));
  RETURN_IF_ERROR(CheckRatio({{"share", failovers.share}}));
  Availability result;
  result.downtime_s = failovers.events * failovers.share * failovers.rto_s +
                      failovers.false_events * failovers.share * failovers.false_cost_s;
  if (result.downtime_s > kYearSeconds) {
    return InvalidArgument("downtime: {} s a year: expected at most {}", result.downtime_s,
                           kYearSeconds);
  }
  result.availability = 1 - result.downtime_s / kYearSeconds;
  return result;
}

}  // namespace synoptic::domain
