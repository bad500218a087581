// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The point of no return: how long until a follower can no longer catch up from the source's memory
// and needs a full copy. Seconds; 0 is now, +Inf never. Page when the repair cannot end before it,
// not when a lag passes some number.
#pragma once

#include "absl/status/statusor.h"

namespace synoptic::domain {

// Redis: the replication backlog against the gap between the two offsets (F1). Bytes, bytes/s.
struct ResyncWindow {
  double gap = 0;
  double seconds = 0;
};
absl::StatusOr<ResyncWindow> RedisResyncWindow(double backlog, double master_offset,
                                               double replica_offset, double write_rate);

// PostgreSQL: pg_replication_slots.safe_wal_size over the rate of WAL (F2). Bytes, bytes/s. A
// negative size, which PostgreSQL reports for a slot beyond its limit, is 0 s.
absl::StatusOr<double> SlotTimeLeft(double safe_wal_size, double wal_rate);

// Kafka, MirrorMaker: the consumer against the oldest offset kept, which follows it at the rate of
// deletion (F3). Offsets, offsets/s. A consumer behind the oldest offset has 0 s.
absl::StatusOr<double> RetentionTimeLeft(double consumer_offset, double oldest_offset,
                                         double consumer_rate, double oldest_rate);

// What is kept for a fixed time, less how much of it is used: Cassandra's hint window and the
// outage's age (F4), SQS retention and the oldest message (F5), MySQL's binlog expiry and the lag
// (F6), a DynamoDB stream's 24 h.
absl::StatusOr<double> WindowTimeLeft(double window_s, double used_s);

// Whether to page: the repair (drain, and a margin that holds mending the link) ends too late (F7).
// Never (+Inf) on both sides is no page: nothing will be lost.
absl::StatusOr<bool> RepairEndsTooLate(double time_left_s, double drain_s, double margin_s);

}  // namespace synoptic::domain
