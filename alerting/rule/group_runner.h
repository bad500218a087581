// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// One rule group at work: evaluates its rules in order at given timestamps, steps their states,
// and hands what must be sent to the sink.
//
// Lives on one serial executor; not thread-safe.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "alerting/bounds/last_seen.h"
#include "alerting/rule/alert_state.h"
#include "alerting/rule/input_delays.h"
#include "alerting/rule/outgoing_alert.h"
#include "alerting/rule/querier.h"
#include "alerting/rule/record_sink.h"
#include "alerting/rule/roll_ups.h"
#include "alerting/rule/rule.h"
#include "alerting/rule/stored_state.h"
#include "base/clock.h"
#include "net/async/task_group.h"

namespace synoptic::alerting {

struct GroupOptions {
  promql::Labels external_labels;  // added to alerts that leave, where they lack them
  std::string external_url;
  int64_t resend_delay_ms = 60'000;
};

enum class RuleHealth { kUnknown, kOk, kError };

// A rule and what became of it.
struct RunningRule {
  explicit RunningRule(const Rule& of) : rule(of) {}

  const Rule& rule;  // its group's
  Tier tier = Tier::kGlobal;
  RuleState state;
  RuleHealth health = RuleHealth::kUnknown;
  std::string last_error;
  int64_t last_evaluation_ms = 0;  // wall clock; 0: never
  double evaluation_seconds = 0;
  std::string unseen;                 // parts the last evaluation did not see
  std::set<promql::Labels> recorded;  // series that its last recorded samples belong to
  std::vector<std::string>
      missing_inputs;  // of what it expects: `eu (0 of at least 1 series of x)`
  std::vector<promql::Labels> absent_parts;  // whose they are
  int64_t inventory_ms = 0;                  // when they were looked for
  std::unique_ptr<LastSeen> last_seen;       // of a rule that assumes something
  bool restored = false;                     // its state is of the process before this one
};

// What a group works with. All outlive the runner and its tasks.
struct GroupServices {
  Querier& querier;
  AlertSink& alerts;
  const Clock& clock;
  RecordSink* records = nullptr;  // null: nothing is recorded
  TaskGroup* tasks = nullptr;     // null: one question after the other
  RollUps* roll_ups = nullptr;    // null: no alert stands for others
};

// Ends the alerts of a rule that is gone: erased, and resolved for whoever was told of them.
Task<> EndAlerts(std::string identity, RuleState state, Tier tier, GroupOptions options,
                 AlertSink& sink, int64_t time_ms);

class GroupRunner {
 public:
  GroupRunner(RuleGroup group, GroupOptions options, const GroupServices& services);

  // Evaluates every rule at `ts_ms`, as if one after the other: those that do not read each other
  // are asked at once (dependencies.h). A rule's error is its own: the next rules run. Always OK
  // unless cancelled.
  Task<> Evaluate(int64_t ts_ms);

  // Timestamps of evaluations: k * interval + offset, the offset from a hash of file and name, so
  // that equal configurations evaluate at equal times.
  int64_t NextSlot(int64_t after_ms) const;

  // Takes over the states of rules that are the same (name and labels, in order). What rules that
  // are gone have recorded ends with the next evaluation.
  void CopyStateFrom(GroupRunner& old);
  // Takes over what the process before this one left on disk.
  void Restore(RestoredStates& states);
  // Ends all recorded series at `time_ms`: of a group that is gone.
  void EndRecorded(int64_t time_ms);
  // Forgets all alerts, and tells whoever was told of one that it is over: for a group that is
  // gone.
  Task<> EndAlerts(int64_t time_ms);
  // What should be on disk.
  void Snapshot(Records& records) const;
  // The slot at `ts_ms` passed without an evaluation.
  void Missed(int64_t ts_ms, std::string_view why);

  const RuleGroup& group() const { return group_; }
  const std::vector<RunningRule>& rules() const { return rules_; }
  int64_t last_slot_ms() const { return last_slot_ms_; }  // 0: never evaluated
  int64_t last_evaluation_ms() const { return last_evaluation_ms_; }
  double evaluation_seconds() const { return evaluation_seconds_; }
  int64_t learned_offset_ms() const { return learned_offset_ms_; }

