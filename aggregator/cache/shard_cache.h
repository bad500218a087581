// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// One shard's door with a memory: answers from fragments what cannot have changed, asks for the
// rest, and keeps of the answer what is settled.
//
// A value is settled once every sample that it can depend on is older than the shard's edge (up to
// when its samples have arrived, arrival_edge.h). What lies beyond is asked for each time, but for
// questions that come together: they share one flight, and its answer serves for a moment. Only
// whole answers are kept: one without any series, with a failure, an upstream's warning about
// missing data, or native histograms in pushed-down values is passed on and forgotten.
//
// Lives on one serial executor (the event loop); packing and unpacking run on the pool.
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "aggregator/cache/arrival_edge.h"
#include "aggregator/cache/data_reach.h"
#include "aggregator/cache/question.h"
#include "aggregator/cache/shard_lists.h"
#include "aggregator/cache/tier_stack.h"
#include "aggregator/upstream/shard_client.h"
#include "base/clock.h"
#include "net/async/compute_pool.h"
#include "net/async/flights.h"
#include "promql/parse/parser.h"

namespace synoptic::aggregator {

// What is known of an answer without asking: of settled times only.
template <class Answer>
struct Known {
  Answer answer;            // the series over all that was asked for, empty where nothing is known
  std::vector<Span> spans;  // the points of time that are known, in order; none: nothing is
  int64_t fetched_ms = 0;   // when the shard last said any of it; wall clock
};

// How late samples may come of which nothing is known; ms.
inline constexpr int64_t kComesLateMs = 600'000;

struct ShardCacheOptions {
  // How far back data may still change where that is not learned (arrival_edge.h).
  int64_t recent_ms = 120'000;
  // How long an answer about unsettled data serves others: a step, within these bounds. Rules are
  // never answered so.
  int64_t least_shared_ms = 1'000;
  int64_t most_shared_ms = 15'000;
  // How often a question is widened by something settled, to see whether it is (audit.h); and how
  // often a little piece from anywhere is asked for beside one. Zero: never.
  int64_t audit_every_ms = 60'000;
  int64_t sample_every_ms = 60'000;
  promql::ParseOptions language;
  ListOptions lists;
};

class ShardCache : public std::enable_shared_from_this<ShardCache> {
 public:
  template <class Request, class Answer>
  using Ask = std::function<Task<Answer>(Request)>;
  using AskSteps = Ask<StepRequest, StepAnswer>;
  using AskRaw = Ask<RawRequest, RawAnswer>;

  // References outlive the cache and its tasks. `lists`: where lists are kept; null: nowhere.
  ShardCache(ShardIdentity shard, std::shared_ptr<TierStack> tiers,
             const ShardCacheOptions& options, const Clock& clock, ComputePool& pool,
             boost::asio::any_io_executor executor, std::shared_ptr<ListMemory> lists = nullptr);

  // What `ask` would answer, asking for less. Budgets are charged as by `ask`.
  Task<StepAnswer> Steps(StepRequest request, AskSteps ask, Deadline deadline,
                         MemoryBudget* budget);
  Task<RawAnswer> Raw(RawRequest request, AskRaw ask, Deadline deadline, MemoryBudget* budget);

  // What is known while the shard cannot be asked.
  Task<Known<StepAnswer>> KnownSteps(StepRequest request, Deadline deadline, MemoryBudget* budget);
  Task<Known<RawAnswer>> KnownRaw(RawRequest request, Deadline deadline, MemoryBudget* budget);

  // The door for lists; null when none are kept.
  const std::shared_ptr<ShardLists>& lists() const { return lists_; }
  // Up to when data no longer change; who reads the shard's arrivals tells it.
  ArrivalEdge& edge() { return edge_; }
  // What the shard will record may come later than its other samples, by up to kComesLateMs: what
  // selects these names is settled then. True when there is one that was not there.
  bool SetLateNames(absl::flat_hash_set<std::string> names);
  // The shard began anew, or is configured otherwise: the next questions are audited all.
  void AuditSoon();
  // Drops the shard's blocks that reach to `from_ms` or beyond, of all questions.
  Task<> Distrust(int64_t from_ms, Deadline deadline);

 private:
  // What is there of a question, and what has to be asked.
  struct Found {
    std::vector<FragmentPtr> parts;  // in order, without overlap
    std::vector<Span> gaps;
    std::vector<int64_t> missing;  // blocks that may be settled in part, and are not in memory
  };
  // Blocks that lower tiers had: memory may have refused them.
  using Restored = absl::flat_hash_map<int64_t, FoundBlock>;

