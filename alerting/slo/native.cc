// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Synoptic's own form.
#include "absl/time/time.h"
#include "alerting/slo/slo_file.h"
#include "base/status.h"
#include "base/strings.h"

namespace synoptic::alerting {
namespace {

void ReadTexts(YamlMap& map, std::string_view key, std::map<std::string, std::string>* out) {
  const auto value = map.Find(key);
  if (!value || value->is_null()) return;
  for (auto& [name, text] : value->ReadStringMap()) (*out)[name] = text;
}

void ReadCalendar(const YamlValue& value, Slo* slo) {
  YamlMap map = value.ReadMap();
  domain::CalendarPeriod period;
  constexpr int64_t kDays[] = {1, 7, 30, 90, 365};
  if (auto v = map.Require("calendar", "day, week, month, quarter or year")) {
    const size_t unit = v->ReadChoice({"day", "week", "month", "quarter", "year"}).value_or(2);
    period.unit = static_cast<domain::CalendarUnit>(unit);
    slo->period_s = kDays[unit] * 86'400;
  }
  std::string zone = "UTC", from = "2024-01-01";  // a Monday
  map.String("timezone", &zone);
  const auto known = domain::ZoneNamed(zone);
  if (known.ok()) {
    period.zone = *known;
  } else {
    value.Fail(MessageOf(known.status()));
  }
  map.String("from", &from);
  absl::CivilDay day;
  if (absl::ParseCivilTime(from, &day)) {
    period.anchor = absl::CivilSecond(day);
  } else {
    value.Fail("from: expected a date like 2026-01-01");
  }
  map.Finish();
  slo->calendar = period;
}

void ReadPeriod(const YamlValue& value, Slo* slo) {
  if (value.kind() == YamlNode::Kind::kMap) return ReadCalendar(value, slo);
  const auto ms = value.ReadDurationMillis();
  if (!ms) return;
  if (*ms < 3'600'000 || *ms % 60'000 != 0) {
    return value.Expected("a whole number of minutes, at least 1h");
  }
  slo->period_s = *ms / 1000;
}

std::string ReadCounter(YamlMap& map, std::string_view key, const SloOptions& options) {
  const auto value = map.Find(key);
  if (!value || value->is_null()) return "";
  const auto text = value->ReadString();
  if (!text) return "";
  // A selector becomes a count; what has the window already is taken as it is.
  std::string query = text->find(kWindow) == std::string::npos ? CountOver(*text, options) : *text;
  if (const absl::Status status = CheckTemplate(query); !status.ok()) {
    value->Fail(MessageOf(status));
    return "";
  }
  return query;
}

void ReadEvents(const YamlValue& value, const SloOptions& options, Slo* slo) {
  YamlMap map = value.ReadMap();
  slo->sli.by_region = true;
  const bool has_bad = map.Find("bad").has_value();
  const bool has_good = map.Find("good").has_value();
  slo->sli.bad = ReadCounter(map, "bad", options);
  const std::string good = ReadCounter(map, "good", options);
  if (auto total = map.Require("total", "a counter of all events")) {
    slo->sli.total = ReadCounter(map, "total", options);
  }
  map.Finish();
  if (has_bad == has_good) return value.Expected("one of `bad` and `good`");
  if (!good.empty()) {
    const std::string all = slo->sli.total;
    slo->sli.bad = fmt::format("{} - ({} or 0 * {})", all, good, all);
  }
}

// The share of samples above the limit, by region: time-weighted, so counts are samples.
void ReadFreshness(const YamlValue& value, const SloOptions& options, Slo* slo) {
  YamlMap map = value.ReadMap();
  std::string lag;
  double at_most = -1;
  if (auto v = map.Require("lag", "a gauge in seconds")) {
    lag = v->ReadString().value_or("");
    if (const absl::Status status = CheckTemplate(lag); !status.ok()) v->Fail(MessageOf(status));
  }
  map.Number("at_most", &at_most);
  if (at_most < 0) value.Fail("expected `at_most`, seconds of lag that are still fresh");
  map.Finish();
  const std::string by = Join(options.region_labels, ", ");
  slo->sli.by_region = true;
  slo->sli.bad =
      fmt::format("sum_over_time((max by ({}) ({}) > bool {})[{}:1m])", by, lag, at_most, kWindow);
  slo->sli.total = fmt::format("count_over_time((max by ({}) ({}))[{}:1m])", by, lag, kWindow);
}

void ReadSli(const YamlValue& value, const SloOptions& options, Slo* slo) {
  YamlMap map = value.ReadMap();
  const auto events = map.Find("events");
  const auto freshness = map.Find("freshness");
  if (events.has_value() == freshness.has_value()) {
    value.Expected("one of `events` and `freshness`");
  } else if (events) {
    ReadEvents(*events, options, slo);
  } else {
    ReadFreshness(*freshness, options, slo);
  }
  map.Finish();
}

void ReadAlert(const YamlValue& value, Slo* slo) {
  YamlMap map = value.ReadMap();
  map.String("name", &slo->alert_name);
  ReadTexts(map, "labels", &slo->alert_labels);
  ReadTexts(map, "annotations", &slo->alert_annotations);
  for (const auto& [key, labels, disabled] :
       {std::tuple("page", &slo->page_labels, &slo->page_disabled),
        {"ticket", &slo->ticket_labels, &slo->ticket_disabled}}) {
    if (auto v = map.Find(key); v && !v->is_null()) {
      YamlMap one = v->ReadMap();
      ReadTexts(one, "labels", labels);
      one.Bool("disable", disabled);
      one.Finish();
    }
  }
  map.Finish();
}

void ReadExclusions(const YamlValue& value, Slo* slo) {
  for (const YamlValue& item : value.ReadList()) {
    YamlMap map = item.ReadMap();
    Exclusion exclusion;
    for (const auto& [key, out] :
         {std::pair("start", &exclusion.start_ms), {"end", &exclusion.end_ms}}) {
      if (auto v = map.Require(key, "a time like 2026-03-01T00:00:00Z")) {
        absl::Time time;
        std::string error;
        const auto text = v->ReadString().value_or("");
        if (absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
          *out = absl::ToUnixMillis(time);
        } else {
          v->Expected("a time like 2026-03-01T00:00:00Z");
        }
      }
    }
    if (auto v = map.Require("reason", "why this time does not count")) {
      exclusion.reason = v->ReadString().value_or("");
    }
    map.Finish();
    if (exclusion.end_ms <= exclusion.start_ms) item.Fail("expected an end after the start");
    slo->exclusions.push_back(std::move(exclusion));
  }
}

Slo ReadOne(const YamlValue& item, const SloOptions& options) {
  Slo slo;
  slo.line = item.position().line;
  slo.min_bad = 2;
  YamlMap map = item.ReadMap();
  if (auto v = map.Require("name", "the objective's name")) slo.name = v->ReadString().value_or("");
  if (auto v = map.Require("service", "whose objective it is")) {
    slo.service = v->ReadString().value_or("");
  }
  map.String("description", &slo.description);
  ReadTexts(map, "labels", &slo.labels);
  bool good = false;
  if (auto v = map.Require("objective", "a share like 99.9%")) {
    const auto text = v->ReadString();
    // 0.999 beside 99.9 is a trap: Synoptic's own form wants the sign.
    if (text && !text->ends_with('%')) {
      v->Expected("a share like 99.9%");
    } else if (text) {
      good = SetObjective(*v, *text, true, &slo);
    }
  }
  slo.period_s = 30 * 86'400;
  if (auto v = map.Find("period"); v && !v->is_null()) ReadPeriod(*v, &slo);
  if (auto v = map.Require("sli", "what is counted")) ReadSli(*v, options, &slo);
  slo.alert_name = slo.service + " " + slo.name + " burns its budget";
  if (auto v = map.Find("alert"); v && !v->is_null()) ReadAlert(*v, &slo);
  map.Int("min_bad", 0, 1'000'000, &slo.min_bad);
  if (auto v = map.Find("exclusions")) ReadExclusions(*v, &slo);
  map.Finish();
  if (good) AddWorkbookWindows(&slo);
  return slo;
}

}  // namespace

void ReadNativeSlos(YamlMap map, const SloOptions& options, std::vector<Slo>* out) {
  if (auto v = map.Require("slos", "the list of objectives")) {
    for (const YamlValue& item : v->ReadList()) out->push_back(ReadOne(item, options));
  }
  map.Finish();
}

}  // namespace synoptic::alerting
