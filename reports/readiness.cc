// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/readiness.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/status.h"
#include "base/strings.h"
#include "domain/readiness/ranking.h"
#include "promql/model/sample.h"
#include "reports/data_age.h"
#include "reports/what_if_document.h"

namespace synoptic::reports {
namespace {

using domain::CheckState;

bool Holds(Op op, double value, double limit) {
  switch (op) {
    case Op::kLte:
      return value <= limit;
    case Op::kLt:
      return value < limit;
    case Op::kGte:
      return value >= limit;
    case Op::kGt:
      return value > limit;
    case Op::kEq:
      break;
  }
  return value == limit;
}

std::string_view Expected(Op op) {
  switch (op) {
    case Op::kLte:
      return "at most";
    case Op::kLt:
      return "below";
    case Op::kGte:
      return "at least";
    case Op::kGt:
      return "above";
    case Op::kEq:
      break;
  }
  return "exactly";
}

// Whether `a` is further from holding than `b`.
bool Worse(Op op, double limit, double a, double b) {
  if (std::isnan(b)) return false;
  if (std::isnan(a)) return true;
  switch (op) {
    case Op::kLte:
    case Op::kLt:
      return a > b;
    case Op::kGte:
    case Op::kGt:
      return a < b;
    case Op::kEq:
      break;
  }
  return std::abs(a - limit) > std::abs(b - limit);
}

struct Worst {
  double value = std::numeric_limits<double>::quiet_NaN();
  promql::Labels labels;
  bool any = false;
};

Worst WorstOf(const Check& check, double limit, const Answer& answer) {
  Worst worst;
  for (const Answer::Series& series : answer.series) {
    if (series.values.empty() || promql::IsAbsent(series.values[0])) continue;
    if (worst.any && !Worse(check.op, limit, series.values[0], worst.value)) continue;
    worst = {series.values[0], series.labels, true};
  }
  return worst;
}

// One run over all checks of a pair: the queries at once, then what is computed.
class PairRun {
 public:
  PairRun(Door door, const ReadinessDesk& desk, size_t from, size_t to, int64_t at_ms,
          Deadline deadline)
      : door_(door), desk_(desk), at_ms_(at_ms), deadline_(deadline) {
    out_.from = from;
    out_.to = to;
  }

  Task<PairReadiness> Run() {
    CO_RETURN_IF_ERROR(co_await AskChecks());
    CO_RETURN_IF_ERROR(co_await RankTargets());
    for (Judged& judged : out_.checks) Compute(&judged);
    std::vector<domain::CheckOutcome> outcomes;
    for (const Judged& judged : out_.checks) {
      outcomes.push_back({judged.check.blocking, judged.state});
    }
    out_.verdict = domain::Judge(outcomes);
    out_.rto = EvidenceOf(desk_.drills, Name(out_.from), desk_.spec.rto_s);
    co_return std::move(out_);
  }

 private:
  const std::vector<RegionInfo>& regions() const { return desk_.capacity->spec().regions; }
  const std::string& Name(size_t region) const { return regions()[region].name; }

  Task<> AskChecks() {
    const promql::Grid grid = promql::Grid::Instant(at_ms_);
    std::vector<Question> questions;
    std::vector<std::pair<int, int>> asked;  // value, age; -1: none
    for (const Check& check : desk_.spec.checks) {
      Judged& judged = out_.checks.emplace_back();
      judged.check = check;
      asked.emplace_back(-1, -1);
      if (check.kind != CheckKind::kQuery) continue;
      judged.query = ForPair(check.query, Name(out_.from), Name(out_.to));
      asked.back().first = static_cast<int>(questions.size());
      questions.push_back({judged.query, grid});
      if (const auto age = NewestSampleQuery(judged.query)) {
        asked.back().second = static_cast<int>(questions.size());
        questions.push_back({*age, grid});
      }
    }
    const auto answers = co_await AskAll(door_, std::move(questions), deadline_);
    for (size_t i = 0; i < asked.size(); ++i) {
      if (asked[i].first < 0) continue;
      std::optional<double> age;
      if (asked[i].second >= 0) age = AgeOf(answers[static_cast<size_t>(asked[i].second)]);
      std::string query = std::move(out_.checks[i].query);
      out_.checks[i] = JudgeAnswer(desk_.spec.checks[i], desk_.spec.rpo_s,
                                   answers[static_cast<size_t>(asked[i].first)], age);
      out_.checks[i].query = std::move(query);
      if (IsLag(desk_.spec.checks[i])) out_.rpo_s = out_.checks[i].value;
    }
    co_return absl::OkStatus();
  }

  static bool IsLag(const Check& check) {
    return check.kind == CheckKind::kQuery && check.id == "data.lag";
  }

