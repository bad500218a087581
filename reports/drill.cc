// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/drill.h"

#include <algorithm>
#include <cmath>

#include "base/json_writer.h"
#include "base/status.h"
#include "promql/model/sample.h"

namespace synoptic::reports {
namespace {

double Seconds(int64_t from_ms, int64_t to_ms) {
  return static_cast<double>(to_ms - from_ms) / 1000;
}

// The sum over all series, a step each; NaN where there is none.
std::vector<double> Summed(const Answer& answer) {
  std::vector<double> sums(answer.grid.size(), std::nan(""));
  for (const Answer::Series& series : answer.series) {
    for (size_t i = 0; i < series.values.size() && i < sums.size(); ++i) {
      if (promql::IsAbsent(series.values[i])) continue;
      sums[i] = std::isnan(sums[i]) ? series.values[i] : sums[i] + series.values[i];
    }
  }
  return sums;
}

class Measuring {
 public:
  Measuring(Drill drill, const DrillMeasures& measures, int64_t start_ms)
      : drill_(std::move(drill)),

        grid_{start_ms, drill_.finished_ms, measures.step_ms} {}

  const promql::Grid& grid() const { return grid_; }
  Drill Take() { return std::move(drill_); }

  void Detected(const absl::StatusOr<Answer>& answer) {
    if (drill_.detected_ms != 0 || Failed("detected", answer)) return;
    const std::vector<double> values = Summed(*answer);
    for (size_t i = 0; i < values.size(); ++i) {
      if (grid_.at(i) < drill_.fault_ms || !(values[i] > 0)) continue;
      drill_.detected_ms = grid_.at(i);
      return;
    }
    drill_.notes["detected"] = "nothing noticed it";
  }

  // Leaving begins with the first tenth gone and ends with 99 % gone, of what there was before.
  void Traffic(const absl::StatusOr<Answer>& answer) {
    if (Failed("traffic", answer)) return;
    const std::vector<double> values = Summed(*answer);
    double before = 0;
    size_t seen = 0;
    for (size_t i = 0; i < values.size() && grid_.at(i) < drill_.fault_ms; ++i) {
      if (std::isnan(values[i])) continue;
      before += values[i];
      ++seen;
    }
    if (seen == 0 || before <= 0) {
      drill_.notes["traffic"] = "no traffic before the fault";
      return;
    }
    before /= static_cast<double>(seen);
    for (size_t i = 0; i < values.size(); ++i) {
      if (grid_.at(i) < drill_.fault_ms) continue;
      const double left = std::isnan(values[i]) ? 0 : values[i];
      if (drill_.shift_start_ms == 0 && left <= 0.9 * before) drill_.shift_start_ms = grid_.at(i);
      if (drill_.shift_end_ms == 0 && left <= 0.01 * before) drill_.shift_end_ms = grid_.at(i);
    }
    if (drill_.shift_end_ms == 0) drill_.notes["traffic"] = "traffic never left";
  }

  // The first healthy step after which no unhealthy one follows.
  void Healthy(const absl::StatusOr<Answer>& answer) {
    if (drill_.recovered_ms != 0 || Failed("healthy", answer)) return;
    const std::vector<double> values = Summed(*answer);
    int64_t recovered = 0;
    bool suffered = false;
    for (size_t i = 0; i < values.size(); ++i) {
      if (grid_.at(i) < drill_.fault_ms) continue;
      if (values[i] > 0) {
        if (recovered == 0) recovered = grid_.at(i);
      } else {
        recovered = 0;
        suffered = true;
      }
    }
    if (recovered == 0) {
      drill_.notes["healthy"] = "not healthy at the end";
    } else {
      // Nobody noticed anything: recovered at once.
      drill_.recovered_ms = suffered ? recovered : drill_.fault_ms;
    }
  }

  // K5: what was written after the newest marker that the target has is lost.
  void Canary(const absl::StatusOr<Answer>& answer) {
    if (drill_.rpo_s || Failed("canary", answer)) return;
    double newest = -1;
    for (const Answer::Series& series : answer->series) {
      for (const double value : series.values) {
        if (!promql::IsAbsent(value) && value * 1000 <= static_cast<double>(drill_.fault_ms)) {
          newest = std::max(newest, value);
        }
      }
    }
    const double fault_s = static_cast<double>(drill_.fault_ms) / 1000;
    const auto rpo =
        newest < 0 ? absl::StatusOr<domain::MeasuredRpo>(
                         absl::NotFoundError("the target has no marker from before the fault"))
                   : domain::RpoFromMarkers(fault_s, std::vector{newest}, std::vector{newest});
    if (rpo.ok()) {
      drill_.rpo_s = rpo->rpo_s;
    } else {
      drill_.notes["canary"] = std::string(MessageOf(rpo.status()));
    }
  }

