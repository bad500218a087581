// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/failover_plan.h"

#include "base/json_writer.h"

namespace synoptic::reports {
namespace {

constexpr int64_t kToldForMs = 3'600'000;

struct StateText {
  std::string_view name;
  std::string_view step;
};

StateText TextOf(PlanState state) {
  switch (state) {
    case PlanState::kReady:
      return {"ready", "begin"};
    case PlanState::kReadyWithRisk:
      return {"ready_with_risk", "begin"};
    case PlanState::kBlind:
      return {"blind", "decide"};
    case PlanState::kBlocked:
      return {"blocked", "wait"};
    case PlanState::kBusy:
      return {"busy", "wait"};
    case PlanState::kRunning:
      return {"running", "continue"};
    case PlanState::kUncertain:
      return {"uncertain", "hold"};
    case PlanState::kAbort:
      return {"abort", "go_back"};
    case PlanState::kDone:
      return {"done", "close"};
    case PlanState::kFailed:
      break;
  }
  return {"failed", "close"};
}

// Of this pair; a drill that went to several regions is of every pair from there.
bool Concerns(const Drill& drill, std::string_view from, std::string_view to) {
  return drill.from == from && (drill.to.empty() || drill.to == to);
}

}  // namespace

std::string_view PlanStateName(PlanState state) { return TextOf(state).name; }
std::string_view PlanStep(PlanState state) { return TextOf(state).step; }

PlanState PlanStateOf(domain::Readiness verdict, std::string_view from, std::string_view to,
                      const std::vector<Drill>& drills, const std::vector<AbortState>& abort,
                      int64_t now_ms) {
  const Drill* last = nullptr;
  for (const Drill& drill : drills) {
    if (drill.running()) {
      if (!Concerns(drill, from, to)) return PlanState::kBusy;
      const std::string_view told = AbortVerdict(abort);
      if (told == "ABORT") return PlanState::kAbort;
      return told == "UNKNOWN" ? PlanState::kUncertain : PlanState::kRunning;
    }
    if (Concerns(drill, from, to)) last = &drill;
  }
  if (last != nullptr && now_ms - last->finished_ms < kToldForMs) {
    return last->recovered_ms != 0 ? PlanState::kDone : PlanState::kFailed;
  }
  switch (verdict) {
    case domain::Readiness::kGo:
      return PlanState::kReady;
    case domain::Readiness::kGoWithRisk:
      return PlanState::kReadyWithRisk;
    case domain::Readiness::kNoGo:
      return PlanState::kBlocked;
    case domain::Readiness::kBlind:
      break;
  }
  return PlanState::kBlind;
}

std::string PlanJson(const ReadinessDesk& desk, const PairReadiness& pair,
                     const std::vector<AbortState>& abort, int64_t now_ms) {
  const auto& regions = desk.capacity->spec().regions;
  const std::string& from = regions[pair.from].name;
  const std::string& to = regions[pair.to].name;
  const PlanState state = PlanStateOf(pair.verdict, from, to, desk.drills, abort, now_ms);
  std::string out;
  JsonWriter json(out);
  json.Object([&] {
    json.Member("from", from).Member("to", to).Member("at_ms", now_ms);
    json.Member("state", PlanStateName(state)).Member("next", PlanStep(state));
    json.Member("verdict", domain::ReadinessName(pair.verdict));
    // What stands in the way: checks that fail or cannot be decided.
    for (const bool blocking : {true, false}) {
      json.Array(blocking ? "blocking" : "risks", [&] {
        for (const Judged& judged : pair.checks) {
          if (judged.check.blocking != blocking || judged.state == domain::CheckState::kPass) {
            continue;
          }
          json.Object([&] {
            json.Member("id", judged.check.id);
            json.Member("state", domain::CheckStateName(judged.state));
            json.Member("evidence", judged.evidence).Member("query", judged.query);
            json.Member("age_seconds", judged.age_s).Member("remedy", judged.check.remedy);
          });
        }
      });
    }
    json.Array("targets", [&] {
      for (const Target& target : pair.targets) {
        if (target.eligible) json.Value(regions[target.region].name);
      }
    });
    if (pair.rto) json.Member("expected_rto_s", pair.rto->p50);
    json.Member("expected_rpo_s", pair.rpo_s);
    for (const Drill& drill : desk.drills) {
      if (drill.running()) json.Member("running", drill.id);
    }
  });
  out.pop_back();
  return out + ",\"abort\":" + AbortJson(abort) + "}";
}

}  // namespace synoptic::reports
