// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The part of a group that judges a rule which needs regions that nobody sees: each alert is TRUE,
// FALSE or UNKNOWN whatever those regions contain (alerting/bounds). What is not proven is UNKNOWN.
#include <algorithm>
#include <cmath>

#include "alerting/bounds/evaluate.h"
#include "alerting/rule/alert_elements.h"
#include "alerting/rule/belief.h"
#include "alerting/rule/group_runner.h"
#include "base/status.h"
#include "net/async/fan_out.h"
#include "promql/parse/parser.h"

namespace synoptic::alerting {
namespace {

constexpr size_t kMaxLeaves = 32;  // more questions than that are no help to who is in trouble

promql::ParseOptions WholeLanguage() {
  promql::ParseOptions options;
  options.experimental_functions = true;
  options.binop_fill_modifiers = true;
  options.unquoted_utf8_names = true;
  return options;
}

promql::ShardSet ShardsOf(const std::vector<promql::Labels>& parts,
                          const promql::Topology& topology) {
  promql::ShardSet shards;
  for (size_t i = 0; i < topology.shards.size(); ++i) {
    if (std::find(parts.begin(), parts.end(), topology.shards[i].labels) != parts.end()) {
      shards.push_back(static_cast<int>(i));
    }
  }
  return shards;
}

LeafAnswer AnswerOf(const absl::StatusOr<RuleAnswer>& asked, const promql::Topology& topology) {
  LeafAnswer answer;
  if (!asked.ok()) return answer;
  answer.usable = true;
  for (const RuleAnswer::Element& element : asked->elements) {
    if (element.histogram != nullptr) answer.usable = false;
    answer.elements.emplace_back(element.labels, element.value);
  }
  answer.missing = ShardsOf(asked->missing_parts, topology);
  if (!asked->complete && answer.missing.empty())
    answer.usable = false;  // who knows what is missing
  return answer;
}

// Bounds as people read them: without the room for rounding that proofs leave.
double Rounded(double v) { return std::strtod(fmt::format("{:.10g}", v).c_str(), nullptr); }

// The number to show for a value between bounds.
double Shown(const BoundedValue& value) {
  if (std::isfinite(value.lo)) return Rounded(value.lo);
  return std::isfinite(value.hi) ? Rounded(value.hi) : 0;
}

bool HasTemplate(const Rule& rule) {
  return std::any_of(rule.labels.begin(), rule.labels.end(), [](const auto& label) {
    return label.second.find("{{") != std::string::npos;
  });
}

// An open kind of elements as a kind of alerts.
OpenKind OfAlerts(OpenKind kind, const Rule& rule) {
  kind.fixed.erase(std::string(promql::kMetricName));
  for (const auto& [name, value] : rule.labels) kind.fixed.erase(name);
  kind.fixed.erase(std::string(kAlertName));
  if (kind.only) {
    promql::NameSet own = {std::string(kAlertName)};
    for (const auto& [name, value] : rule.labels) own.push_back(name);
    kind.only = promql::Union(*kind.only, promql::ToNameSet(std::move(own)));
  }
  return kind;
}

Judged Decide(const PartialVector& proven, const Rule& rule, const ExpansionContext& context,
              const std::map<promql::Labels, double>& seen, const StepInput::Unseen& unseen) {
  Judged judged;
  judged.unseen.description = unseen.description;
  judged.unseen.proven = true;
  bool undecided = !proven.open.empty();
  for (const PartialElement& element : proven.elements) {
    if (element.present == domain::Verdict::kFalse) continue;
    RuleAnswer::Element out{element.labels, Shown(element.value)};
    if (element.present == domain::Verdict::kUnknown) {
      undecided = true;
      judged.unseen.undecided.insert(AlertLabels(rule, out, context));
      continue;
    }
    if (element.value.exact) {
      out.value = element.value.lo;
    } else {
      out.low = Rounded(element.value.lo);
      out.high = Rounded(element.value.hi);
      if (const auto it = seen.find(element.labels); it != seen.end()) out.value = it->second;
    }
    judged.elements.push_back(std::move(out));
  }
  for (const OpenKind& kind : proven.open) judged.unseen.open.push_back(OfAlerts(kind, rule));
  // Labels made from values that nobody knows: which alert it would be is not known either.
  if (undecided && HasTemplate(rule)) judged.unseen.everything = true;
  return judged;
}

bool Undecided(const PartialVector& vector) {
  return !vector.open.empty() ||
         std::any_of(vector.elements.begin(), vector.elements.end(), [](const auto& element) {
           return element.present == domain::Verdict::kUnknown || !element.value.exact;
         });
}

}  // namespace

absl::StatusOr<StepInput> GroupRunner::MakeInput(const RunningRule& running,
                                                 const RuleAnswer& answer, int64_t ts_ms) const {
  StepInput input;
  input.now_ms = ts_ms;
  // Of several steps of one evaluation, the first.
  if (running.state.last_step_ms <= last_slot_ms_) input.stalled_ms = stalled_ms_;
  input.interval_ms = group_.interval_ms;
  input.for_ms = running.rule.for_ms;
  input.keep_firing_for_ms = running.rule.keep_firing_for_ms;
  ASSIGN_OR_RETURN(input.unseen, UnseenBy(running.rule, answer));
  return input;
}

Task<std::vector<LeafAnswer>> GroupRunner::AskLeaves(std::vector<std::string> questions,
                                                     int64_t time_ms,
                                                     const promql::Topology& world) {
  const Deadline deadline = Deadline::After(
      clock_, std::chrono::milliseconds(std::min<int64_t>(group_.interval_ms * 9 / 10, 10'000)));
  std::vector<LeafAnswer> answers;
  if (services_.tasks == nullptr) {
    for (std::string& question : questions) {
      const auto asked = co_await services_.querier.Instant(std::move(question), time_ms, deadline);
      if (absl::IsCancelled(asked.status())) co_return asked.status();
      answers.push_back(AnswerOf(asked, world));
    }
    co_return answers;
  }
  std::vector<synoptic::Leg<RuleAnswer>> legs;
  for (std::string& question : questions) {
    legs.push_back({services_.querier.Instant(std::move(question), time_ms, deadline), deadline});
  }
  for (const auto& asked : co_await FanOut(*services_.tasks, clock_, std::move(legs))) {
    if (absl::IsCancelled(asked.status())) co_return asked.status();
    answers.push_back(AnswerOf(asked, world));
  }
  co_return answers;
}

Task<> GroupRunner::Watch(RunningRule& running, const RuleAnswer& answer, int64_t ts_ms) {
  const std::shared_ptr<const promql::Topology> world = services_.querier.World();
  const Rule& rule = running.rule;
  if (!rule.assume.any() || rule.locality != promql::Locality::kGlobal || world == nullptr) {
    co_return absl::OkStatus();
  }
  if (running.last_seen == nullptr || running.last_seen->world() != world) {
    auto parsed = promql::ParseExpr(rule.expr, WholeLanguage());
    if (!parsed.ok()) co_return absl::OkStatus();
    running.last_seen = std::make_unique<LastSeen>(**parsed, world, rule.assume);
  }
  const std::vector<std::string>& questions = running.last_seen->questions();
  if (questions.empty() || questions.size() > kMaxLeaves) co_return absl::OkStatus();
  const int64_t time_ms = ts_ms - offset_ms();
  CO_ASSIGN_OR_RETURN(std::vector<LeafAnswer> answers,
                      co_await AskLeaves(questions, time_ms, *world));
  const promql::ShardSet absent = ShardsOf(answer.absent_parts, *world);
  for (LeafAnswer& learned : answers) learned.missing = promql::Union(learned.missing, absent);
  running.last_seen->Learn(time_ms, answers);
  co_return absl::OkStatus();
}

Task<> GroupRunner::Judge(RunningRule& running, RuleAnswer& answer, StepInput& input) {
  const Rule& rule = running.rule;
  if (group_.on_partial != OnPartial::kEvaluateIfSafe || !input.unseen.everything) {
    co_return absl::OkStatus();
  }
  const std::shared_ptr<const promql::Topology> world = services_.querier.World();
  auto parsed = promql::ParseExpr(rule.expr, WholeLanguage());
  if (world == nullptr || !parsed.ok()) co_return absl::OkStatus();
  const promql::ShardSet dark = ShardsOf(answer.missing_parts, *world);
  if (dark.empty()) co_return absl::OkStatus();
  const LeafPlan plan = PlanLeaves(*std::move(parsed), *world, dark);
  if (plan.leaves.size() > kMaxLeaves) co_return absl::OkStatus();

  const int64_t time_ms = input.now_ms - offset_ms();
  std::vector<std::string> questions;
  for (const Leaf& leaf : plan.leaves) questions.push_back(leaf.text);
  CO_ASSIGN_OR_RETURN(std::vector<LeafAnswer> answers,
                      co_await AskLeaves(std::move(questions), time_ms, *world));
  const promql::ShardSet absent = ShardsOf(answer.absent_parts, *world);
  for (size_t i = 0; i < answers.size(); ++i) {
    if (!plan.leaves[i].unaffected) answers[i].missing = promql::Union(answers[i].missing, absent);
  }
  const double at_s = static_cast<double>(time_ms) / 1000;
  const ExpansionContext context = {options_.external_labels, options_.external_url, input.now_ms,
                                    nullptr, "without " + answer.missing};
  std::map<promql::Labels, double> seen;  // what the value is of what is seen
  for (const RuleAnswer::Element& element : answer.elements) seen[element.labels] = element.value;
  const PartialVector proven = EvaluateBounds(plan, *world, answers, at_s);
  Judged judged = Decide(proven, rule, context, seen, input.unseen);
  if (running.last_seen != nullptr && running.last_seen->world() == world && Undecided(proven)) {
    const Basis basis = running.last_seen->Amend(plan, time_ms, answers);
    if (basis.any()) {
      Judged believed =
          Decide(EvaluateBounds(plan, *world, answers, at_s), rule, context, seen, input.unseen);
      Believe(std::move(judged), std::move(believed), basis.Words(time_ms), rule, context,
              running.state, answer, input);
      co_return absl::OkStatus();
    }
  }
  answer.elements = std::move(judged.elements);
  input.unseen = std::move(judged.unseen);
  co_return absl::OkStatus();
}

}  // namespace synoptic::alerting
