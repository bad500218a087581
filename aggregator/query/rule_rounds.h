// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Rules of one tick, answered together: questions that come within a moment are gathered, each
// metric that they read is fetched once (and of it only what is new, rule_windows.h), and all are
// evaluated here. Upstreams feel a read of some new samples, however many rules there are.
//
// A question is left to be asked alone where that costs less: when a metric has many series for the
// rules that read it, or cannot be kept (native histograms, no name, hours of samples).
//
// Lives on one serial executor; planning and evaluation run on the pool.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "aggregator/query/fetch_stage.h"
#include "aggregator/query/gate.h"
#include "aggregator/query/query_service.h"
#include "aggregator/query/rule_plans.h"
#include "aggregator/query/rule_windows.h"
#include "aggregator/query/service.h"
#include "aggregator/query/stored_shard.h"
#include "promql/eval/evaluator.h"

namespace synoptic::aggregator {

class RuleRounds {
 public:
  // What the service lends. All outlive this and `legs`.
  struct Services {
    std::function<std::shared_ptr<const Upstreams>()> upstreams;
    RulePlans::Language language;
    std::function<promql::EvalOptions(const QueryRequest&)> options;
    std::function<Task<QueryAnswer>(QueryRequest)> ask_alone;
    std::function<FetchEnvironment()> environment;
    TaskGroup& legs;
    const Clock& clock;
    ComputePool& pool;
    Gate& gate;
    std::shared_ptr<MemoryBudget> memory;  // of all queries
    int64_t max_memory_bytes = 0;          // of one
    int64_t max_kept_bytes = 0;
  };
  explicit RuleRounds(Services services);
  ~RuleRounds();
  RuleRounds(const RuleRounds&) = delete;
  RuleRounds& operator=(const RuleRounds&) = delete;

  // Instant questions of rules, in their order; nothing: it is to be asked alone. There is at most
  // one round every `gather`: what comes meanwhile joins the next.
  Task<TogetherAnswers> Query(std::vector<QueryRequest> requests, MonoDuration gather);

 private:
  struct Call;
  struct Item;
  struct Round;
  struct Part;
  struct Fetched;
  Task<> Run(MonoDuration gather);
  Task<> AnswerAll(std::vector<std::shared_ptr<Call>>& calls);
  Task<> CountUnknown(Round& round);
  Task<> FetchAll(const std::shared_ptr<Round>& round);
  static Task<Part> AskNew(StoredShard shard, RawRequest request, int64_t from, std::string replica,
                           Deadline deadline, FetchEnvironment environment);
  static Task<Fetched> FetchMetric(std::shared_ptr<Round> round, std::string metric);
  void Plan(std::vector<std::shared_ptr<Call>>& calls, Round& round);
  void Choose(Round& round);
  void Keep(Round& round);
  // Everything that `core` has to say at `time_ms`.
  std::optional<absl::StatusOr<QueryAnswer>> ValueOf(Round& round, RuleCore& core,
                                                     const QueryRequest& request);
  void Evaluate(Round& round, Item& item);

  const Services services_;
  std::shared_ptr<const Upstreams> upstreams_;  // what the windows are of
  std::optional<RuleWindows> windows_;
  std::optional<RulePlans> plans_;  // over the windows
  Reservation kept_;
  std::vector<std::shared_ptr<Call>> pending_;
  bool gathering_ = false;
  MonoTime last_round_{};
  std::unique_ptr<Gate> turn_;  // of rounds: one after the other
};

}  // namespace synoptic::aggregator
