// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/drill_watch.h"

#include <algorithm>
#include <cmath>

#include "base/json_writer.h"
#include "base/status.h"
#include "promql/model/sample.h"

namespace synoptic::reports {
namespace {

AbortState StateOf(const AbortCondition& condition, std::string query, const Drill& drill,
                   const absl::StatusOr<Answer>& answer) {
  AbortState state;
  state.id = condition.id;
  state.about = condition.about;
  state.query = std::move(query);
  if (!answer.ok()) {
    state.why = std::string(MessageOf(answer.status()));
    return state;
  }
  for (const Answer::Series& series : answer->series) {
    if (series.values.empty() || promql::IsAbsent(series.values[0])) continue;
    state.value = std::max(state.value.value_or(series.values[0]), series.values[0]);
  }
  state.met = state.value ? domain::Verdict::kTrue : domain::Verdict::kFalse;
  if (state.value) return state;
  for (const Unseen& unseen : answer->unseen) {
    if (unseen.region == drill.from) continue;  // it is meant to be gone
    state.met = domain::Verdict::kUnknown;
    state.why = unseen.region + " is unseen (" + unseen.reason + ")";
  }
  return state;
}

std::string_view MetName(domain::Verdict met) {
  return met == domain::Verdict::kTrue    ? "abort"
         : met == domain::Verdict::kFalse ? "ok"
                                          : "unknown";
}

}  // namespace

Task<std::vector<AbortState>> WatchDrill(Door door, std::vector<AbortCondition> conditions,
                                         Drill drill, int64_t at_ms, Deadline deadline) {
  std::vector<Question> questions;
  for (const AbortCondition& condition : conditions) {
    questions.push_back({ForPair(condition.query, drill.from, drill.to.empty() ? ".*" : drill.to),
                         promql::Grid::Instant(at_ms)});
  }
  const std::vector<Question> asked = questions;
  const auto answers = co_await AskAll(door, std::move(questions), deadline);
  std::vector<AbortState> states;
  for (size_t i = 0; i < answers.size(); ++i) {
    if (absl::IsCancelled(answers[i].status())) co_return answers[i].status();
    states.push_back(StateOf(conditions[i], asked[i].expr, drill, answers[i]));
  }
  co_return states;
}

std::string_view AbortVerdict(const std::vector<AbortState>& states) {
  const auto any = [&](domain::Verdict verdict) {
    return std::any_of(states.begin(), states.end(),
                       [&](const AbortState& state) { return state.met == verdict; });
  };
  if (any(domain::Verdict::kTrue)) return "ABORT";
  return any(domain::Verdict::kUnknown) ? "UNKNOWN" : "CONTINUE";
}

std::optional<Drill> MarkedDrill(const Answer& answer, int64_t now_ms) {
  for (const Answer::Series& series : answer.series) {
    if (series.values.empty() || !(series.values[0] > 0)) continue;  // NaN and absent, too
    Drill drill;
    drill.kind = series.labels.Get("kind");
    if (drill.kind.empty()) drill.kind = "traffic";
    drill.from = series.labels.Get("from");
    drill.to = series.labels.Get("to");
    constexpr double kSurelyATime = 1e9;
    drill.fault_ms = series.values[0] > kSurelyATime
                         ? static_cast<int64_t>(std::llround(series.values[0] * 1000))
                         : now_ms;
    return drill;
  }
  return std::nullopt;
}

bool MarkIsGone(const Answer& answer, const Drill& drill) {
  return !MarkedDrill(answer, 0) &&
         std::all_of(answer.unseen.begin(), answer.unseen.end(),
                     [&](const Unseen& unseen) { return unseen.region == drill.from; });
}

Section AbortSection(const std::vector<AbortState>& states) {
  Section section;
  section.title = "Abort conditions";
  Table table;
  table.columns = {"condition", "state", Column("value", "", true), "what", "query"};
  for (const AbortState& state : states) {
    const Tone tone = state.met == domain::Verdict::kTrue    ? Tone::kBad
                      : state.met == domain::Verdict::kFalse ? Tone::kGood
                                                             : Tone::kWarn;
    Row row;
    row.cells = {state.id, Cell(std::string(MetName(state.met)), tone),
                 state.value ? NumberCell(*state.value) : Cell("-"),
                 state.why.empty() ? state.about : state.why, state.query};
    table.rows.push_back(std::move(row));
  }
  section.tables.push_back(std::move(table));
  return section;
}

std::string AbortJson(const std::vector<AbortState>& states) {
  std::string out;
  JsonWriter json(out);
  json.Array([&] {
    for (const AbortState& state : states) {
      json.Object([&] {
        json.Member("id", state.id).Member("state", MetName(state.met));
        json.Member("value", state.value).Member("about", state.about);
        json.Member("query", state.query).Member("why", state.why);
      });
    }
  });
  return out;
}

}  // namespace synoptic::reports
