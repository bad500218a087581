// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/replication/no_return.h"

#include <algorithm>
#include <limits>

#include "base/status.h"
#include "domain/stats/check.h"

namespace synoptic::domain {
namespace {

double At(double amount, double rate) {
  if (amount <= 0) return 0;
  return rate > 0 ? amount / rate : std::numeric_limits<double>::infinity();
}

}  // namespace

absl::StatusOr<ResyncWindow> RedisResyncWindow(double backlog, double master_offset,
                                               double replica_offset, double write_rate) {
  RETURN_IF_ERROR(CheckNonNegative({{"backlog", backlog},
                                    {"master_offset", master_offset},
                                    {"replica_offset", replica_offset},
                                    {"write_rate", write_rate}}));
  // The replica may be read a moment later than its master.
  ResyncWindow window;
  window.gap = std::max(0.0, master_offset - replica_offset);
  window.seconds = At(backlog - window.gap, write_rate);
  return window;
}

absl::StatusOr<double> SlotTimeLeft(double safe_wal_size, double wal_rate) {
  RETURN_IF_ERROR(CheckFinite({{"safe_wal_size", safe_wal_size}}));
  RETURN_IF_ERROR(CheckNonNegative({{"wal_rate", wal_rate}}));
  return At(safe_wal_size, wal_rate);
}

absl::StatusOr<double> RetentionTimeLeft(double consumer_offset, double oldest_offset,
                                         double consumer_rate, double oldest_rate) {
  RETURN_IF_ERROR(CheckNonNegative({{"consumer_offset", consumer_offset},
                                    {"oldest_offset", oldest_offset},
                                    {"consumer_rate", consumer_rate},
                                    {"oldest_rate", oldest_rate}}));
  return At(consumer_offset - oldest_offset, oldest_rate - consumer_rate);
}

absl::StatusOr<double> WindowTimeLeft(double window_s, double used_s) {
  RETURN_IF_ERROR(CheckNonNegative({{"window", window_s}, {"used", used_s}}));
  return std::max(0.0, window_s - used_s);
}

absl::StatusOr<bool> RepairEndsTooLate(double time_left_s, double drain_s, double margin_s) {
  RETURN_IF_ERROR(
      CheckTimeOrNever({{"time left", time_left_s}, {"drain", drain_s}, {"margin", margin_s}}));
  return time_left_s < drain_s + margin_s;
}

}  // namespace synoptic::domain