 private:
  bool Failed(const std::string& what, const absl::StatusOr<Answer>& answer) {
    if (!answer.ok()) {
      drill_.notes[what] = std::string(MessageOf(answer.status()));
    } else if (!answer->unseen.empty()) {
      // The lost region is dark in a real drill: what the others say counts.
      drill_.notes[what + " coverage"] = answer->unseen.front().region + " was unseen";
    }
    return !answer.ok();
  }

  Drill drill_;

  const promql::Grid grid_;
};

}  // namespace

std::optional<double> Drill::rto_s() const {
  if (recovered_ms == 0) return std::nullopt;
  return Seconds(fault_ms, recovered_ms);
}

std::vector<std::pair<std::string, double>> PhasesOf(const Drill& drill) {
  std::vector<std::pair<std::string, double>> phases;
  int64_t last = drill.fault_ms;
  for (const auto& [name, at] : {std::pair("detect", drill.detected_ms),
                                 {"decide", drill.decided_ms},
                                 {"shift", drill.shift_end_ms},
                                 {"recover", drill.recovered_ms}}) {
    if (at == 0 || at < last) continue;
    phases.emplace_back(name, Seconds(last, at));
    last = at;
  }
  return phases;
}

Task<Drill> MeasureDrill(Door door, DrillMeasures measures, Drill drill, Deadline deadline) {
  // Some time before the fault, for what traffic was then.
  const int64_t lead_ms = 20 * measures.step_ms;
  const int64_t start_ms = drill.fault_ms / measures.step_ms * measures.step_ms - lead_ms;
  const std::string from = drill.from;
  const std::string to = drill.to;
  Measuring measuring(std::move(drill), measures, start_ms);
  std::vector<Question> questions;
  using Take = void (Measuring::*)(const absl::StatusOr<Answer>&);
  std::vector<Take> takers;
  for (const auto& [query, take] : {std::pair(&measures.detected, &Measuring::Detected),
                                    {&measures.traffic, &Measuring::Traffic},
                                    {&measures.healthy, &Measuring::Healthy},
                                    {&measures.canary, &Measuring::Canary}}) {
    if (query->empty()) continue;
    questions.push_back({ForPair(*query, from, to.empty() ? ".*" : to), measuring.grid()});
    takers.push_back(take);
  }
  const auto answers = co_await AskAll(door, std::move(questions), deadline);
  for (size_t i = 0; i < answers.size(); ++i) (measuring.*takers[i])(answers[i]);
  Drill measured = measuring.Take();
  // Whoever decided did so before traffic moved.
  if (measured.decided_ms == 0 && measured.shift_start_ms != 0) {
    measured.decided_ms = measured.shift_start_ms;
  }
  co_return measured;
}

absl::StatusOr<std::vector<CalendarEntry>> CalendarOf(const std::vector<DrillCadence>& cadences,
                                                      const std::vector<Drill>& drills,
                                                      int64_t now_ms) {
  std::vector<CalendarEntry> calendar;
  for (const DrillCadence& cadence : cadences) {
    CalendarEntry entry;
    entry.kind = cadence.kind;
    for (const Drill& drill : drills) {
      if (drill.kind == cadence.kind && !drill.running()) {
        entry.last_ms = std::max(entry.last_ms, drill.finished_ms);
      }
    }
    if (entry.last_ms != 0) {
      entry.due_ms = entry.last_ms + static_cast<int64_t>(cadence.every_s * 1000);
      ASSIGN_OR_RETURN(
          entry.state,
          domain::DrillDue(static_cast<double>(entry.last_ms) / 1000, cadence.every_s,
                           cadence.grace_s,
                           static_cast<double>(std::max(now_ms, entry.last_ms)) / 1000));
    }
    calendar.push_back(std::move(entry));
  }
  return calendar;
}

std::optional<domain::RtoEvidence> EvidenceOf(const std::vector<Drill>& drills,
                                              std::string_view from, double target_s) {
  std::vector<double> times;
  for (const Drill& drill : drills) {
    if (drill.from == from && !drill.running() && drill.rto_s()) times.push_back(*drill.rto_s());
  }
  if (times.empty()) return std::nullopt;
  const auto evidence = domain::RtoFromDrills(times, target_s);
  if (!evidence.ok()) return std::nullopt;
  return *evidence;
}

Document DrillsDocument(const std::vector<Drill>& drills,
                        const std::vector<CalendarEntry>& calendar, double rto_target_s,
                        int64_t now_ms) {
  Document document;
  document.kind = "drills";
  document.title = "Drills";
  document.at_ms = now_ms;
  Section ledger;
  ledger.title = "Ledger";
  Table table;
  table.columns = {"id",
                   "kind",
                   "from",
                   "to",
                   "fault",
                   "state",
                   Column("RTO", "", true),
                   Column("RPO", "", true),
                   Column("predicted", "", true),
                   Column("budget spent", "", true),
                   "phases",
                   "notes"};
  for (const Drill& drill : drills) {
    std::string phases, notes;
    for (const auto& [name, seconds] : PhasesOf(drill)) {
      phases += fmt::format("{}{} {}", phases.empty() ? "" : ", ", name, SecondsText(seconds));
    }
    for (const auto& [what, note] : drill.notes) {
      notes += fmt::format("{}{}: {}", notes.empty() ? "" : "; ", what, note);
    }
    Row row;
    row.cells = {drill.id,
                 drill.kind,
                 drill.from,
                 drill.to.empty() ? Cell("-") : Cell(drill.to),
                 TimeText(drill.fault_ms),
                 drill.running() ? Cell("running", Tone::kWarn) : Cell("finished")};
    const auto seconds = [](const std::optional<double>& value, Tone tone = Tone::kPlain) {
      return value ? SecondsCell(*value, tone) : Cell("-");
    };
    const auto rto = drill.rto_s();
    row.cells.push_back(seconds(rto, rto && *rto > rto_target_s ? Tone::kBad : Tone::kGood));
    row.cells.push_back(seconds(drill.rpo_s));
    row.cells.push_back(seconds(drill.predicted_rto_s));
    row.cells.push_back(drill.budget_spent ? PercentCell(*drill.budget_spent) : Cell("-"));
    row.cells.emplace_back(phases);
    row.cells.emplace_back(notes);
    table.rows.push_back(std::move(row));
  }
  ledger.tables.push_back(std::move(table));
  Table spending;
  spending.title = "Error budget spent";
  spending.columns = {"id", "objective", "region", Column("share", "", true)};
  for (const Drill& drill : drills) {
    for (const Drill::Spent& spent : drill.budget) {
      Row row;
      row.cells = {drill.id, spent.objective, spent.region, PercentCell(spent.share)};
      spending.rows.push_back(std::move(row));
    }
  }
  if (!spending.rows.empty()) ledger.tables.push_back(std::move(spending));
  document.sections.push_back(std::move(ledger));
  Section due;
  due.title = "Calendar";
  Table dates;
  dates.columns = {"kind", "last", "due", "state"};
  for (const CalendarEntry& entry : calendar) {
    const Tone tone = entry.state == domain::DrillState::kOk    ? Tone::kGood
                      : entry.state == domain::DrillState::kDue ? Tone::kWarn
                                                                : Tone::kBad;
    Row row;
    row.cells = {entry.kind, entry.last_ms == 0 ? Cell("never") : Cell(TimeText(entry.last_ms)),
                 entry.last_ms == 0 ? Cell("now") : Cell(TimeText(entry.due_ms)),
                 Cell(std::string(domain::DrillStateName(entry.state)), tone)};
    dates.rows.push_back(std::move(row));
  }
  due.tables.push_back(std::move(dates));
  if (!calendar.empty()) document.sections.push_back(std::move(due));
  return document;
}

std::string DrillJson(const Drill& drill) {
  std::string out;
  JsonWriter json(out);
  json.Object([&] {
    json.Member("id", drill.id).Member("kind", drill.kind).Member("from", drill.from);
    json.Member("to", drill.to).Member("planned", drill.planned);
    for (const auto& [name, at] : {std::pair("fault_ms", drill.fault_ms),
                                   {"detected_ms", drill.detected_ms},
                                   {"decided_ms", drill.decided_ms},
                                   {"shift_start_ms", drill.shift_start_ms},
                                   {"shift_end_ms", drill.shift_end_ms},
                                   {"recovered_ms", drill.recovered_ms},
                                   {"finished_ms", drill.finished_ms}}) {
      json.Member(name, at);
    }
    json.Member("rto_s", drill.rto_s()).Member("rpo_s", drill.rpo_s);
    json.Member("budget_spent", drill.budget_spent);
    json.Member("predicted_rto_s", drill.predicted_rto_s);
    json.Array("budget", [&] {
      for (const Drill::Spent& spent : drill.budget) {
        json.Object([&] {
          json.Member("objective", spent.objective).Member("region", spent.region);
          json.Member("share", spent.share);
        });
      }
    });
    json.Object("phases", [&] {
      for (const auto& [name, seconds] : PhasesOf(drill)) json.Member(name, seconds);
    });
    json.Object("notes", [&] {
      for (const auto& [what, note] : drill.notes) json.Member(what, note);
    });
  });
  return out;
}

std::string DrillsJson(const std::vector<Drill>& drills,
                       const std::vector<CalendarEntry>& calendar) {
  std::string out = "{\"drills\":[";
  for (size_t i = 0; i < drills.size(); ++i) out += (i > 0 ? "," : "") + DrillJson(drills[i]);
  out += "],\"calendar\":";
  JsonWriter json(out);
  json.Array([&] {
    for (const CalendarEntry& entry : calendar) {
      json.Object([&] {
        json.Member("kind", entry.kind).Member("last_ms", entry.last_ms);
        json.Member("due_ms", entry.due_ms);
        json.Member("state", domain::DrillStateName(entry.state));
      });
    }
  });
  return out + "}";
}

}  // namespace synoptic::reports