  // All other regions by lag and headroom, so that a better one is named.
  Task<> RankTargets() {
    if (!desk_.capacity->spec().resources.empty()) {
      inputs_ = co_await desk_.capacity->Gather(door_, at_ms_, true, deadline_);
      if (inputs_.ok()) {
        what_if_ = AskWhatIf(desk_.capacity->spec(), inputs_->pools, {{out_.from}, 1});
      }
    }
    const auto lag = std::find_if(desk_.spec.checks.begin(), desk_.spec.checks.end(), IsLag);
    std::vector<Question> questions;
    for (size_t r = 0; r < regions().size(); ++r) {
      if (r == out_.from) continue;
      Target& target = out_.targets.emplace_back();
      target.region = r;
      target.headroom = HeadroomOf(r);
      if (lag != desk_.spec.checks.end()) {
        questions.push_back(
            {ForPair(lag->query, Name(out_.from), Name(r)), promql::Grid::Instant(at_ms_)});
      }
    }
    if (!questions.empty()) {
      const auto answers = co_await AskAll(door_, std::move(questions), deadline_);
      for (size_t i = 0; i < answers.size(); ++i) {
        if (!answers[i].ok() || !answers[i]->unseen.empty()) continue;
        const Worst worst = WorstOf(*lag, 0, *answers[i]);
        if (worst.any && worst.value >= 0) out_.targets[i].lag_s = worst.value;
      }
    }
    std::vector<domain::Candidate> candidates;
    for (const Target& target : out_.targets) {
      candidates.push_back({target.lag_s.value_or(std::numeric_limits<double>::infinity()),
                            target.headroom.value_or(-1)});
    }
    const auto order = domain::RankTargets(candidates, desk_.spec.rpo_s);
    if (!order.ok()) co_return absl::OkStatus();
    std::vector<Target> ranked;
    for (const size_t i : *order) {
      out_.targets[i].eligible = true;
      ranked.push_back(out_.targets[i]);
    }
    for (const Target& target : out_.targets) {
      if (!target.eligible) ranked.push_back(target);
    }
    out_.targets = std::move(ranked);
    co_return absl::OkStatus();
  }

  std::optional<double> HeadroomOf(size_t region) const {
    if (!what_if_.ok()) return std::nullopt;
    std::optional<double> least;
    for (const PoolOutcome& pool : what_if_->pools) {
      const RegionOutcome& outcome = pool.regions[region];
      if (outcome.fate == Fate::kAbsent) continue;
      if (outcome.fate != Fate::kServes) return std::nullopt;
      const double usable =
          desk_.capacity->spec().resources[pool.resource].target * outcome.supply.value_or(0);
      const double fraction =
          usable > 0 ? outcome.headroom / usable : (outcome.headroom < 0 ? -1.0 : 1.0);
      least = std::min(least.value_or(fraction), fraction);
    }
    return least;
  }

  void Compute(Judged* judged) {
    switch (judged->check.kind) {
      case CheckKind::kQuery:
        return;
      case CheckKind::kStaticCapacity:
        return StaticCapacity(judged);
      case CheckKind::kElasticCapacity:
        return ElasticCapacity(judged);
      case CheckKind::kTarget:
        return BestTarget(judged);
      case CheckKind::kVisibility:
        return Visibility(judged);
      case CheckKind::kDrillFresh:
        return DrillFresh(judged);
      case CheckKind::kDrillRto:
        return DrillRto(judged);
    }
  }

  bool NoCapacity(Judged* judged) const {
    if (what_if_.ok()) return false;
    judged->evidence =
        desk_.capacity->spec().resources.empty()
            ? "no capacity is configured"
            : std::string(MessageOf(inputs_.ok() ? what_if_.status() : inputs_.status()));
    return true;
  }

  void StaticCapacity(Judged* judged) const {
    if (NoCapacity(judged)) return;
    judged->state = what_if_->fits == domain::Verdict::kTrue    ? CheckState::kPass
                    : what_if_->fits == domain::Verdict::kFalse ? CheckState::kFail
                                                                : CheckState::kUnknown;
    if (what_if_->binding) {
      const PoolOutcome& pool = what_if_->pools[*what_if_->binding];
      judged->value = pool.tightest_fraction;
      judged->evidence = fmt::format("headroom of {} in {} is {} of what is usable",
                                     PoolName(desk_.capacity->spec(), pool.resource, pool.pool),
                                     Name(*pool.tightest), PercentText(pool.tightest_fraction));
      const Source& source = inputs_->sources[pool.resource];
      judged->query = source.query;
      judged->age_s = source.age_s;
      judged->coverage = source.coverage;
    }
    for (const std::string& note : what_if_->notes) judged->evidence += "; " + note;
    // The pass of numbers that are too old is none.
    if (judged->state == CheckState::kPass && judged->age_s > judged->check.max_age_s) {
      judged->state = CheckState::kStale;
    }
  }

  void ElasticCapacity(Judged* judged) const {
    if (NoCapacity(judged)) return;
    bool known = false;
    judged->state = CheckState::kPass;
    judged->evidence = "limits and quotas suffice";
    for (const PoolOutcome& pool : what_if_->pools) {
      for (size_t r = 0; r < pool.regions.size(); ++r) {
        const auto& headroom = pool.regions[r].discounted_headroom;
        if (pool.regions[r].fate != Fate::kServes || !headroom) continue;
        known = true;
        if (*headroom >= 0) continue;
        judged->state = CheckState::kFail;
        judged->value = *headroom;
        judged->evidence = fmt::format("{} in {} stays {} {} short even when scaled",
                                       PoolName(desk_.capacity->spec(), pool.resource, pool.pool),
                                       Name(r), NumberText(-*headroom),
                                       desk_.capacity->spec().resources[pool.resource].unit);
      }
    }
    if (known) return;
    judged->state = CheckState::kUnknown;
    judged->evidence = "no resource has a limit or quota";
  }

