// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/readiness_spec.h"

#include <algorithm>
#include <set>

#include "base/go_format.h"
#include "base/status.h"
#include "base/strings.h"

namespace synoptic::reports {
namespace {

void Replace(std::string_view what, std::string_view with, std::string* text) {
  for (size_t at = text->find(what); at != std::string::npos; at = text->find(what, at)) {
    text->replace(at, what.size(), with);
    at += with.size();
  }
}

// A query with the regions' places filled in must be PromQL.
void ReadQuery(const YamlValue& value, std::string* out) {
  const auto text = value.ReadString();
  if (!text) return;
  const absl::Status status = CheckQuery(ForPair(*text, "from", "to"), true);
  if (!status.ok()) return value.Fail(MessageOf(status));
  *out = *text;
}

void ReadSeconds(YamlMap& map, std::string_view key, double* out) {
  int64_t ms = -1;
  map.DurationMillis(key, &ms);
  if (ms >= 0) *out = static_cast<double>(ms) / 1000;
}

Check ReadCheck(const YamlValue& item, const std::vector<Check>& defaults) {
  YamlMap map = item.ReadMap();
  Check check;
  if (auto v = map.Require("id", "the check's name, like data.lag")) {
    check.id = v->ReadString().value_or("");
  }
  bool known = false;
  for (const Check& other : defaults) {
    if (other.id != check.id) continue;
    check = other;
    known = true;
  }
  map.String("question", &check.question);
  map.Bool("blocking", &check.blocking);
  if (auto v = map.Find("query"); v && !v->is_null()) {
    ReadQuery(*v, &check.query);
    check.kind = CheckKind::kQuery;
  } else if (!known) {
    item.Fail("expected `query`: no shipped check has this id");
  }
  if (auto v = map.Find("op"); v && !v->is_null()) {
    check.op = static_cast<Op>(v->ReadChoice({"lte", "lt", "gte", "gt", "eq"}).value_or(0));
  }
  map.Number("value", &check.value);
  map.String("unit", &check.unit);
  ReadSeconds(map, "max_age", &check.max_age_s);
  if (auto v = map.Find("none"); v && !v->is_null()) {
    check.none = static_cast<NoSeries>(v->ReadChoice({"unknown", "pass", "fail"}).value_or(0));
  }
  map.String("remedy", &check.remedy);
  map.String("owner", &check.owner);
  map.Finish();
  return check;
}

void ReadFlows(const YamlValue& value, const std::vector<RegionInfo>& regions, ReadinessSpec* out) {
  for (const YamlValue& item : value.ReadList()) {
    YamlMap map = item.ReadMap();
    domain::FlowSignals flow;
    std::vector<std::string> names;
    if (auto v = map.Require("name", "the flow's name")) flow.flow = v->ReadString().value_or("");
    if (auto v = map.Require("signals", "a map of signal to the region that publishes it")) {
      for (const auto& [signal, home] : v->ReadEntries()) {
        const auto region = home.ReadString();
        if (!region) continue;
        std::vector<std::string> known;
        for (const RegionInfo& r : regions) known.push_back(r.name);
        if (std::find(known.begin(), known.end(), *region) == known.end()) {
          home.Fail(fmt::format("no region {}; expected some of {}", GoQuote(*region),
                                Join(known, ", ")));
          continue;
        }
        names.push_back(signal);
        flow.homes.push_back(*region);
      }
    }
    map.Finish();
    out->flows.push_back(std::move(flow));
    out->flow_signals.push_back(std::move(names));
  }
}

void ReadAbort(const YamlValue& value, ReadinessSpec* out) {
  std::set<std::string> ids;
  for (const YamlValue& item : value.ReadList()) {
    YamlMap map = item.ReadMap();
    AbortCondition condition;
    if (auto v = map.Require("id", "the condition's name")) {
      condition.id = v->ReadString().value_or("");
      if (!ids.insert(condition.id).second) {
        v->Fail(fmt::format("condition {} is there twice", GoQuote(condition.id)));
      }
    }
    map.String("about", &condition.about);
    if (auto v = map.Require("query", "PromQL that has a series when the drill must end")) {
      ReadQuery(*v, &condition.query);
    }
    map.Finish();
    out->abort.push_back(std::move(condition));
  }
}

void ReadDrills(const YamlValue& value, ReadinessSpec* out) {
  YamlMap map = value.ReadMap();
  if (auto v = map.Find("calendar")) {
    for (const YamlValue& item : v->ReadList()) {
      YamlMap entry = item.ReadMap();
      DrillCadence cadence;
      if (auto kind = entry.Require("kind", "what is drilled, like traffic")) {
        cadence.kind = kind->ReadString().value_or("");
      }
      ReadSeconds(entry, "every", &cadence.every_s);
      ReadSeconds(entry, "grace", &cadence.grace_s);
      if (cadence.every_s <= 0) item.Fail("expected `every`, a duration above 0, like 7d");
      entry.Finish();
      out->calendar.push_back(std::move(cadence));
    }
  }
  if (auto v = map.Find("measure")) {
    YamlMap measure = v->ReadMap();
    DrillMeasures& m = out->measures;
    for (const auto& [key, target] : {std::pair("detected", &m.detected),
                                      {"traffic", &m.traffic},
                                      {"healthy", &m.healthy},
                                      {"canary", &m.canary}}) {
      if (auto query = measure.Find(key); query && !query->is_null()) ReadQuery(*query, target);
    }
    measure.DurationMillis("step", &m.step_ms);
    if (m.step_ms < 1000) measure.self().Fail("step: expected at least 1s");
    measure.Finish();
  }
  if (auto v = map.Find("abort")) ReadAbort(*v, out);
  if (auto v = map.Find("marker"); v && !v->is_null()) ReadQuery(*v, &out->marker);
  map.Finish();
}

}  // namespace

std::string ForPair(std::string_view text, std::string_view from, std::string_view to) {
  std::string result(text);
  Replace("$from", from, &result);
  Replace("$to", to, &result);
  return result;
}

ReadinessSpec ReadReadiness(const YamlValue& value, const std::vector<RegionInfo>& regions) {
  ReadinessSpec spec;
  YamlMap map = value.ReadMap();
  bool defaults = true;
  map.Bool("defaults", &defaults);
  const std::vector<Check> shipped = DefaultChecks();
  if (defaults) spec.checks = shipped;
  if (auto v = map.Find("disable")) {
    for (const YamlValue& item : v->ReadList()) {
      const auto id = item.ReadString();
      if (!id) continue;
      const auto it = std::find_if(spec.checks.begin(), spec.checks.end(),
                                   [&](const Check& check) { return check.id == *id; });
      if (it == spec.checks.end()) {
        item.Fail(fmt::format("no check {} to disable", GoQuote(*id)));
      } else {
        spec.checks.erase(it);
      }
    }
  }
  ReadSeconds(map, "rpo", &spec.rpo_s);
  ReadSeconds(map, "rto", &spec.rto_s);
  if (auto v = map.Find("checks")) {
    std::set<std::string> ids;
    for (const YamlValue& item : v->ReadList()) {
      Check check = ReadCheck(item, shipped);
      if (!ids.insert(check.id).second) {
        item.Fail(fmt::format("check {} is there twice", GoQuote(check.id)));
      }
      const auto it = std::find_if(spec.checks.begin(), spec.checks.end(),
                                   [&](const Check& other) { return other.id == check.id; });
      if (it != spec.checks.end()) {
        *it = std::move(check);
      } else {
        spec.checks.push_back(std::move(check));
      }
    }
  }
  if (auto v = map.Find("flows")) ReadFlows(*v, regions, &spec);
  if (auto v = map.Find("drills"); v && !v->is_null()) ReadDrills(*v, &spec);
  map.Finish();
  return spec;
}

}  // namespace synoptic::reports