  template <class Request, class Answer>
  Task<Answer> Complete(Question question, Request request, Ask<Request, Answer> ask,
                        Deadline deadline, MemoryBudget* budget);
  template <class Answer>
  Task<Answer> Assemble(const Question& question, std::vector<FragmentPtr> parts,
                        std::vector<Answer> fresh, MemoryBudget* budget);
  // Writes anew, in fewer bytes, what is used again; not too much at a time.
  Task<> Tighten(const Question& question, std::vector<FragmentPtr> used);
  // What the question for the first gap is widened by, when it is time to look.
  std::optional<Span> NextAudit(const Question& question, const Found& found);
  // A piece of what is used that is asked for beside the question, when it is time to look.
  std::optional<Span> NextSample(const Question& question, const std::vector<FragmentPtr>& used);
  // Keeps, as the question's, what questions with finer steps have brought of `gaps`. True when
  // there was any.
  Task<bool> FillFromFiner(const Question& question, const StepRequest& request,
                           const std::vector<Span>& gaps, int64_t purges);
  void RememberPace(const Question& question, const StepRequest& request);
  // Drops what the shard now says otherwise: the question's blocks, and of all questions those from
  // there on.
  Task<> Contradicted(const Question& question, int64_t from_ms, Deadline deadline);
  // Whether `answer`, to a question for `asked`, says of `span` what `known` does.
  template <class Answer>
  Task<bool> Agrees(const Question& question, const Span& span, const Span& asked,
                    const Answer& answer, const std::vector<FragmentPtr>& known);
  // Whether `used` still is what the shard says, by NextSample().
  template <class Request, class Answer>
  Task<bool> StillSo(const Question& question, const Request& request,
                     const Ask<Request, Answer>& ask, const std::vector<FragmentPtr>& used,
                     Deadline deadline, MemoryBudget* budget);
  // All of the question from the shard, kept.
  template <class Request, class Answer>
  Task<Answer> AskAnew(const Question& question, const Request& request,
                       const Ask<Request, Answer>& ask);
  // Packs an answer from `from` on and keeps what is settled. Runs on the pool. The pieces, in
  // order.
  template <class Answer>
  absl::StatusOr<std::vector<FragmentPtr>> Keep(const Question& question, const Span& asked,
                                                int64_t from, const Answer& answer,
                                                int64_t asked_ms, const Restored& restored,
                                                int64_t purges);
  absl::Status KeepBlock(const Question& question, int64_t block, const FragmentPtr& old,
                         const FragmentPtr& piece, int64_t purges);
  // Unless something was purged since there were `purges`.
  void PutUnpurged(Tier& where, const Question& question, int64_t block, FragmentPtr fragment,
                   int64_t purges);

  template <class Answer>
  Task<Known<Answer>> Recall(const Question& question, Deadline deadline, MemoryBudget* budget);

  // The newest point of time whose value was final when it was asked for.
  int64_t SettledUntil(const Question& question, int64_t asked_ms) const;
  FragmentPtr BlockOf(const Question& question, int64_t block, const Restored& restored) const;
  std::vector<FragmentPtr> BlocksOf(const Question& question, const Restored& restored) const;
  // Those of the question's blocks that may be settled in part, and are not there.
  std::vector<int64_t> MissingOf(const Question& question, const std::vector<FragmentPtr>& blocks,
                                 int64_t asked_ms) const;
  Found LookUp(const Question& question, int64_t arrived_ms, const Restored& restored) const;
  // Of a question about to be asked: what lower tiers may have. While the process is young also the
  // tail that the one before it kept.
  std::vector<int64_t> WantedBelow(const Question& question, std::vector<int64_t> missing) const;
  Task<Restored> Restore(const Question& question, std::vector<int64_t> missing,
                         Deadline deadline) const;
  void UseTail(const Question& question, int64_t arrived_ms, Found& found) const;
  int64_t SharedMs(Lane lane, int64_t step_ms) const;
  // What is read off a question's text.
  struct TextFacts {
    DataReach reach;
    bool late = false;
  };
  TextFacts FactsOf(const std::string& text, int64_t lookback_ms);
  Question QuestionFor(const StepRequest& request);
  Question QuestionFor(const RawRequest& request) const;

  const ShardIdentity shard_;
  const std::shared_ptr<TierStack> tiers_;
  MemoryTier* const memory_;  // of the tiers
  const ShardCacheOptions options_;
  ArrivalEdge edge_;
  const Clock& clock_;
  ComputePool& pool_;
  const boost::asio::any_io_executor executor_;
  const std::shared_ptr<ShardLists> lists_;
  const int64_t began_ms_;           // wall clock
  int64_t next_audit_ms_;            // wall clock
  int64_t next_sample_ms_;           // wall clock
  uint64_t samples_ = 0;             // asked for
  int owed_ = 0;                     // audits that do not wait for their time
  Flights<std::monostate> flights_;  // by stream
  // The steps that a text was asked with lately, and their phases.
  struct Pace {
    int64_t step;
    int64_t phase;
  };
  absl::flat_hash_map<std::string, std::vector<Pace>> paces_;
  absl::flat_hash_map<std::string, TextFacts> facts_;  // by text and lookback
  absl::flat_hash_set<std::string> late_names_;
};

}  // namespace synoptic::aggregator