  void BestTarget(Judged* judged) const {
    if (out_.targets.empty() || !out_.targets[0].eligible) {
      judged->evidence = "no region is known to be fit to take over";
      return;
    }
    const bool best = out_.targets[0].region == out_.to;
    judged->state = best ? CheckState::kPass : CheckState::kFail;
    judged->evidence = best ? "no other is better" : "better is " + Name(out_.targets[0].region);
  }

  void Visibility(Judged* judged) const {
    if (desk_.spec.flows.empty()) {
      judged->evidence = "no flows are configured";
      return;
    }
    const auto blind = domain::BlindFlows(desk_.spec.flows, Name(out_.from));
    judged->state = blind.empty() ? CheckState::kPass : CheckState::kFail;
    judged->evidence = blind.empty() ? "all flows stay visible" : "blind: " + Join(blind, ", ");
  }

  void DrillFresh(Judged* judged) const {
    const auto calendar = CalendarOf(desk_.spec.calendar, desk_.drills, at_ms_);
    if (!calendar.ok() || calendar->empty()) {
      judged->evidence = "no drills are in the calendar";
      return;
    }
    judged->state = CheckState::kPass;
    judged->evidence = "all drills are within their cadence";
    for (const CalendarEntry& entry : *calendar) {
      if (entry.state != domain::DrillState::kOverdue) continue;
      judged->state = CheckState::kFail;
      judged->evidence =
          fmt::format("{} is overdue, {}", entry.kind,
                      entry.last_ms == 0 ? "never drilled" : "last on " + TimeText(entry.last_ms));
    }
  }

  void DrillRto(Judged* judged) const {
    const auto evidence = EvidenceOf(desk_.drills, Name(out_.from), desk_.spec.rto_s);
    if (!evidence) {
      judged->evidence = fmt::format("no drill from {} on record", Name(out_.from));
      return;
    }
    judged->value = evidence->p90;
    judged->state = evidence->p90 <= desk_.spec.rto_s ? CheckState::kPass : CheckState::kFail;
    judged->evidence =
        fmt::format("p90 of past recoveries {}, target {}; the next meets it with {}",
                    SecondsText(evidence->p90), SecondsText(desk_.spec.rto_s),
                    PercentText(evidence->meets_target));
  }

  const Door door_;
  const ReadinessDesk& desk_;
  const int64_t at_ms_;
  const Deadline deadline_;
  PairReadiness out_;
  absl::StatusOr<CapacityInputs> inputs_ = absl::UnknownError("not asked");
  absl::StatusOr<WhatIf> what_if_ = absl::UnknownError("not asked");
};

}  // namespace

Judged JudgeAnswer(const Check& check, double rpo_s, const absl::StatusOr<Answer>& answer,
                   std::optional<double> age_s) {
  Judged judged;
  judged.check = check;
  judged.age_s = age_s;
  if (!answer.ok()) {
    judged.evidence = std::string(MessageOf(answer.status()));
    return judged;
  }
  judged.coverage = CoverageText(answer->unseen);
  const double limit = check.value < 0 ? rpo_s : check.value;
  const Worst worst = WorstOf(check, limit, *answer);
  const std::string unit = check.unit.empty() ? "" : " " + check.unit;
  if (worst.any) {
    judged.value = worst.value;
    judged.evidence = fmt::format("{}{}{}, expected {} {}{}", NumberText(worst.value), unit,
                                  worst.labels.empty() ? "" : " at " + worst.labels.ToString(),
                                  Expected(check.op), NumberText(limit), unit);
  } else {
    judged.evidence = "no series";
  }
  const bool fails = worst.any && !Holds(check.op, worst.value, limit);
  if (fails || (!worst.any && check.none == NoSeries::kFail && answer->unseen.empty())) {
    judged.state = CheckState::kFail;
  } else if (!answer->unseen.empty()) {
    // What is unseen could fail.
    judged.evidence += "; " + judged.coverage;
  } else if (worst.any) {
    judged.state = domain::EvidenceState(CheckState::kPass, age_s.value_or(0), check.max_age_s)
                       .value_or(CheckState::kUnknown);
    if (judged.state == CheckState::kStale) {
      judged.evidence += fmt::format("; data are {} old, expected at most {}", SecondsText(*age_s),
                                     SecondsText(check.max_age_s));
    }
  } else if (check.none == NoSeries::kPass) {
    judged.state = CheckState::kPass;
  }
  return judged;
}

Task<PairReadiness> JudgePair(Door door, const ReadinessDesk& desk, size_t from, size_t to,
                              int64_t at_ms, Deadline deadline) {
  PairRun run(door, desk, from, to, at_ms, deadline);
  co_return co_await run.Run();
}

}  // namespace synoptic::reports
