// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/replica_policy.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace synoptic::aggregator {
namespace {

MonoDuration Scale(MonoDuration duration, double factor) {
  return MonoDuration(
      static_cast<MonoDuration::rep>(static_cast<double>(duration.count()) * factor));
}

}  // namespace

ReplicaPolicy::Admission ReplicaPolicy::Allow(MonoTime now, Lane lane) {
  absl::MutexLock lock(&mutex_);
  switch (StateLocked(now)) {
    case BreakerState::kOpen:
      return Admission::kOpen;
    case BreakerState::kHalfOpen:
      if (options_.probed || trial_) return Admission::kOpen;
      trial_ = true;
      break;
    case BreakerState::kClosed:
      if (in_flight_ >= PlacesLocked(now, lane)) return Admission::kBusy;
      break;
  }
  ++in_flight_;
  return Admission::kYes;
}

void ReplicaPolicy::OnResult(MonoTime started, MonoTime now, Outcome outcome) {
  absl::MutexLock lock(&mutex_);
  --in_flight_;
  if (started >= open_until_) trial_ = false;
  switch (outcome) {
    case Outcome::kAnswered:
      last_alive_ = std::max(last_alive_, now);
      silent_timeout_ = false;
      consecutive_ = 0;
      latencies_[latency_count_++ % latencies_.size()] = now - started;
      limit_.OnAnswer(started, now, in_flight_);
      Count(now, false);
      if (StateLocked(now) == BreakerState::kHalfOpen) Close(now);
      return;
    case Outcome::kRefused:
      last_alive_ = std::max(last_alive_, now);
      silent_timeout_ = false;
      consecutive_ = 0;
      limit_.OnOverload(started, now);
      return;
    case Outcome::kFailed:
      ++consecutive_;
      Count(now, true);
      if (open_ ? StateLocked(now) == BreakerState::kHalfOpen
                : consecutive_ >= options_.consecutive_failures || TooManyFailures(now)) {
        Open(now);
      }
      return;
    case Outcome::kTimedOut:
      // Alive for others: this query is heavy, or its deadline short.
      if (!SilentLocked(started, now)) return limit_.OnOverload(started, now);
      silent_timeout_ = true;
      ++consecutive_;
      Count(now, true);
      if (!open_ || StateLocked(now) == BreakerState::kHalfOpen) Open(now);
      return;
    case Outcome::kAbandoned:
      // Given up while the replica was silent: a failing probe then settles it.
      if (SilentLocked(started, now)) silent_timeout_ = true;
      return;
  }
}

void ReplicaPolicy::OnSignOfLife(MonoTime now) {
  absl::MutexLock lock(&mutex_);
  last_alive_ = std::max(last_alive_, now);
  silent_timeout_ = false;
}

void ReplicaPolicy::OnProbe(MonoTime started, MonoTime now, bool ok) {
  absl::MutexLock lock(&mutex_);
  up_ = ok;
  if (ok) {
    last_alive_ = std::max(last_alive_, now);
    silent_timeout_ = false;
    probe_failures_ = 0;
    consecutive_ = 0;
    if (StateLocked(now) == BreakerState::kHalfOpen) Close(now);
    return;
  }
  ++probe_failures_;
  if (open_ || !SilentLocked(started, now)) return;
  if (silent_timeout_ || in_flight_ > 0 || probe_failures_ >= options_.probe_failures) Open(now);
}

bool ReplicaPolicy::SilentLocked(MonoTime since, MonoTime now) const {
  return last_alive_ <= since || now - last_alive_ > options_.silence;
}

BreakerState ReplicaPolicy::StateLocked(MonoTime now) const {
  if (!open_) return BreakerState::kClosed;
  return now < open_until_ ? BreakerState::kOpen : BreakerState::kHalfOpen;
}