 private:
  // The answer to one rule's question, and what it took.
  struct Asked {
    absl::StatusOr<RuleAnswer> answer = absl::UnknownError("not asked");
    int64_t wall_ms = 0;
    double seconds = 0;
  };
  std::vector<std::string> Identities() const;
  Task<> EndOrphans(int64_t time_ms);
  static Task<Asked> AskOne(Querier& querier, std::string expr, int64_t time_ms, Deadline deadline,
                            const Clock& clock);
  // The answers to a run of rules; `first`: it is the tick's first.
  Task<std::vector<Asked>> Ask(const std::vector<size_t>& run, int64_t ts_ms, bool first);
  MonoDuration Patience() const;
  Task<> AskAlone(const std::vector<size_t>& run, const std::vector<size_t>& alone, int64_t ts_ms,
                  std::vector<Asked>& result);
  // What became of a rule's evaluation: alerts stepped and sent, samples recorded.
  Task<> Finish(RunningRule& running, Asked asked, int64_t ts_ms);
  Task<> FinishAlerting(RunningRule& running, absl::StatusOr<RuleAnswer>& answer, int64_t ts_ms);
  absl::Status FinishRecording(RunningRule& running, absl::StatusOr<RuleAnswer>& answer,
                               int64_t ts_ms);
  absl::StatusOr<StepInput> MakeInput(const RunningRule& running, const RuleAnswer& answer,
                                      int64_t ts_ms) const;
  absl::StatusOr<StepInput::Unseen> UnseenBy(const Rule& rule, const RuleAnswer& answer) const;
  // Where all parts are needed and some are unseen: what is certain all the same. The answer keeps
  // its proven elements only.
  Task<> Judge(RunningRule& running, RuleAnswer& answer, StepInput& input);
  // What the rule's inputs are while they are seen, for a rule that assumes something of them.
  Task<> Watch(RunningRule& running, const RuleAnswer& answer, int64_t ts_ms);
  Task<std::vector<LeafAnswer>> AskLeaves(std::vector<std::string> questions, int64_t time_ms,
                                          const promql::Topology& world);
  // Which firing alerts are not over yet, for a rule with `clear`.
  Task<> AskClear(RunningRule& running, StepInput& input);
  // Makes of input that is expected and not there an unseen part.
  Task<> CheckInventory(RunningRule& running, RuleAnswer& answer, int64_t ts_ms);
  static void NoteMissing(const RuleAnswer& counts, const std::string& selector,
                          const promql::Topology& world, RunningRule& running);
  // How late the inputs of its rules are, for a group with `freshness`; and as of when it asks.
  Task<> MeasureDelays(int64_t ts_ms);
  Task<> LookAtInputs(int64_t ts_ms, const promql::Topology& world);
  // Puts all questions at once, within a small part of the interval.
  struct Question {
    std::string text;
    int64_t time_ms = 0;
  };
  Task<std::vector<absl::StatusOr<RuleAnswer>>> AskAside(std::vector<Question> questions);
  void CopyDelays(const GroupRunner& old);
  void RestoreOffset(const GroupProgress& progress);
  GroupProgress Progress() const { return {last_slot_ms_, last_asked_ms_, learned_offset_ms_}; }
  // Makes of stale inputs an unseen part.
  void NoteStale(const Rule& rule, RuleAnswer& answer, int64_t ts_ms) const;
  // How much earlier than its slots the group asks.
  int64_t offset_ms() const { return group_.query_offset_ms + learned_offset_ms_; }
  // Tells whoever inhibits by it that `alert` stands for others, or no longer does.
  void SendStanding(const OutgoingAlert& alert, bool stands, int64_t ts_ms,
                    std::vector<OutgoingAlert>& out) const;
  Task<> ExpandInto(StepInput& input, const Rule& rule, const RuleAnswer& answer);
  // Into `recorded_`; EndRun hands them over.
  void Record(RunningRule& running, const StepInput::Unseen& unseen,
              std::vector<RecordedSample> samples);
  // What a run of rules has recorded is seen by the next one.
  void EndRun(int64_t ts_ms);
  RecordOrigin OriginOf(const Rule& rule) const;
  // Evaluates the slots that passed while nobody looked, as far as clocks depend on them.
  Task<> CatchUp(RunningRule& running, int64_t ts_ms);
  Task<> Replay(RunningRule& running, promql::Grid grid);
  void Freeze(RunningRule& running, int64_t ts_ms, std::string_view why);
  // Hands over what must be kept and what must be sent.
  Task<> Send(RunningRule& running, int64_t ts_ms);

  const RuleGroup group_;
  const GroupOptions options_;
  const GroupServices services_;
  const Clock& clock_;
  const std::vector<std::vector<size_t>> runs_;
  // Alerts of rules that are no longer in the group; they end with the next evaluation.
  struct Orphan {
    std::string identity;
    RuleState state;
    Tier tier;
  };
  std::vector<Orphan> orphans_;
  std::vector<RunningRule> rules_;
  std::vector<std::string> identities_;  // of each rule, on disk
  // What the rules of the run at work recorded.
  struct Recorded {
    RunningRule* rule;
    std::vector<RecordedSample> samples;
  };
  std::vector<Recorded> recorded_;
  std::set<promql::Labels> ended_;  // recorded by rules that are gone
  InputDelays delays_;
  int64_t measured_ms_ = 0;  // when it last tried
  int64_t learned_offset_ms_ = 0;
  int64_t last_asked_ms_ = 0;    // as of when it asked last; 0: never
  int64_t asked_offset_ms_ = 0;  // how much earlier than its slot that was
  int64_t stalled_ms_ = 0;       // by how much more that is now
  int64_t last_slot_ms_ = 0;
  int64_t last_evaluation_ms_ = 0;
  double evaluation_seconds_ = 0;
};

}  // namespace synoptic::alerting
