// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Whether one replica is worth asking now: breaker, places for requests in flight (as many as it
// bears: AdaptiveLimit), and latency, as one state machine. Pure: it is told the time and what
// happened, and starts nothing itself.
//
// The breaker opens
//   - after `consecutive_failures`, or when half of at least `min_requests` failed in `window`;
//   - at once when a request spent its whole deadline and the replica gave no sign of life to
//     anyone meanwhile, or none for `silence` (frozen or cut off). A replica that answers others,
//     or a probe sent while waiting, is slow, not dark;
//   - when a probe fails while a request waits unanswered, or after `probe_failures`.
// It stays open for `open_min`, doubling with each flap up to `open_max`, and closes again on the
// first good trial after that. The trial is the health probe; only without probing (`probed`
// false) is one request let through (half-open). So a dark replica costs queries nothing.
// After closing, places in flight ramp up from a tenth over `ramp`.
//
// Thread-safe.
#pragma once

#include <array>
#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "aggregator/upstream/adaptive_limit.h"
#include "aggregator/upstream/lane.h"
#include "base/clock.h"
#include "base/rng.h"

namespace synoptic::aggregator {

enum class BreakerState { kClosed, kHalfOpen, kOpen };

class ReplicaPolicy {
 public:
  struct Options {
    int consecutive_failures = 5;
    int min_requests = 20;
    double failure_ratio = 0.5;
    MonoDuration window = std::chrono::seconds(10);
    MonoDuration open_min = std::chrono::seconds(1);
    MonoDuration open_max = std::chrono::seconds(30);
    double jitter = 0.25;
    MonoDuration forget_flaps_after = std::chrono::seconds(60);
    MonoDuration ramp = std::chrono::seconds(10);
    MonoDuration silence = std::chrono::seconds(1);
    int probe_failures = 2;
    bool probed = true;
    int max_in_flight = 20;
  };

  enum class Admission {
    kYes,   // a place is taken: report with OnResult
    kOpen,  // the breaker is open
    kBusy,  // no place free: wait for one
  };

  enum class Outcome {
    kAnswered,   // an answer, be it that the query is wrong
    kRefused,    // alive, but it says that it has too much to do
    kFailed,     // refused, broken, malformed, a server error
    kTimedOut,   // nothing, or not all, by its deadline
    kAbandoned,  // we no longer wanted it: says nothing about the replica
  };

  ReplicaPolicy(const Options& options, uint64_t seed)
      : options_(options), rng_(seed), limit_({.most = options.max_in_flight}) {}

  // Asks for a place. Rules may take every one; a quarter is theirs alone, and reports get no more
  // than half.
  Admission Allow(MonoTime now, Lane lane = Lane::kDashboards);
  // Gives the place back. `started` is when Allow said yes.
  void OnResult(MonoTime started, MonoTime now, Outcome outcome);
  // Any byte of any response.
  void OnSignOfLife(MonoTime now);
  // `ok`: the probe's answer was right.
  void OnProbe(MonoTime started, MonoTime now, bool ok);

  BreakerState state(MonoTime now) const;
  // False while only a trial could get through: Allow would say kOpen.
  bool available(MonoTime now) const;
  // When an open breaker may be tried again.
  MonoTime open_until() const;
  // The last probe's verdict; true before the first.
  bool up() const;
  MonoTime last_sign_of_life() const;
  // A percentile (0 to 100) of the last answers' latencies; 0 before there are any.
  MonoDuration Latency(double percentile) const;
  // Of that many answers the percentile is taken.
  size_t latencies() const;
  // Closed, and past the ramp: fit for work that could be left undone.
  bool settled(MonoTime now) const;
  // Requests it may have in flight.
  int places(MonoTime now) const;

 private:
  static constexpr int kBuckets = 10;
  struct Bucket {
    int64_t slot = -1;
    int total = 0;
    int failed = 0;
  };

  BreakerState StateLocked(MonoTime now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool SilentLocked(MonoTime since, MonoTime now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Count(MonoTime now, bool failed) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool TooManyFailures(MonoTime now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Open(MonoTime now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Close(MonoTime now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  int PlacesLocked(MonoTime now, Lane lane) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  mutable absl::Mutex mutex_;
  SeededRng rng_ ABSL_GUARDED_BY(mutex_);
  bool open_ ABSL_GUARDED_BY(mutex_) = false;
  bool up_ ABSL_GUARDED_BY(mutex_) = true;
  bool trial_ ABSL_GUARDED_BY(mutex_) = false;           // a request is the half-open trial
  bool silent_timeout_ ABSL_GUARDED_BY(mutex_) = false;  // since the last sign of life
  int consecutive_ ABSL_GUARDED_BY(mutex_) = 0;
  int probe_failures_ ABSL_GUARDED_BY(mutex_) = 0;
  int flaps_ ABSL_GUARDED_BY(mutex_) = 0;
  int in_flight_ ABSL_GUARDED_BY(mutex_) = 0;
  MonoTime open_until_ ABSL_GUARDED_BY(mutex_){};
  MonoTime closed_at_ ABSL_GUARDED_BY(mutex_) = MonoTime::min();
  MonoTime last_alive_ ABSL_GUARDED_BY(mutex_) = MonoTime::min();
  AdaptiveLimit limit_ ABSL_GUARDED_BY(mutex_);
  std::array<Bucket, kBuckets> buckets_ ABSL_GUARDED_BY(mutex_){};
  std::array<MonoDuration, 128> latencies_ ABSL_GUARDED_BY(mutex_){};
  size_t latency_count_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace synoptic::aggregator
