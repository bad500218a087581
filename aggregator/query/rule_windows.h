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

  int64_t bytes() const;
};

// Which series of which shard.
struct SeriesRef {
  uint32_t shard;
  uint32_t index;
};

class RuleWindows {
 public:
  explicit RuleWindows(size_t shards) : shards_(shards) {}

  // The metric that a fetch reads, when rules at `time_ms` can share what is kept of it: named by
  // equality, and within kMostReach before `time_ms`.
  static std::optional<std::string> MetricOf(const promql::Fetch& fetch, int64_t time_ms);
  static constexpr int64_t kMostReachMs = 3'600'000;

  // That a rule at `time_ms` reads `fetch` of `metric`: what is asked for covers it from now on.
  MetricWindow& AddReader(const std::string& metric, const promql::Fetch& fetch, int64_t time_ms);
  MetricWindow& At(const std::string& metric) { return metrics_[metric]; }
  std::map<std::string, MetricWindow>& metrics() { return metrics_; }

  // The series that `fetch` selects, in order. FailedPrecondition when two shards have the same.
  absl::StatusOr<std::shared_ptr<const std::vector<SeriesRef>>> Select(const std::string& metric,
                                                                       const promql::Fetch& fetch);
  // Their samples that `fetch` looks at. Rules of one group, which are evaluated at one time one
  // after the other, often look at the same.
  using Samples = std::shared_ptr<const std::vector<promql::RawSeries>>;
  absl::StatusOr<Samples> Read(const std::string& metric, const promql::Fetch& fetch,
                               const std::vector<bool>& dark);
  // What was read is of no use any more: other samples are kept now.
  void ForgetRead() { read_.clear(); }

 private:
  struct Selected {
    uint64_t generations = 0;
    std::shared_ptr<const std::vector<SeriesRef>> series;
  };
  const size_t shards_;
  std::map<std::string, MetricWindow> metrics_;
  // Of one end in time: by series and begin.
  using ReadKey = std::pair<const void*, int64_t>;
  int64_t read_until_ = 0;
  std::map<ReadKey, std::pair<std::shared_ptr<const std::vector<SeriesRef>>, Samples>> read_;
  absl::flat_hash_map<std::string, Selected> selected_;  // by metric, matchers and shards
};

// What one plan's fetches find in the windows: its evaluator's data.
class WindowSamples final : public promql::DataSource {
 public:
  // References outlive this. `metrics`: of each fetch; `dark`: shards that do not count.
  WindowSamples(RuleWindows& windows, const promql::Plan& plan,
                const std::vector<std::string>& metrics, const std::vector<bool>& dark)
      : windows_(windows), plan_(plan), metrics_(metrics), dark_(dark), raw_(plan.fetches.size()) {}
  absl::StatusOr<std::span<const promql::RawSeries>> Raw(int fetch_id) override;
  absl::StatusOr<std::span<const promql::StepSeries>> Steps(int, const promql::Grid&) override {
    return absl::InternalError("nothing is pushed down here");
  }

 private:
  RuleWindows& windows_;
  const promql::Plan& plan_;
  const std::vector<std::string>& metrics_;
  const std::vector<bool>& dark_;
  std::vector<RuleWindows::Samples> raw_;
};

}  // namespace synoptic::aggregator
