// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Up to when a shard's samples had all arrived when it was asked something: learned from the newest
// samples of its canary series and from what it says of itself, read again every few seconds while
// it is asked. Where nothing fresh is known: a fixed time before the question, or longer where what
// was known last was longer.
//
// Thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace synoptic::aggregator {

// What is known of how late a shard's samples can be, by other means than its canaries.
struct KnownDelays {
  // Samples of one scrape may be so much older than its canary, or newer targets so much later.
  int64_t scrape_ms = 10'000;
  // Rules write this long after their time at most; samples out of order come so late.
  int64_t others_ms = 0;
};

class ArrivalEdge {
 public:
  // `fixed_ms`: how far back data may still change where it is not learned.
  explicit ArrivalEdge(int64_t fixed_ms)
      : fixed_ms_(fixed_ms), unlearned_ms_(fixed_ms), trusted_ms_(fixed_ms) {}

  int64_t fixed_ms() const { return fixed_ms_; }

  // Something will be learned soon: until then samples may come so late.
  void Expect(int64_t late_ms);

  // The newest canary sample of the slowest target, as a question of `asked_ms` told; nothing:
  // there is none. Without `delays` canaries can make the edge older than the fixed one, but not
  // newer.
  // Returns from when on samples were trusted too early until now, when samples turn out to come
  // later than was known.
  std::optional<int64_t> Learn(int64_t asked_ms, std::optional<int64_t> newest_ms,
                               const std::optional<KnownDelays>& delays);
  // Samples up to here change no more in what a question of `asked_ms` told.
  int64_t At(int64_t asked_ms) const;

  // Whether it is time to read again; then others need not.
  bool Begin(int64_t now_ms);

 private:
  struct Reading {
    int64_t asked_ms;
    int64_t newest_ms;
    std::optional<KnownDelays> delays;
  };

  const int64_t fixed_ms_;
  mutable absl::Mutex mutex_;
  std::deque<Reading> readings_ ABSL_GUARDED_BY(mutex_);  // oldest first
  // Where nothing fresh is known: the fixed time, or longer where samples were known to come later.
  int64_t unlearned_ms_ ABSL_GUARDED_BY(mutex_);
  int64_t trusted_ms_ ABSL_GUARDED_BY(mutex_);    // how late samples were believed to come
  bool learned_ ABSL_GUARDED_BY(mutex_) = false;  // or it is not expected
  int64_t begun_ms_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace synoptic::aggregator
