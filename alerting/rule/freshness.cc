// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The part of a group that waits for late inputs: how late they are is measured, rules ask as of so
// much earlier, and what is later than that is as unseen as a region that is dark.
#include <algorithm>
#include <cmath>

#include "alerting/rule/group_runner.h"
#include "base/status.h"
#include "net/async/fan_out.h"

namespace synoptic::alerting {
namespace {

constexpr int64_t kMeasureEveryMs = 30'000;
constexpr size_t kMostSelectors = 32;  // that are looked at at a time, those long not seen first
constexpr size_t kQuestionsAtOnce = 8;
constexpr int64_t kAsidePart = 10;  // of an interval, that measuring may take
constexpr int64_t kMostAsideMs = 3000;
// Whatever happens to slots, what is asked goes on at least so much from one to the next.
constexpr int64_t kLeastStepMs = 1000;

// By how much the offset grows at most from one slot to the next: what is asked goes on meanwhile,
// at least at half the clock's pace.
int64_t MostRaise(int64_t interval_ms) {
  const int64_t half = interval_ms / 2;
  return half >= 1000 ? half / 1000 * 1000 : half;
}

InputDelays::ByPart Rounded(const RuleAnswer& answer, double unit) {
  InputDelays::ByPart numbers;
  for (const RuleAnswer::Element& element : answer.elements) {
    numbers.emplace_back(element.labels, std::llround(element.value * unit));
  }
  return numbers;
}

std::vector<promql::Labels> PartsOf(const promql::Topology& world) {
  std::vector<promql::Labels> parts;
  for (const promql::TopologyShard& shard : world.shards) parts.push_back(shard.labels);
  return parts;
}

}  // namespace

Task<std::vector<absl::StatusOr<RuleAnswer>>> GroupRunner::AskAside(
    std::vector<Question> questions) {
  const Deadline deadline = Deadline::After(
      clock_, std::chrono::milliseconds(std::min(group_.interval_ms / kAsidePart, kMostAsideMs)));
  std::vector<absl::StatusOr<RuleAnswer>> answers;
  if (services_.tasks == nullptr) {
    for (Question& question : questions) {
      answers.push_back(
          co_await services_.querier.Instant(std::move(question.text), question.time_ms, deadline));
      if (absl::IsCancelled(answers.back().status())) co_return answers.back().status();
    }
    co_return answers;
  }
  for (size_t begin = 0; begin < questions.size(); begin += kQuestionsAtOnce) {
    std::vector<Leg<RuleAnswer>> legs;
    for (size_t i = begin; i < std::min(questions.size(), begin + kQuestionsAtOnce); ++i) {
      legs.push_back(
          {services_.querier.Instant(std::move(questions[i].text), questions[i].time_ms, deadline),
           deadline});
    }
    for (auto& answer : co_await FanOut(*services_.tasks, clock_, std::move(legs))) {
      if (absl::IsCancelled(answer.status())) co_return answer.status();
      answers.push_back(std::move(answer));
    }
  }
  co_return answers;
}

Task<> GroupRunner::LookAtInputs(int64_t ts_ms, const promql::Topology& world) {
  std::set<std::string> inputs;
  for (const RunningRule& running : rules_) inputs.merge(InputSelectors(running.rule.expr));
  delays_.KeepOnly(inputs);
  std::vector<std::string> selectors(inputs.begin(), inputs.end());
  std::sort(selectors.begin(), selectors.end(), [this](const auto& a, const auto& b) {
    return std::make_pair(delays_.LookedAt(a), a) < std::make_pair(delays_.LookedAt(b), b);
  });
  const size_t looked = std::min(selectors.size(), kMostSelectors);
  const std::vector<std::string> labels = services_.querier.TopologyLabels();
  std::vector<Question> questions;
  for (size_t i = 0; i < looked; ++i) {
    questions.push_back({NewestSampleQuestion(selectors[i], labels), ts_ms});
  }
  std::vector<std::string> counted;
  for (size_t i = 0; i < looked; ++i) {
    const auto at = delays_.AskPeriodsAt(ts_ms, selectors[i]);
    if (!at) continue;
    counted.push_back(selectors[i]);
    questions.push_back({SampleCountQuestion(selectors[i], labels), *at});
  }
  CO_ASSIGN_OR_RETURN(const std::vector<absl::StatusOr<RuleAnswer>> answers,
                      co_await AskAside(std::move(questions)));
  for (size_t i = 0; i < selectors.size(); ++i) {
    if (i >= looked || !answers[i].ok()) {
      delays_.NotSeen(ts_ms, selectors[i], PartsOf(world));
      continue;
    }
    const RuleAnswer& newest = *answers[i];
    const bool told = newest.complete || !newest.missing_parts.empty();
    delays_.Learn(ts_ms, selectors[i], Rounded(newest, 1000),
                  told ? newest.missing_parts : PartsOf(world));
  }
  for (size_t i = 0; i < counted.size(); ++i) {
    const absl::StatusOr<RuleAnswer>& counts = answers[looked + i];
    if (counts.ok()) delays_.LearnPeriods(ts_ms, counted[i], Rounded(*counts, 1));
  }
  co_return absl::OkStatus();
}

Task<> GroupRunner::MeasureDelays(int64_t ts_ms) {
  stalled_ms_ = 0;
  if (!group_.freshness) {
    learned_offset_ms_ = 0;
    co_return absl::OkStatus();
  }
  const auto world = services_.querier.World();
  if (world != nullptr && ts_ms - measured_ms_ >= kMeasureEveryMs) {
    if (measured_ms_ == 0) delays_.Remember(ts_ms, learned_offset_ms_);
    measured_ms_ = ts_ms;
    CO_RETURN_IF_ERROR(co_await LookAtInputs(ts_ms, *world));
  }
  int64_t offset = std::min(learned_offset_ms_, group_.freshness->max_offset_ms);
  if (measured_ms_ != 0) offset = delays_.OffsetMs(ts_ms, *group_.freshness);
  if (last_asked_ms_ != 0) {
    const int64_t raise = MostRaise(group_.interval_ms);
    offset = std::min(offset, learned_offset_ms_ + raise);
    // Never back in time: an alert's samples would come before those that are there.
    const int64_t least = std::min(raise, kLeastStepMs);
    const int64_t most = ts_ms - group_.query_offset_ms - (last_asked_ms_ + least);
    offset = std::clamp<int64_t>(most, 0, offset);
  }
  learned_offset_ms_ = offset;
  if (last_asked_ms_ != 0) stalled_ms_ = std::max<int64_t>(0, offset_ms() - asked_offset_ms_);
  asked_offset_ms_ = offset_ms();
  last_asked_ms_ = ts_ms - offset_ms();
  co_return absl::OkStatus();
}

void GroupRunner::CopyDelays(const GroupRunner& old) {
  if (!group_.freshness) return;
  delays_ = old.delays_;
  measured_ms_ = std::min<int64_t>(old.measured_ms_, 1);  // at once: it may read other inputs now
  learned_offset_ms_ = old.learned_offset_ms_;
  last_asked_ms_ = old.last_asked_ms_;
  asked_offset_ms_ = old.asked_offset_ms_;
}

void GroupRunner::RestoreOffset(const GroupProgress& progress) {
  if (!group_.freshness) return;
  learned_offset_ms_ = progress.learned_offset_ms;
  last_asked_ms_ = progress.last_asked_ms;
  asked_offset_ms_ = last_asked_ms_ == 0 ? 0 : progress.last_slot_ms - last_asked_ms_;
}

void GroupRunner::NoteStale(const Rule& rule, RuleAnswer& answer, int64_t ts_ms) const {
  if (!group_.freshness) return;
  const auto selectors = InputSelectors(rule.expr);
  for (const auto& stale : delays_.StaleOf(selectors, ts_ms, offset_ms(), *group_.freshness)) {
    const auto known = [&stale](const promql::Labels& part) { return part == stale.part; };
    const std::string age = stale.age_ms ? fmt::format("is {} s old", *stale.age_ms / 1000)
                                         : std::string("is of nobody knows when");
    answer.complete = false;
    answer.absent_parts.push_back(stale.part);
    answer.missing += fmt::format("{}{} ({} {})", answer.missing.empty() ? "" : ", ",
                                  stale.part.ToString(), stale.selector, age);
    if (std::none_of(answer.missing_parts.begin(), answer.missing_parts.end(), known)) {
      answer.missing_parts.push_back(stale.part);
    }
  }
}

}  // namespace synoptic::alerting