void ReplicaPolicy::Count(MonoTime now, bool failed) {
  const int64_t slot = now.time_since_epoch() / (options_.window / kBuckets);
  Bucket& bucket = buckets_[static_cast<size_t>(slot % kBuckets)];
  if (bucket.slot != slot) bucket = {slot, 0, 0};
  ++bucket.total;
  if (failed) ++bucket.failed;
}

bool ReplicaPolicy::TooManyFailures(MonoTime now) const {
  const int64_t slot = now.time_since_epoch() / (options_.window / kBuckets);
  int total = 0;
  int failed = 0;
  for (const Bucket& bucket : buckets_) {
    if (bucket.slot <= slot - kBuckets) continue;
    total += bucket.total;
    failed += bucket.failed;
  }
  return total >= options_.min_requests && failed >= options_.failure_ratio * total;
}

void ReplicaPolicy::Open(MonoTime now) {
  if (!open_ && closed_at_ != MonoTime::min() && now - closed_at_ > options_.forget_flaps_after) {
    flaps_ = 0;
  }
  const double factor = std::pow(2.0, std::min(flaps_, 30));
  const MonoDuration base = std::min(Scale(options_.open_min, factor), options_.open_max);
  const double jitter = options_.jitter * (2 * rng_.Uniform() - 1);
  open_until_ = now + Scale(base, 1 + jitter);
  open_ = true;
  ++flaps_;
}

void ReplicaPolicy::Close(MonoTime now) {
  open_ = false;
  closed_at_ = now;
  consecutive_ = 0;
  probe_failures_ = 0;
  silent_timeout_ = false;
  buckets_ = {};
}

int ReplicaPolicy::PlacesLocked(MonoTime now, Lane lane) const {
  int places = limit_.places();
  if (lane == Lane::kReports) {
    places = std::max(1, places / 2);
  } else if (lane != Lane::kRules) {
    places -= places / 4;
  }
  if (closed_at_ == MonoTime::min() || now - closed_at_ >= options_.ramp) return places;
  const double passed = std::chrono::duration<double>(now - closed_at_).count() /
                        std::chrono::duration<double>(options_.ramp).count();
  return std::max(1, static_cast<int>(places * (0.1 + 0.9 * passed)));
}

BreakerState ReplicaPolicy::state(MonoTime now) const {
  absl::MutexLock lock(&mutex_);
  return StateLocked(now);
}

bool ReplicaPolicy::available(MonoTime now) const {
  absl::MutexLock lock(&mutex_);
  return !open_ || (!options_.probed && !trial_ && StateLocked(now) == BreakerState::kHalfOpen);
}

MonoTime ReplicaPolicy::open_until() const {
  absl::MutexLock lock(&mutex_);
  return open_until_;
}

bool ReplicaPolicy::up() const {
  absl::MutexLock lock(&mutex_);
  return up_;
}

MonoTime ReplicaPolicy::last_sign_of_life() const {
  absl::MutexLock lock(&mutex_);
  return last_alive_;
}

bool ReplicaPolicy::settled(MonoTime now) const {
  absl::MutexLock lock(&mutex_);
  return !open_ && up_ && (closed_at_ == MonoTime::min() || now - closed_at_ >= options_.ramp);
}

int ReplicaPolicy::places(MonoTime now) const {
  absl::MutexLock lock(&mutex_);
  return PlacesLocked(now, Lane::kRules);
}

size_t ReplicaPolicy::latencies() const {
  absl::MutexLock lock(&mutex_);
  return std::min(latency_count_, latencies_.size());
}

MonoDuration ReplicaPolicy::Latency(double percentile) const {
  absl::MutexLock lock(&mutex_);
  const size_t count = std::min(latency_count_, latencies_.size());
  if (count == 0) return {};
  std::vector<MonoDuration> sorted(latencies_.begin(),
                                   latencies_.begin() + static_cast<long>(count));
  const auto at = sorted.begin() +
                  static_cast<long>(std::ceil(static_cast<double>(count) * percentile / 100)) - 1;
  std::nth_element(sorted.begin(), at, sorted.end());
  return *at;
}

}  // namespace synoptic::aggregator
