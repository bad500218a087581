// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The store of series that Synoptic makes itself: what rules record, ALERTS, counts of objectives.
//
// To keep samples: Append, times rising within a series. To read them: Read. That is all most
// callers need.
//
// Prometheus' appender decides what is taken: an earlier time is out of order, another value at the
// last time is a duplicate, the same value again is no error. Insert fills gaps of the past instead
// and never changes a sample that is there. Times are ms since 1970.
//
// On disk (RocksDB, one directory): labels by number; chunks by day, series and first time; the
// open end of each series; and a log of what was appended since ends were last written, which
// remote write reads, too. What Append took is in the log before it returns: a killed process loses
// nothing, a power failure at most what came since the last Maintain. In memory: labels
// and the open ends, a few hundred bytes a series.
//
// Thread-safe. All calls may block on the disk for a moment; Read and Maintain for longer: call
// them on a pool.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/budget.h"
#include "promql/model/matcher.h"
#include "promql/model/series.h"

namespace synoptic::aggregator {

struct SeriesStoreOptions {
  std::string path;  // a directory of its own
  int64_t retention_ms = int64_t{15} * 86'400'000;
  int64_t max_bytes = int64_t{10} << 30;     // of chunks; whole days go, oldest first
  int64_t max_log_bytes = int64_t{2} << 30;  // what remote write may be behind
  size_t max_series = 1'000'000;             // alive within the retention
  int64_t block_cache_bytes = int64_t{8} << 20;
  int64_t write_buffer_bytes = int64_t{8} << 20;
};

// A float, a histogram, or the stale marker.
struct NewSample {
  promql::Labels labels;
  double value = 0;
  promql::HistogramPtr histogram = nullptr;
};

// A sample that was not taken: which of those given, and why.
using Refused = std::pair<size_t, absl::Status>;

struct LoggedSample {
  promql::Labels labels;
  int64_t t = 0;
  double value = 0;
  promql::HistogramPtr histogram = nullptr;
  bool inserted = false;  // by Insert: it may be older than what came before
};

// A part of the log, in the order in which samples came.
struct LogPart {
  std::vector<LoggedSample> samples;
  uint64_t next = 0;     // the position behind it
  uint64_t skipped = 0;  // entries between the position asked for and the first that is kept
};

struct SeriesStoreStats {
  int64_t series = 0;
  int64_t samples_total = 0;  // taken since the start
  int64_t out_of_order_total = 0;
  int64_t duplicates_total = 0;
  int64_t refused_total = 0;  // the disk failed, or too many series
  int64_t chunk_bytes = 0;    // on disk
  int64_t log_bytes = 0;
  int64_t memory_bytes = 0;  // labels and open ends
  int64_t min_t = 0;         // nothing before it is kept
  bool writable = true;      // the last write worked
};

class SeriesStore {
 public:
  // Blocks while it reads. Damage does not keep it from opening: what cannot be read is moved aside
  // (damage()). FailedPrecondition: another process has the directory.
  static absl::StatusOr<std::unique_ptr<SeriesStore>> Open(const SeriesStoreOptions& options,
                                                           int64_t now_ms);
  virtual ~SeriesStore() = default;

  // Samples of one time. Those that cannot be taken do not keep the others out; the first error is
  // returned, and all of them are in `refused` (may be null), in order. Unavailable or
  // ResourceExhausted without one of them: the disk; then nothing was taken.
  virtual absl::Status Append(int64_t time_ms, std::span<const NewSample> samples,
                              std::vector<Refused>* refused = nullptr) = 0;
  // Samples of the past, of any times: where there is none yet. Returns how many were new.
  virtual absl::StatusOr<int64_t> Insert(std::span<const LoggedSample> samples) = 0;

  // Samples from min_t to max_t of all series that match, sorted by labels; chunks may reach over
  // the ends. What they hold is charged to `budget` (may be null) and stays charged.
  virtual absl::StatusOr<std::vector<promql::RawSeries>> Read(
      const std::vector<promql::Matcher>& matchers, int64_t min_t, int64_t max_t,
      MemoryBudget* budget = nullptr) const = 0;
  // Whether a series matches, whenever its samples are.
  virtual bool MayHold(const std::vector<promql::Matcher>& matchers) const = 0;
  // Series with samples in the range that any of `selectors` matches; no selectors: all.
  virtual std::vector<promql::Labels> Series(
      const std::vector<std::vector<promql::Matcher>>& selectors, int64_t min_t,
      int64_t max_t) const = 0;

  // The log, for those who send it on. Positions rise from 1. Not held: kept until ends are
  // written. `reader` holds from `position` on, within max_log_bytes; 0 lets go.
  virtual absl::StatusOr<LogPart> ReadLog(uint64_t position, size_t most_samples) const = 0;
  virtual uint64_t log_end() const = 0;
  virtual void HoldLog(const std::string& reader, uint64_t position) = 0;

  // Small things that shall outlive the process, by key.
  virtual absl::Status PutNote(const std::string& key, const std::string& value) = 0;
  virtual absl::Status EraseNote(const std::string& key) = 0;
  virtual std::vector<std::pair<std::string, std::string>> Notes(
      const std::string& prefix) const = 0;

  // From the next Maintain on.
  virtual void SetRetention(int64_t retention_ms, int64_t max_bytes) = 0;
  // Once a second: syncs the log to the disk, and now and then writes the open ends and lets go of
  // what is too old.
  virtual absl::Status Maintain(int64_t now_ms) = 0;
  virtual SeriesStoreStats stats() const = 0;
  // What was found damaged, and where it is now; empty when nothing was.
  virtual std::string damage() const = 0;
};

}  // namespace synoptic::aggregator
