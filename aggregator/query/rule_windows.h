// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The samples that rules look at, by metric: each is fetched once for all rules that read it, and
// kept from round to round. Here is what is kept and who reads it; rule_rounds.h does the asking.
//
// Not thread-safe: one round at a time, on the loop or on the pool.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "aggregator/merge/coverage.h"
#include "aggregator/query/kept_window.h"
#include "base/clock.h"
#include "promql/eval/evaluator.h"
#include "promql/plan/plan.h"

namespace synoptic::aggregator {

// One metric over all shards.
struct MetricWindow {
  // What shards are asked for: the matchers that all its readers have.
  std::vector<promql::Matcher> matchers;
  // How far before the time of evaluation its readers look.
  int64_t reach_ms = 0;
  std::vector<bool> wanted;  // by shard: who is asked
  std::vector<KeptWindow> shards;
  std::vector<PartCoverage> parts;   // of the last round
  std::vector<AnswerInfo> infos;     // likewise: what was said with the samples
  std::optional<int64_t> series;     // how many there are; not known before they were counted
  MonoTime counted{};                // when
  std::optional<MonoTime> unfit_at;  // when it turned out that it cannot be kept
  // Rules that read it: in this round, and in rounds in which any does, on average. Rules come in
  // lots of uneven size; what is kept for most of them is not left to each of a small lot.
  int64_t questions = 0;
  double usual_questions = 0;
  bool fetched = false;  // in this round
  // When all was asked for that may have changed. In between it is only what is newest: most of
  // what comes with every read again is known.
  std::optional<MonoTime> read_again;
  bool brief = false;  // this round's is one in between

  int64_t bytes() const;
};

// Which series of which shard.
struct SeriesRef {
  uint32_t shard;
  uint32_t index;
};

// A selector that rules have, and what it found when it was last asked for.
struct RuleSelector {
  MetricWindow* window = nullptr;
  std::vector<int> shards;
  std::vector<promql::Matcher> matchers;
  uint64_t generations = 0;
  std::shared_ptr<const std::vector<SeriesRef>> series;  // in order; null: not looked for yet
};

class RuleWindows {
 public:
  explicit RuleWindows(size_t shards) : shards_(shards) {}

  // The metric that a fetch reads, when rules at `time_ms` can share what is kept of it: named by
  // equality, and within kMostReach before `time_ms`.
  static std::optional<std::string> MetricOf(const promql::Fetch& fetch, int64_t time_ms);
  static constexpr int64_t kMostReachMs = 3'600'000;

  // That a rule at `time_ms` reads `fetch`: what is asked for covers it from now on. REQUIRES: it
  // has a metric. Equal selectors are one.
  std::shared_ptr<RuleSelector> AddReader(const promql::Fetch& fetch, int64_t time_ms);
  MetricWindow& At(const std::string& metric) { return metrics_[metric]; }
  // References to windows stay valid.
  std::map<std::string, MetricWindow>& metrics() { return metrics_; }

  // Samples from min_t to max_t of the selector's series, without those of dark shards.
  // FailedPrecondition when two shards have the same series. Rules of one group, which are
  // evaluated at one time one after the other, often look at the same.
  using Samples = std::shared_ptr<const std::vector<promql::RawSeries>>;
  absl::StatusOr<Samples> Read(RuleSelector& selector, int64_t min_t, int64_t max_t,
                               const std::vector<bool>& dark);
  // What was read is of no use any more: other samples are kept now.
  void ForgetRead();

 private:
  const size_t shards_;
  std::map<std::string, MetricWindow> metrics_;
  // Of one end in time: by series and begin.
  using ReadKey = std::pair<const void*, int64_t>;
  int64_t read_until_ = 0;
  using Columns = std::shared_ptr<std::vector<promql::RawSeries>>;
  std::map<ReadKey, std::pair<std::shared_ptr<const std::vector<SeriesRef>>, Columns>> read_;
  Columns NewColumns(size_t series);
  // Takes back what is behind the first `count`.
  void Shrink(std::vector<promql::RawSeries>& columns, size_t count);
  std::vector<promql::SampleColumns> spare_;  // that nobody reads any more: used again
  absl::flat_hash_map<std::string, std::weak_ptr<RuleSelector>> selectors_;  // by what they say
};

// What the reads of one expression find in the windows: its evaluator's data.
class WindowSamples final : public promql::DataSource {
 public:
  struct Read {
    RuleSelector* selector;
    int64_t min_t;
    int64_t max_t;
  };
  // References outlive this. `reads`: by number of the fetch; `dark`: shards that do not count.
  WindowSamples(RuleWindows& windows, std::vector<Read> reads, const std::vector<bool>& dark)
      : windows_(windows), reads_(std::move(reads)), dark_(dark), raw_(reads_.size()) {}
  absl::StatusOr<std::span<const promql::RawSeries>> Raw(int fetch_id) override;
  absl::StatusOr<std::span<const promql::StepSeries>> Steps(int, const promql::Grid&) override {
    return absl::InternalError("nothing is pushed down here");
  }

 private:
  RuleWindows& windows_;
  const std::vector<Read> reads_;
  const std::vector<bool>& dark_;
  std::vector<RuleWindows::Samples> raw_;
};

}  // namespace synoptic::aggregator
