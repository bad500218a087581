// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// One shard's door: asks its replicas through the Prometheus API and remote read, within deadlines
// and budgets, and says who answered. Health, breaker and retries live behind it (one policy
// object per replica); callers see an answer or a status.
//
// Thread-safe. Answers carry the shard's topology labels already: set by us, never believed
// (an incoming label of that name is renamed exported_<name>). Replica labels are dropped.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aggregator/upstream/label_texts.h"
#include "aggregator/upstream/lane.h"
#include "aggregator/upstream/point_texts.h"
#include "base/budget.h"
#include "net/async/deadline.h"
#include "net/async/task.h"
#include "promql/model/matcher.h"
#include "promql/model/series.h"

namespace synoptic::aggregator {

// What every answer says of itself besides its data.
struct AnswerInfo {
  std::string replica;  // url of who answered
  std::vector<std::string> warnings;
  std::vector<std::string> infos;
  std::vector<std::string> notes;  // how it came about, for explain
  int64_t bytes = 0;
  MonoDuration duration{};
  int64_t charged_bytes = 0;  // what the answer holds of the budget it was given
  std::string coverage;       // the Synoptic-Coverage header: another Synoptic's own coverage
};

struct StepAnswer {
  std::vector<promql::StepSeries> series;  // sorted by labels, over the grid asked for
  std::optional<PointTexts> texts;         // instead, when that was asked for and could be
  AnswerInfo info;
};

struct RawAnswer {
  std::vector<promql::RawSeries> series;  // sorted by labels; of the replica that answered
  AnswerInfo info;
};

struct RawRequest {
  std::vector<promql::Matcher> matchers;
  int64_t min_t = 0;
  int64_t max_t = 0;
  std::string hint_func;
  int64_t hint_step_ms = 0;
  int64_t hint_range_ms = 0;
  Lane lane = Lane::kDashboards;
  // Chunks are decoded on arrival, so that those that do not are no answer; else by who reads them.
  bool check_chunks = false;
  std::vector<std::string> only = {};  // urls of replicas that may be asked; empty: any
  std::string via = {};                // the Synoptics the question came through (loop_guard.h)
};

struct StepRequest {
  std::string text;
  promql::Grid grid;
  bool instant = false;     // ask `query` instead of `query_range`; grid has one point
  bool as_text = false;     // of an instant: StepAnswer::texts will do
  int64_t lookback_ms = 0;  // 0: the server's own, whichever that is
  // A range selector or a subquery is in it. A server whose windows are not ours is not asked then:
  // kWindowsReason.
  bool windows = false;
  std::vector<std::string> only = {};  // urls of replicas that may be asked; empty: any
  std::string via = {};
  Lane lane = Lane::kDashboards;
};

struct LabelsRequest {
  std::vector<std::vector<promql::Matcher>> selectors;  // match[]; may be empty
  int64_t min_t = 0;
  int64_t max_t = 0;
  int64_t limit = 0;  // 0: none
  std::string via = {};
};

template <class T>
struct ListOf {
  std::vector<T> items;
  AnswerInfo info;
};

struct SeriesList {
  LabelTexts items;  // sorted, each once
  AnswerInfo info;
};

// A JSON answer passed through for merging: the text of the response's `data`.
struct JsonAnswer {
  std::string data;
  AnswerInfo info;
};

class ShardClient {
 public:
  virtual ~ShardClient() = default;

  // Everything decoded is charged to `budget` (may be null) before it is kept. Of an answer
  // `info.charged_bytes` stay charged, for the caller to release when it drops the data; of a
  // failure nothing does.
  virtual Task<StepAnswer> Steps(StepRequest request, Deadline deadline, MemoryBudget* budget) = 0;
  virtual Task<RawAnswer> Raw(RawRequest request, Deadline deadline, MemoryBudget* budget) = 0;

  virtual Task<SeriesList> Series(LabelsRequest request, Deadline deadline,
                                  MemoryBudget* budget) = 0;
  virtual Task<ListOf<std::string>> LabelNames(LabelsRequest request, Deadline deadline) = 0;
  virtual Task<ListOf<std::string>> LabelValues(std::string name, LabelsRequest request,
                                                Deadline deadline) = 0;
  // GET /api/v1/<path>?<query>: metadata, rules, alerts, query_exemplars.
  virtual Task<JsonAnswer> Json(std::string path, std::string query, std::string via,
                                Deadline deadline) = 0;
  // The same of one replica, one of replica_names(); where there is only one, it is that.
  // NOLINTNEXTLINE(performance-unnecessary-value-param): those who override it keep it
  virtual Task<JsonAnswer> JsonOf(std::string /*replica*/, std::string path, Deadline deadline) {
    return Json(std::move(path), "", "", deadline);
  }

  // False while the breaker of every replica is open: asking costs nothing and fails at once.
  virtual bool available() const = 0;
  // How many servers hold this shard's data.
  virtual size_t replicas() const { return 1; }
  // Their urls, in the order of configuration; may be empty where there is only one.
  virtual std::vector<std::string> replica_names() const { return {}; }
  virtual const std::string& region() const = 0;
  virtual const std::string& shard() const = 0;
};

}  // namespace synoptic::aggregator
