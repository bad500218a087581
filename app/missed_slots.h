// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What recording rules could not record: slots that were skipped, failed, or did not see every
// region. Remembered on disk until somebody makes up for them, and told to whoever reads the series
// meanwhile.
//
// Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "aggregator/store/series_store.h"
#include "alerting/rule/record_sink.h"

namespace synoptic::app {

class MissedSlots {
 public:
  // Slots from `from` to `to`, both included, an interval apart: ms since 1970.
  struct Span {
    int64_t from = 0;
    int64_t to = 0;
    int64_t interval_ms = 0;
    int64_t count() const { return interval_ms <= 0 ? 1 : (to - from) / interval_ms + 1; }
  };
  struct Work {
    alerting::RecordOrigin origin;  // interval_ms: the span's
    Span span;
  };

  // What the process before this one left there, and where to remember from now on.
  void SetStore(std::shared_ptr<aggregator::SeriesStore> store);

  void Add(const alerting::RecordOrigin& origin, int64_t time_ms);
  void AddSpan(const alerting::RecordOrigin& origin, const Span& span);
  // Made up for, or given up.
  void Done(const alerting::RecordOrigin& origin, const Span& span);
  // Slots at or before `until_ms`, oldest first; at most `most` pieces of at most 500 slots.
  std::vector<Work> Due(int64_t until_ms, size_t most) const;
  // Forgets what nobody could read any more.
  void DropBefore(int64_t time_ms);

  // A rule that reads what it records lacks the very slot that is made up for: from there on it is
  // set aside, for whoever asks for late questions. Nothing: no longer. One rule at a time.
  void SetAside(const alerting::RecordOrigin& origin, std::optional<int64_t> from_ms);

  // Whether a series that all `matchers` match may lack samples from min_t to max_t.
  bool MayLack(const std::vector<promql::Matcher>& matchers, int64_t min_t, int64_t max_t,
               bool late = false) const;
  int64_t count() const;

 private:
  using Key = std::tuple<std::string, std::string, std::string>;  // file, group, rule
  using Spans = std::vector<Span>;                                // ascending

  // Whether that is worth a write.
  bool AddLocked(const Key& key, const Span& span) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Keep(const Key& key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  std::shared_ptr<aggregator::SeriesStore> store_ ABSL_GUARDED_BY(mutex_);
  std::map<Key, Spans> missed_ ABSL_GUARDED_BY(mutex_);
  std::optional<std::pair<Key, int64_t>> aside_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace synoptic::app
