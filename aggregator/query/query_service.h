// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The one door for questions: the API, the rules and the reports all ask here.
//
// A query is one straight line: parse, preprocess, plan, fan out once, merge, evaluate. Nothing is
// fetched twice, but where a part that was pushed down turns out to hold native histograms: then
// the query is planned anew. No layer calls back upward. Thread-safe.
//
// Errors by code (aggregator/api maps them to errorType and HTTP status):
//   InvalidArgument     bad_data   the query or a parameter
//   FailedPrecondition  execution  evaluation failed with Prometheus' text
//   ResourceExhausted   execution  a limit: names it
//   DeadlineExceeded    timeout    Cancelled  canceled
//   Unavailable         unavailable  a required region is missing: named
//   Unimplemented       execution  not supported yet
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aggregator/merge/coverage.h"
#include "aggregator/upstream/label_texts.h"
#include "aggregator/upstream/lane.h"
#include "aggregator/upstream/point_texts.h"
#include "base/budget.h"
#include "net/async/deadline.h"
#include "net/async/task.h"
#include "promql/eval/evaluator.h"
#include "promql/parse/parser.h"

namespace synoptic::aggregator {

enum class PartialPolicy { kByRegion, kRequire, kDegrade };

struct QueryRequest {
  std::string text;
  promql::Grid grid;  // one point: instant
  bool range_query = false;
  int64_t lookback_ms = 0;  // 0: the configured default
  Deadline deadline = Deadline::Infinite();
  PartialPolicy partial = PartialPolicy::kByRegion;
  std::vector<std::string> regions;  // ask these only; empty: all
  int64_t limit = 0;                 // series in the result; 0: none
  bool explain = false;
  bool nocache = false;  // ask the regions for everything
  bool as_text = false;  // QueryAnswer::points will do
  std::string via;       // the Synoptics it came through (aggregator/upstream/loop_guard.h)
  Lane lane = Lane::kDashboards;
};

struct QueryAnswer {
  promql::QueryValue value;
  // Instead of `value.series`, of an instant vector that is passed on as it came.
  std::shared_ptr<const PointUnion> points;
  promql::Annotations annotations;  // of the evaluation
  std::vector<std::string> upstream_warnings;
  std::vector<std::string> upstream_infos;
  promql::EvalStats stats;
  Coverage coverage;
  // A shard had no series at all, which may soon be otherwise: it may just have been filled.
  bool may_soon_grow = false;
  std::string explain;  // plan and cost, when asked for
  // Keeps the memory reservation of `value` until the answer is gone.
  std::shared_ptr<void> holds;
};

struct LabelsQuery {
  std::vector<std::string> selectors;  // match[] texts
  int64_t min_t = 0;                   // ms
  int64_t max_t = 0;
  int64_t limit = 0;
  Deadline deadline = Deadline::Infinite();
  PartialPolicy partial = PartialPolicy::kByRegion;
  std::vector<std::string> regions;
  std::string via;
  bool nocache = false;  // ask the regions
  bool explain = false;
};

// Stored samples of all series that match one of `selectors`.
struct RawQuery {
  std::vector<std::vector<promql::Matcher>> selectors;
  int64_t min_t = 0;  // ms, both ends inclusive
  int64_t max_t = 0;
  Deadline deadline = Deadline::Infinite();
  PartialPolicy partial = PartialPolicy::kByRegion;
  std::vector<std::string> regions;
  std::string via;
};

struct RawQueryAnswer {
  // Sorted by labels, each once; stale markers included, and possibly samples outside of the range.
  std::vector<promql::RawSeries> series;
  std::vector<std::string> warnings;
  Coverage coverage;
  // Keeps the memory reservation of `series`, and charges what is made of it.
  std::shared_ptr<void> holds;
  MemoryBudget* budget = nullptr;
};

template <class T>
struct ListAnswer {
  std::vector<T> items;  // sorted, unique
  std::vector<std::string> warnings;
  Coverage coverage;
  std::string explain;  // who was asked and who was not, when asked for
};

struct SeriesAnswer {
  LabelTexts items;  // sorted, unique
  std::vector<std::string> warnings;
  Coverage coverage;
  std::string explain;  // as above
};

// One shard's JSON `data` for endpoints that merge documents (metadata, rules, exemplars).
struct ShardDocument {
  std::string region;
  std::string shard;
  std::string data;
};

struct DocumentsQuery {
  std::string path;   // "metadata"
  std::string query;  // encoded form
  Deadline deadline = Deadline::Infinite();
  std::string via;
  // Whether it may be what was answered a little while ago; what rules and alerts are now, never.
  bool may_be_old = false;
  bool explain = false;
};

// Answers in the order of their questions. Nothing: to be asked alone, by Query.
using TogetherAnswers = std::vector<std::optional<absl::StatusOr<QueryAnswer>>>;

class QueryService {
 public:
  virtual ~QueryService() = default;
  virtual Task<QueryAnswer> Query(QueryRequest request) = 0;
  // Instant questions of rules, which share what they read with all that come within `gather` (at
  // most: how long they may wait for each other).
  // Policy is to degrade; `regions`, `limit` and `explain` are not looked at.
  virtual Task<TogetherAnswers> QueryTogether(std::vector<QueryRequest> requests,
                                              MonoDuration gather) {
    (void)gather;
    co_return TogetherAnswers(requests.size());
  }
  virtual Task<RawQueryAnswer> Raw(RawQuery query) = 0;
  virtual Task<SeriesAnswer> Series(LabelsQuery query) = 0;
  virtual Task<ListAnswer<std::string>> LabelNames(LabelsQuery query) = 0;
  virtual Task<ListAnswer<std::string>> LabelValues(std::string name, LabelsQuery query) = 0;
  // Asks every shard; missing ones are in the coverage.
  virtual Task<ListAnswer<ShardDocument>> Documents(DocumentsQuery query) = 0;
};

struct QueryServiceOptions {
  int64_t default_lookback_ms = 300'000;
  int64_t default_subquery_step_ms = 60'000;
  int64_t max_samples = 50'000'000;
  int64_t max_memory_bytes = int64_t{512} << 20;      // a query
  int64_t max_total_memory_bytes = int64_t{2} << 30;  // all queries
  int64_t region_deadline_ms = 2'000;                 // soft deadline of a region (partial allowed)
  int max_concurrency = 0;                            // evaluations at once; 0: by cores
  promql::ParseOptions language;
  // The first two change what functions give. Nothing is pushed down then: what the regions have
  // enabled is not known.
  bool delayed_name_removal = false;
  bool use_start_timestamps = false;
  bool type_and_unit_labels = false;
  // Off: everything is read as samples (the reference that tests compare with).
  bool pushdown = true;
  friend bool operator==(const QueryServiceOptions&, const QueryServiceOptions&) = default;
};

}  // namespace synoptic::aggregator
