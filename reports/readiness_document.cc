// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Readiness for people and for programs, and the visibility matrix.
#include <algorithm>

#include "base/json_writer.h"
#include "base/strings.h"
#include "fmt/format.h"
#include "reports/readiness.h"

namespace synoptic::reports {
namespace {

using domain::CheckState;
using domain::Readiness;

Tone ToneOf(Readiness verdict) {
  if (verdict == Readiness::kGo) return Tone::kGood;
  return verdict == Readiness::kNoGo ? Tone::kBad : Tone::kWarn;
}

Tone ToneOf(const Judged& judged) {
  if (judged.state == CheckState::kPass) return Tone::kGood;
  return judged.check.blocking && judged.state == CheckState::kFail ? Tone::kBad : Tone::kWarn;
}

// Those that decide first.
std::vector<const Judged*> ByWeight(const PairReadiness& pair) {
  std::vector<const Judged*> checks;
  const auto weight = [](const Judged& judged) {
    const bool pass = judged.state == CheckState::kPass;
    return pass ? 4 : (judged.check.blocking ? 0 : 2) + (judged.state == CheckState::kFail ? 0 : 1);
  };
  for (int wanted = 0; wanted <= 4; ++wanted) {
    for (const Judged& judged : pair.checks) {
      if (weight(judged) == wanted) checks.push_back(&judged);
    }
  }
  return checks;
}

// What stands in the way: `NO_GO: data.lag, cap.static`.
std::string VerdictText(const PairReadiness& pair) {
  std::vector<std::string> names;
  for (const Judged* judged : ByWeight(pair)) {
    if (judged->state == CheckState::kPass) continue;
    const bool counts = pair.verdict == Readiness::kGoWithRisk || judged->check.blocking;
    const bool fails = pair.verdict != Readiness::kNoGo || judged->state == CheckState::kFail;
    if (counts && fails) names.push_back(judged->check.id);
  }
  std::string text(domain::ReadinessName(pair.verdict));
  return names.empty() ? text : text + ": " + Join(names, ", ");
}

Table ChecksTable(const PairReadiness& pair, Document* document) {
  Table table;
  table.columns = {"check", "state", "blocking", "evidence", Column("age", "", true), "remedy"};
  for (const Judged* judged : ByWeight(pair)) {
    Row row;
    row.cells = {judged->check.id,
                 Cell(std::string(domain::CheckStateName(judged->state)), ToneOf(*judged)),
                 judged->check.blocking ? "blocking" : "advisory",
                 judged->evidence,
                 judged->age_s ? SecondsCell(*judged->age_s) : Cell("-"),
                 judged->state == CheckState::kPass ? Cell("") : Cell(judged->check.remedy)};
    if (!judged->query.empty()) {
      row.source = document->AddSource(
          {judged->query, judged->check.question, judged->age_s, judged->coverage});
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table TargetsTable(const PairReadiness& pair, const std::vector<RegionInfo>& regions) {
  Table table;
  table.title = "Where to";
  table.columns = {"region", "fit", Column("lag", "", true), Column("headroom after", "", true)};
  for (const Target& target : pair.targets) {
    Row row;
    row.cells = {regions[target.region].name,
                 target.eligible ? Cell("yes", Tone::kGood) : Cell("no", Tone::kWarn),
                 target.lag_s ? SecondsCell(*target.lag_s) : Cell("unknown"),
                 target.headroom ? PercentCell(*target.headroom) : Cell("unknown")};
    table.rows.push_back(std::move(row));
  }
  return table;
}

Section PairSection(const ReadinessDesk& desk, const PairReadiness& pair, Document* document) {
  const auto& regions = desk.capacity->spec().regions;
  Section section;
  section.title = fmt::format("{} to {}: {}", regions[pair.from].name, regions[pair.to].name,
                              domain::ReadinessName(pair.verdict));
  section.paragraphs.push_back(VerdictText(pair));
  std::string expect = pair.rpo_s ? fmt::format("Data at risk now: {}", SecondsText(*pair.rpo_s))
                                  : "Data at risk now: unknown";
  expect += fmt::format(" (target {}). ", SecondsText(desk.spec.rpo_s));
  expect += pair.rto ? fmt::format("Recovery by past drills: median {}, p90 {}, worst {}",
                                   SecondsText(pair.rto->p50), SecondsText(pair.rto->p90),
                                   SecondsText(pair.rto->worst))
                     : "Recovery time: no drill supports any";
  section.paragraphs.push_back(expect + fmt::format(" (target {}).", SecondsText(desk.spec.rto_s)));
  section.tables.push_back(ChecksTable(pair, document));
  if (pair.targets.size() > 1) section.tables.push_back(TargetsTable(pair, regions));
  return section;
}

Table MatrixOf(const ReadinessDesk& desk, const std::vector<PairReadiness>& pairs) {
  Table table;
  table.columns = {"from", "to", "verdict"};
  for (const PairReadiness& pair : pairs) {
    Row row;
    row.cells = {desk.capacity->spec().regions[pair.from].name,
                 desk.capacity->spec().regions[pair.to].name,
                 Cell(VerdictText(pair), ToneOf(pair.verdict))};
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace

Section VisibilitySection(const ReadinessSpec& spec, const std::vector<RegionInfo>& regions) {
  Section section;
  section.title = "Visibility";
  section.paragraphs.push_back(
      "Which signals of a flow are left when a region is lost, before it happens.");
  Table table;
  table.columns = {"flow"};
  for (const RegionInfo& region : regions) table.columns.emplace_back(region.name + " lost");
  for (size_t f = 0; f < spec.flows.size(); ++f) {
    Row row;
    row.cells.emplace_back(spec.flows[f].flow);
    for (const RegionInfo& region : regions) {
      std::vector<std::string> left;
      for (size_t s = 0; s < spec.flows[f].homes.size(); ++s) {
        if (spec.flows[f].homes[s] != region.name) left.push_back(spec.flow_signals[f][s]);
      }
      row.cells.push_back(left.empty() ? Cell("BLIND", Tone::kBad) : Cell(Join(left, ", ")));
    }
    table.rows.push_back(std::move(row));
  }
  section.tables.push_back(std::move(table));
  return section;
}

Document ReadinessDocument(const ReadinessDesk& desk, const std::vector<PairReadiness>& pairs,
                           int64_t at_ms) {
  const auto& regions = desk.capacity->spec().regions;
  Document document;
  document.kind = "readiness";
  document.at_ms = at_ms;
  document.title = pairs.size() == 1
                       ? fmt::format("Failover from {} to {}", regions[pairs[0].from].name,
                                     regions[pairs[0].to].name)
                       : "Failover readiness";
  Readiness worst = Readiness::kGo;
  for (const PairReadiness& pair : pairs) worst = std::max(worst, pair.verdict);
  document.tone = ToneOf(worst);
  if (pairs.size() == 1) {
    document.verdict = VerdictText(pairs[0]);
  } else {
    Section all;
    all.title = "Every pair";
    all.tables.push_back(MatrixOf(desk, pairs));
    document.sections.push_back(std::move(all));
  }
  for (const PairReadiness& pair : pairs) {
    Section section = PairSection(desk, pair, &document);
    if (pairs.size() == 1) {
      section.title.clear();
      section.paragraphs.erase(section.paragraphs.begin());
    }
    document.sections.push_back(std::move(section));
  }
  if (!desk.spec.flows.empty()) {
    document.sections.push_back(VisibilitySection(desk.spec, regions));
  }
  return document;
}

std::string ReadinessJson(const ReadinessDesk& desk, const std::vector<PairReadiness>& pairs,
                          int64_t at_ms) {
  const auto& regions = desk.capacity->spec().regions;
  std::string out;
  JsonWriter json(out);
  json.Object([&] {
    json.Member("at", static_cast<double>(at_ms) / 1000);
    json.Member("rpo_seconds", desk.spec.rpo_s).Member("rto_seconds", desk.spec.rto_s);
    json.Array("pairs", [&] {
      for (const PairReadiness& pair : pairs) {
        json.Object([&] {
          json.Member("from", regions[pair.from].name).Member("to", regions[pair.to].name);
          json.Member("verdict", domain::ReadinessName(pair.verdict));
          json.Member("summary", VerdictText(pair));
          json.Member("data_at_risk_seconds", pair.rpo_s);
          if (pair.rto) json.Member("rto_p90_seconds", pair.rto->p90);
          json.Array("checks", [&] {
            for (const Judged& judged : pair.checks) {
              json.Object([&] {
                json.Member("id", judged.check.id).Member("question", judged.check.question);
                json.Member("blocking", judged.check.blocking);
                json.Member("state", domain::CheckStateName(judged.state));
                json.Member("evidence", judged.evidence).Member("value", judged.value);
                json.Member("query", judged.query).Member("age_seconds", judged.age_s);
                json.Member("max_age_seconds", judged.check.max_age_s);
                json.Member("coverage", judged.coverage).Member("remedy", judged.check.remedy);
                json.Member("owner", judged.check.owner);
              });
            }
          });
          json.Array("targets", [&] {
            for (const Target& target : pair.targets) {
              json.Object([&] {
                json.Member("region", regions[target.region].name);
                json.Member("eligible", target.eligible).Member("lag_seconds", target.lag_s);
                json.Member("headroom_fraction", target.headroom);
              });
            }
          });
        });
      }
    });
    json.Array("blind_flows", [&] {
      for (const RegionInfo& region : regions) {
        const auto blind = domain::BlindFlows(desk.spec.flows, region.name);
        if (blind.empty()) continue;
        json.Object([&] {
          json.Member("lost", region.name);
          json.Array("flows", [&] {
            for (const std::string& flow : blind) json.Value(flow);
          });
        });
      }
    });
  });
  return out;
}

}  // namespace synoptic::reports
