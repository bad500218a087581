// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/observer/builtin_querier.h"

#include <algorithm>
#include <set>

#include "alerting/observer/expected_inputs.h"
#include "base/status.h"
#include "base/strings.h"

namespace synoptic::alerting {
namespace {

constexpr int64_t kStaleAfterMs = 120'000;
constexpr int64_t kAskEveryMs = 30'000;
constexpr int64_t kLookEveryMs = 5000;
constexpr int64_t kStretchMs = 300'000;  // after which the most of a part's targets is forgotten
constexpr double kDegradedAfterSeconds = 30;
constexpr double kBlindAfterSeconds = 120;

using Pairs = std::vector<std::pair<std::string, std::string>>;

void Add(RuleAnswer& answer, Pairs labels, double value) {
  answer.elements.push_back({promql::Labels::From(std::move(labels)), value});
}

// The cause is told once: what follows from it is not told beside it.
RuleAnswer AnswerOf(const std::string& expr, const Conditions& now) {
  RuleAnswer answer;
  if (expr == "synoptic_region_unreachable" && !now.isolated) {
    for (const Conditions::Region& region : now.unreachable) {
      Add(answer, {{"region", region.name}}, region.confirmed_by);
    }
  } else if (expr == "synoptic_observer_isolated" && now.isolated) {
    Add(answer, {{"observer", now.observer}}, now.unreachable_count);
  } else if (expr == "synoptic_rule_blind" && !now.isolated) {
    for (const Conditions::Blind& rule : now.blind) {
      if (rule.explained || rule.seconds < kBlindAfterSeconds) continue;
      Add(answer, {{"rule_group", rule.group}, {"rule", rule.rule}}, rule.seconds);
    }
  } else if (expr == "synoptic_notifier_degraded") {
    for (const Conditions::Degraded& d : now.degraded) {
      if (d.reason == "unreachable" && d.seconds < kDegradedAfterSeconds) continue;
      Add(answer, {{"receiver", d.receiver}, {"reason", d.reason}}, d.seconds);
    }
  } else if (expr == "synoptic_state_damaged") {
    if (!now.damage.empty()) Add(answer, {{"reason", "damaged"}}, 1);
    if (!now.not_durable.empty()) Add(answer, {{"reason", "not durable"}}, 1);
  } else if (expr == "synoptic_watchdog" && now.evaluating) {
    Add(answer, {}, 1);
  }
  // Two conditions with the same words are one alert.
  std::sort(answer.elements.begin(), answer.elements.end(),
            [](const auto& a, const auto& b) { return a.labels < b.labels; });
  answer.elements.erase(
      std::unique(answer.elements.begin(), answer.elements.end(),
                  [](const auto& a, const auto& b) { return a.labels == b.labels; }),
      answer.elements.end());
  return answer;
}

}  // namespace

Task<RuleAnswer> BuiltinQuerier::MissingInputs(int64_t time_ms, Deadline deadline) {
  const Conditions now = conditions_();
  if (time_ms - inputs_asked_at_ms_ >= kAskEveryMs || time_ms < inputs_asked_at_ms_) {
    CO_ASSIGN_OR_RETURN(missing_inputs_,
                        co_await FindMissingInputs(world_, now.expected, time_ms, deadline));
    inputs_asked_at_ms_ = time_ms;
  }
  RuleAnswer answer;
  if (now.isolated) co_return answer;
  std::set<std::pair<std::string, std::string>> told;  // rules of one name are one alert
  for (const Conditions::MissingInput& input : missing_inputs_) {
    const bool unreachable =
        std::any_of(now.unreachable.begin(), now.unreachable.end(),
                    [&input](const auto& region) { return region.name == input.region; });
    if (unreachable || !told.emplace(input.group + '\n' + input.rule, input.region).second)
      continue;
    Add(answer, {{"rule_group", input.group}, {"rule", input.rule}, {"region", input.region}},
        input.series);
  }
  co_return answer;
}

Task<RuleAnswer> BuiltinQuerier::StaleRegions(int64_t time_ms, Deadline deadline) {
  const std::vector<std::string> parts = world_.TopologyLabels();
  const std::string expr = fmt::format("max by ({}) (timestamp(up))", Join(parts, ", "));
  CO_ASSIGN_OR_RETURN(RuleAnswer newest, co_await world_.Instant(expr, time_ms, deadline));
  RuleAnswer answer;
  answer.complete = newest.complete;
  answer.missing = newest.missing;
  answer.missing_parts = newest.missing_parts;
  for (const RuleAnswer::Element& part : newest.elements) {
    newest_sample_ms_[part.labels] = static_cast<int64_t>(part.value * 1000);
  }
  for (const auto& [part, sample_ms] : newest_sample_ms_) {
    // One that is not seen at all is told as unreachable, not as stale. One that answers and has
    // nothing left, as after a restore, is stale at once.
    bool unseen = false;
    for (const promql::Labels& missing : newest.missing_parts) unseen = unseen || missing == part;
    const bool there =
        std::any_of(newest.elements.begin(), newest.elements.end(),
                    [&mine = part](const auto& element) { return element.labels == mine; });
    if (unseen || (there && time_ms - sample_ms < kStaleAfterMs)) continue;
    answer.elements.push_back({part, static_cast<double>(time_ms - sample_ms) / 1000});
  }
  co_return answer;
}

Task<> BuiltinQuerier::CountSeries(int64_t time_ms, Deadline deadline) {
  const std::string expr = fmt::format("count by ({}) (up)", Join(world_.TopologyLabels(), ", "));
  CO_ASSIGN_OR_RETURN(RuleAnswer counts, co_await world_.Instant(expr, time_ms, deadline));
  if (time_ms - most_since_ms_ >= kStretchMs) {
    most_since_ms_ = time_ms;
    for (auto& [part, most] : most_) most = {0, most.now};
  }
  std::map<promql::Labels, double> now;
  for (const RuleAnswer::Element& element : counts.elements) now[element.labels] = element.value;
  for (const auto& [part, count] : now) most_[part];
  for (auto& [part, most] : most_) {
    // What a dark part has nobody knows: its last share stays.
    if (std::find(counts.missing_parts.begin(), counts.missing_parts.end(), part) !=
        counts.missing_parts.end()) {
      continue;
    }
    const auto it = now.find(part);
    const double count = it == now.end() ? 0 : it->second;
    most.now = std::max(most.now, count);
    const double before = std::max(most.now, most.before);
    drops_[part] = before > 0 ? 1 - count / before : 0;
  }
  co_return absl::OkStatus();
}

std::vector<promql::Labels> BuiltinQuerier::StaleParts() const {
  std::vector<promql::Labels> parts;
  for (const RuleAnswer::Element& element : stale_.elements) parts.push_back(element.labels);
  return parts;
}

Task<RuleAnswer> BuiltinQuerier::Instant(std::string expr, int64_t time_ms, Deadline deadline) {
  if (expr == "synoptic_rule_input_missing") co_return co_await MissingInputs(time_ms, deadline);
  if (expr != "synoptic_region_stale") co_return AnswerOf(expr, conditions_());
  if (time_ms - asked_at_ms_ >= kLookEveryMs || time_ms < asked_at_ms_) {
    CO_ASSIGN_OR_RETURN(stale_, co_await StaleRegions(time_ms, deadline));
    CO_RETURN_IF_ERROR(co_await CountSeries(time_ms, deadline));
    asked_at_ms_ = time_ms;
  }
  co_return stale_;
}

Task<RangeAnswer> BuiltinQuerier::Range(std::string, promql::Grid, Deadline) {
  co_return absl::UnavailableError("not running at that time");
}

}  // namespace synoptic::alerting
