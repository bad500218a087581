// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/rule/group_runner.h"

#include <algorithm>
#include <set>

#include "alerting/rule/alert_elements.h"
#include "alerting/rule/dependencies.h"
#include "alerting/rule/rule_samples.h"
#include "base/status.h"
#include "net/async/fan_out.h"

namespace synoptic::alerting {
namespace {

constexpr size_t kQuestionsAtOnce = 8;
constexpr int64_t kGatherPart = 15;  // of an interval, that rules wait for each other
constexpr int64_t kMostGatherMs = 1000;
constexpr int kTemplateRounds = 4;  // of questions that templates ask, each built on the last

double SecondsBetween(MonoTime from, MonoTime to) {
  return std::chrono::duration<double>(to - from).count();
}

// A label that a rule sets hides which part a series comes from.
bool HidesPart(const Rule& rule, const std::vector<promql::Labels>& parts) {
  for (const promql::Labels& part : parts) {
    for (const promql::Label label : part) {
      if (rule.labels.contains(std::string(label.name))) return true;
    }
  }
  return false;
}

}  // namespace

GroupRunner::GroupRunner(RuleGroup group, GroupOptions options, const GroupServices& services)
    : group_(ReadyToRun(std::move(group))),
      options_(std::move(options)),
      services_(services),
      clock_(services.clock),
      runs_(ConcurrentRuns(group_)) {
  rules_.reserve(group_.rules.size());
  for (const Rule& rule : group_.rules) rules_.emplace_back(rule).tier = group_.TierOf(rule);
  identities_ = Identities();
}

int64_t GroupRunner::NextSlot(int64_t after_ms) const {
  // Prometheus' own slots, which it counts in nanoseconds (rules/group.go).
  const auto hash = promql::Labels::From({{"name", group_.name}, {"file", group_.file}}).Hash();
  const auto interval_ns = static_cast<uint64_t>(group_.interval_ms) * 1'000'000;
  const auto offset = static_cast<int64_t>(hash % interval_ns / 1'000'000);
  const int64_t slot = (after_ms - offset) / group_.interval_ms * group_.interval_ms + offset;
  return slot > after_ms ? slot : slot + group_.interval_ms;
}

void GroupRunner::CopyStateFrom(GroupRunner& old) {
  std::set<size_t> taken;
  for (RunningRule& mine : rules_) {
    for (size_t i = 0; i < old.rules_.size(); ++i) {
      const Rule& theirs = old.rules_[i].rule;
      if (theirs.alerting() != mine.rule.alerting() || theirs.name() != mine.rule.name() ||
          theirs.labels != mine.rule.labels) {
        continue;
      }
      if (!taken.insert(i).second) continue;
      mine.state = old.rules_[i].state;
      mine.health = old.rules_[i].health;
      mine.last_error = old.rules_[i].last_error;
      mine.last_evaluation_ms = old.rules_[i].last_evaluation_ms;
      mine.recorded = old.rules_[i].recorded;
      mine.restored = old.rules_[i].restored;
      if (theirs.expr == mine.rule.expr && theirs.assume == mine.rule.assume) {
        mine.last_seen = std::move(old.rules_[i].last_seen);
      }
      break;
    }
  }
  last_slot_ms_ = old.last_slot_ms_;
  CopyDelays(old);
  ended_ = old.ended_;
  orphans_ = std::move(old.orphans_);
  for (size_t i = 0; i < old.rules_.size(); ++i) {
    if (taken.contains(i)) continue;
    ended_.merge(old.rules_[i].recorded);
    orphans_.push_back({old.identities_[i], old.rules_[i].state, old.rules_[i].tier});
  }
}

void GroupRunner::EndRecorded(int64_t time_ms) {
  for (RunningRule& running : rules_) ended_.merge(running.recorded);
  std::vector<RecordedSample> samples;
  for (const promql::Labels& labels : ended_) samples.push_back({labels, promql::StaleNaN()});
  ended_.clear();
  if (services_.records == nullptr || samples.empty()) return;
  // A series that another rule goes on writing has a newer sample: refusing the marker is right.
  (void)services_.records->Record({group_.file, group_.name, "", group_.interval_ms}, time_ms,
                                  std::move(samples));
}

RecordOrigin GroupRunner::OriginOf(const Rule& rule) const {
  return {group_.file, group_.name, rule.name(), group_.interval_ms};
}

void GroupRunner::Missed(int64_t ts_ms, std::string_view why) {
  if (services_.records == nullptr) return;
  for (const RunningRule& running : rules_) {
    if (running.rule.alerting()) continue;
    services_.records->Missed(OriginOf(running.rule), ts_ms - offset_ms(), why);
  }
}

Task<GroupRunner::Asked> GroupRunner::AskOne(Querier& querier, std::string expr, int64_t time_ms,
                                             Deadline deadline, const Clock& clock) {
  Asked asked;
  asked.wall_ms = clock.WallMillis();
  const MonoTime start = clock.Mono();
  asked.answer = co_await querier.Instant(std::move(expr), time_ms, deadline);
  asked.seconds = SecondsBetween(start, clock.Mono());
  co_return asked;
}

Task<std::vector<GroupRunner::Asked>> GroupRunner::Ask(const std::vector<size_t>& run,
                                                       int64_t ts_ms, bool first) {
  // Rules of all groups wait for each other a little, so as to read what they share once; those
  // that wait for rules of their own group already, less.
  const int64_t gather_ms = std::min(group_.interval_ms / kGatherPart, kMostGatherMs);
  std::vector<std::string> exprs;
  for (const size_t i : run) exprs.push_back(rules_[i].rule.expr);
  std::vector<Asked> result(run.size());
  const int64_t wall_ms = clock_.WallMillis();
  const MonoTime start = clock_.Mono();
  auto together = co_await services_.querier.Together(
      std::move(exprs), ts_ms - offset_ms(), Deadline::After(clock_, Patience()),
      std::chrono::milliseconds(first ? gather_ms : gather_ms / 8));
  if (absl::IsCancelled(together.status())) co_return together.status();
  const double each = SecondsBetween(start, clock_.Mono()) / static_cast<double>(run.size());
  std::vector<size_t> alone;
  for (size_t i = 0; i < run.size(); ++i) {
    if (absl::IsDeadlineExceeded(together.status())) {
      result[i] = {together.status(), wall_ms, each};
    } else if (together.ok() && (*together)[i].has_value()) {
      result[i] = {*std::move((*together)[i]), wall_ms, each};
    } else {
      alone.push_back(i);
    }
  }
  CO_RETURN_IF_ERROR(co_await AskAlone(run, alone, ts_ms, result));
  co_return result;
}

MonoDuration GroupRunner::Patience() const {
  constexpr int64_t kMaxMillis = 30'000;
  return std::chrono::milliseconds(std::min(group_.interval_ms * 9 / 10, kMaxMillis));
}

Task<> GroupRunner::AskAlone(const std::vector<size_t>& run, const std::vector<size_t>& alone,
                             int64_t ts_ms, std::vector<Asked>& result) {
  const size_t at_once = services_.tasks == nullptr ? 1 : kQuestionsAtOnce;
  for (size_t begin = 0; begin < alone.size(); begin += at_once) {
    const size_t end = std::min(alone.size(), begin + at_once);
    std::vector<Leg<Asked>> legs;
    for (size_t i = begin; i < end; ++i) {
      const Deadline deadline = Deadline::After(clock_, Patience());
      legs.push_back({AskOne(services_.querier, rules_[run[alone[i]]].rule.expr,
                             ts_ms - offset_ms(), deadline, clock_),
                      deadline});
    }
    std::vector<absl::StatusOr<Asked>> answers;
    if (legs.size() == 1) {
      answers.push_back(co_await std::move(legs[0].task));
    } else {
      answers = co_await FanOut(*services_.tasks, clock_, std::move(legs));
    }
    for (size_t i = begin; i < end; ++i) {
      absl::StatusOr<Asked>& answer = answers[i - begin];
      if (absl::IsCancelled(answer.status())) co_return answer.status();
      result[alone[i]] =
          answer.ok() ? *std::move(answer) : Asked{answer.status(), clock_.WallMillis(), 0};
    }
  }
  co_return absl::OkStatus();
}

Task<> GroupRunner::Evaluate(int64_t ts_ms) {
  const MonoTime start = clock_.Mono();
  last_evaluation_ms_ = clock_.WallMillis();
  recorded_.clear();
  CO_RETURN_IF_ERROR(co_await EndOrphans(ts_ms));
  CO_RETURN_IF_ERROR(co_await MeasureDelays(ts_ms));
  for (const std::vector<size_t>& run : runs_) {
    CO_ASSIGN_OR_RETURN(std::vector<Asked> answers,
                        co_await Ask(run, ts_ms, /*first=*/&run == &runs_.front()));
    for (size_t i = 0; i < run.size(); ++i) {
      CO_RETURN_IF_ERROR(co_await Finish(rules_[run[i]], std::move(answers[i]), ts_ms));
    }
    EndRun(ts_ms);
  }
  if (!ended_.empty()) {
    // What another rule has taken over goes on.
    for (const RunningRule& running : rules_) {
      for (const promql::Labels& labels : running.recorded) ended_.erase(labels);
    }
    std::set<promql::Labels> ended = std::move(ended_);
    ended_.clear();
    std::vector<RecordedSample> samples;
    for (const promql::Labels& labels : ended) samples.push_back({labels, promql::StaleNaN()});
    if (services_.records != nullptr && !samples.empty()) {
      (void)services_.records->Record({group_.file, group_.name, "", group_.interval_ms},
                                      ts_ms - offset_ms(), std::move(samples));
    }
  }
  last_slot_ms_ = ts_ms;
  services_.alerts.Keep({RecordOfGroup(group_, Progress())});
  evaluation_seconds_ = SecondsBetween(start, clock_.Mono());
  co_return absl::OkStatus();
}

Task<> GroupRunner::Finish(RunningRule& running, Asked asked, int64_t ts_ms) {
  if (absl::IsCancelled(asked.answer.status())) co_return asked.answer.status();
  const MonoTime start = clock_.Mono();
  absl::Status status;
  if (running.rule.alerting()) {
    CO_RETURN_IF_ERROR(co_await CatchUp(running, ts_ms));
    status = co_await FinishAlerting(running, asked.answer, ts_ms);
    if (absl::IsCancelled(status)) co_return status;
  } else {
    status = FinishRecording(running, asked.answer, ts_ms);
  }
  // Along with the state that it led to: whoever looks meanwhile sees the evaluation before.
  running.last_evaluation_ms = asked.wall_ms;
  running.evaluation_seconds = asked.seconds + SecondsBetween(start, clock_.Mono());
  running.health = status.ok() ? RuleHealth::kOk : RuleHealth::kError;
  running.last_error = std::string(MessageOf(status));
  // Also after an error: an alert that fires must be repeated before Alertmanager lets it go.
  if (running.rule.alerting()) CO_RETURN_IF_ERROR(co_await Send(running, ts_ms));
  co_return absl::OkStatus();
}

Task<> GroupRunner::FinishAlerting(RunningRule& running, absl::StatusOr<RuleAnswer>& answer,
                                   int64_t ts_ms) {
  StepInput blind;
  blind.now_ms = ts_ms;
  blind.interval_ms = group_.interval_ms;
  blind.for_ms = running.rule.for_ms;
  blind.unseen.everything = true;
  absl::StatusOr<StepInput> input = absl::UnknownError("not made");
  if (answer.ok()) {
    NoteStale(running.rule, *answer, ts_ms);
    const absl::Status checked = co_await CheckInventory(running, *answer, ts_ms);
    if (absl::IsCancelled(checked)) co_return checked;
  }
  running.unseen = answer.ok() ? answer->missing : std::string(MessageOf(answer.status()));
  if (answer.ok()) {
    input = MakeInput(running, *answer, ts_ms);
    if (input.ok()) {
      const absl::Status watched = co_await Watch(running, *answer, ts_ms);
      if (absl::IsCancelled(watched)) co_return watched;
      const absl::Status judged = co_await Judge(running, *answer, *input);
      if (absl::IsCancelled(judged)) co_return judged;
      const absl::Status expanded = co_await ExpandInto(*input, running.rule, *answer);
      if (absl::IsCancelled(expanded)) co_return expanded;
      if (!expanded.ok()) input = expanded;
      // A hundred thousand elements are not needed twice: those of the input take their place.
      std::exchange(answer->elements, std::vector<RuleAnswer::Element>());
    }
    if (input.ok()) {
      const absl::Status asked = co_await AskClear(running, *input);
      if (absl::IsCancelled(asked)) co_return asked;
    }
  } else {
    input = answer.status();
  }
  if (input.ok() && group_.limit > 0 && static_cast<int>(input->elements.size()) > group_.limit) {
    // The old state stays: losing pages because there are many would be the wrong way round.
    input = InvalidArgument("exceeded limit of {} with {} alerts", group_.limit,
                            input->elements.size());
  }
  // Where nothing is known: hold, never resolve.
  if (!input.ok()) blind.unseen.description = std::string(MessageOf(input.status()));
  Step(running.state, input.ok() ? *input : blind);
  if (input.ok()) std::exchange(input->elements, std::vector<StepElement>());  // nor these
  if (services_.roll_ups != nullptr) {
    services_.roll_ups->Publish(identities_[static_cast<size_t>(&running - rules_.data())],
                                running.rule, running.state);
  }
  if (services_.records != nullptr) Record(running, {}, AlertSamples(running.rule, running.state));
  co_return input.status();
}

absl::Status GroupRunner::FinishRecording(RunningRule& running, absl::StatusOr<RuleAnswer>& answer,
                                          int64_t ts_ms) {
  const auto failed = [&](const absl::Status& status) {
    if (services_.records != nullptr) {
      services_.records->Missed(OriginOf(running.rule), ts_ms - offset_ms(), MessageOf(status));
    }
    return status;
  };
  if (!answer.ok()) {
    running.unseen = std::string(MessageOf(answer.status()));
    return failed(answer.status());
  }
  running.unseen = answer->missing;
  auto unseen = UnseenBy(running.rule, *answer);
  if (!unseen.ok()) return failed(unseen.status());
  auto samples = RecordingSamples(running.rule, group_.limit, *answer);
  if (!samples.ok()) return failed(samples.status());
  if (unseen->any() && services_.records != nullptr) {
    services_.records->Missed(OriginOf(running.rule), ts_ms - offset_ms(),
                              unseen->description.view());
  }
  // A value that lacks a part is no value: its series has a gap until the part is back.
  if (unseen->everything) return absl::OkStatus();
  std::erase_if(*samples, [&](const RecordedSample& s) { return unseen->Covers(s.labels); });
  Record(running, *unseen, *std::move(samples));
  return absl::OkStatus();
}

void GroupRunner::Record(RunningRule& running, const StepInput::Unseen& unseen,
                         std::vector<RecordedSample> samples) {
  if (services_.records == nullptr) return;
  EndVanished(unseen, running.recorded, samples);
  if (!samples.empty()) recorded_.push_back({&running, std::move(samples)});
}

void GroupRunner::EndRun(int64_t ts_ms) {
  if (recorded_.empty()) return;
  std::vector<Recorded> recorded = std::exchange(recorded_, {});
  std::vector<RuleRecords> rules;
  for (Recorded& one : recorded) {
    rules.push_back({one.rule->rule.name(), std::move(one.samples)});
  }
  const std::vector<absl::Status> taken = services_.records->RecordAll(
      {group_.file, group_.name, "", group_.interval_ms}, ts_ms - offset_ms(), std::move(rules));
  for (size_t i = 0; i < recorded.size(); ++i) {
    RunningRule& running = *recorded[i].rule;
    // Its own error comes first.
    if (taken[i].ok() || running.health != RuleHealth::kOk) continue;
    running.health = RuleHealth::kError;
    running.last_error = std::string(MessageOf(taken[i]));
  }
}

absl::StatusOr<StepInput::Unseen> GroupRunner::UnseenBy(const Rule& rule,
                                                        const RuleAnswer& answer) const {
  StepInput::Unseen unseen;
  if (answer.complete || group_.on_partial == OnPartial::kEvaluate) return unseen;
  if (group_.on_partial == OnPartial::kFail) {
    return MakeStatus(absl::StatusCode::kUnavailable, "parts are unseen: {}", answer.missing);
  }
  // A rule that one region or shard decides alone is exact wherever its part answered; one that
  // needs all of them says nothing while one is missing.
  const bool exact_by_part = group_.on_partial == OnPartial::kEvaluateIfSafe &&
                             rule.locality != promql::Locality::kGlobal &&
                             !HidesPart(rule, answer.missing_parts);
  unseen.description = answer.missing;
  unseen.everything = !exact_by_part;
  if (exact_by_part) unseen.parts = answer.missing_parts;
  return unseen;
}

Task<> GroupRunner::ExpandInto(StepInput& input, const Rule& rule, const RuleAnswer& answer) {
  TemplateQueries queries;
  const ExpansionContext context = {options_.external_labels, options_.external_url, input.now_ms,
                                    &queries,
                                    answer.complete ? "complete" : "without " + answer.missing};
  for (int round = 0;; ++round) {
    queries.wanted.clear();
    CO_ASSIGN_OR_RETURN(input.elements, ExpandElements(rule, answer, context));
    if (queries.wanted.empty() || round == kTemplateRounds) break;
    for (const std::string& expr : queries.wanted) {
      const Deadline deadline = Deadline::After(clock_, std::chrono::seconds(10));
      // At the evaluation's time, without the group's offset, as in Prometheus.
      auto asked = co_await services_.querier.Instant(expr, input.now_ms, deadline);
      if (absl::IsCancelled(asked.status())) co_return asked.status();
      auto& known = queries.answers[expr];
      if (!asked.ok()) {
        known = asked.status();
        continue;
      }
      known = std::vector<TemplateQueries::Sample>();
      for (const RuleAnswer::Element& e : asked->elements) known->push_back({e.labels, e.value});
    }
  }
  co_return absl::OkStatus();
}

}  // namespace synoptic::alerting
