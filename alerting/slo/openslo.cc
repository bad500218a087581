// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// OpenSLO v1: SLO, SLI, AlertPolicy and AlertCondition of one file, by reference or inline.
#include <algorithm>
#include <charconv>

#include "alerting/slo/openslo_parts.h"
#include "alerting/slo/rules.h"
#include "alerting/slo/slo_file.h"

#include "base/go_format.h"
#include "base/status.h"
#include "base/strings.h"

namespace synoptic::alerting {
namespace {

class Importer {
 public:
  Importer(const SloOptions& options, std::vector<Slo>* out) : options_(options), out_(out) {}

  void Read(const std::vector<YamlMap>& documents) {
    std::vector<YamlMap> slos;
    for (YamlMap map : documents) {
      map.Find("apiVersion");
      const auto kind = map.Require("kind", "SLO, SLI, AlertPolicy, ...");
      const size_t which =
          kind ? kind->ReadChoice({"SLO", "SLI", "AlertPolicy", "AlertCondition", "DataSource",
                                   "Service", "AlertNotificationTarget"})
                     .value_or(4)
               : 4;
      if (which == 0) {
        slos.push_back(std::move(map));
      } else if (which <= 3) {
        const std::string name = NameOf(map);
        auto& kept = which == 1 ? slis_ : which == 2 ? policies_ : conditions_;
        if (auto spec = map.Require("spec", "what it is")) kept.emplace(name, *spec);
      }
    }
    for (YamlMap& map : slos) ReadSlo(std::move(map));
  }

 private:
  static std::string NameOf(YamlMap& map) {
    const auto metadata = map.Require("metadata", "a name");
    if (!metadata) return "";
    YamlMap inner = metadata->ReadMap();
    const auto name = inner.Require("name", "a name");
    return name ? name->ReadString().value_or("") : "";
  }

  // Labels may be lists in OpenSLO; Prometheus has one value.
  static void ReadLabels(YamlMap& map, Slo* slo) {
    const auto metadata = map.Find("metadata");
    if (!metadata || metadata->is_null()) return;
    const auto labels = metadata->ReadMap().Find("labels");
    if (!labels || labels->is_null()) return;
    for (const auto& [key, value] : labels->ReadEntries()) {
      slo->labels[key] = value.kind() == YamlNode::Kind::kSequence
                             ? Join(value.ReadStrings(), ",")
                             : value.ReadString().value_or("");
    }
  }

  std::string ReadSource(YamlMap& map, const char* key) {
    const auto value = map.Find(key);
    if (!value || value->is_null()) return "";
    YamlMap source = value->ReadMap();
    const auto metric = source.Require("metricSource", "where the metric comes from");
    source.Finish();
    if (!metric) return "";
    YamlMap inner = metric->ReadMap();
    inner.Find("metricSourceRef");
    inner.Find("type");
    const auto spec = inner.Require("spec", "the query");
    inner.Finish();
    if (!spec) return "";
    YamlMap body = spec->ReadMap();
    const auto query = body.Require("query", "PromQL");
    if (!query) return "";
    return query->ReadString().value_or("");
  }

  std::string Counted(const YamlValue& at, const std::string& query, bool counter) {
    if (query.empty()) return "";
    std::string text = query;
    if (query.find(kWindow) == std::string::npos) {
      // A counter is a selector that wants a range; a gauge of counts is added up over time.
      text = counter ? CountOver(query, options_)
                     : fmt::format("sum_over_time(({})[{}:1m])", query, kWindow);
    }
    if (const absl::Status status = CheckTemplate(text); !status.ok()) at.Fail(MessageOf(status));
    return text;
  }

  void ReadRatio(const YamlValue& value, Slo* slo) {
    YamlMap map = value.ReadMap();
    bool counter = false;
    map.Bool("counter", &counter);
    const std::string bad = Counted(value, ReadSource(map, "bad"), counter);
    const std::string good = Counted(value, ReadSource(map, "good"), counter);
    const std::string total = Counted(value, ReadSource(map, "total"), counter);
    const std::string raw = ReadSource(map, "raw");
    size_t raw_type = 0;
    if (auto v = map.Find("rawType"); v && !v->is_null()) {
      raw_type = v->ReadChoice({"success", "failure"}).value_or(0);
    }
    map.Finish();
    if (!raw.empty()) {
      const std::string mean = fmt::format("avg_over_time(({})[{}:1m])", raw, kWindow);
      slo->sli.error_ratio = raw_type == 1 ? mean : fmt::format("1 - {}", mean);
      if (const absl::Status status = CheckTemplate(slo->sli.error_ratio); !status.ok()) {
        value.Fail(MessageOf(status));
      }
      return;
    }
    if (total.empty() || bad.empty() == good.empty()) {
      return value.Expected("`total` with one of `good` and `bad`, or `raw`");
    }
    slo->sli.total = total;
    slo->sli.by_region = counter;
    slo->sli.bad = good.empty() ? bad : fmt::format("{} - ({} or 0 * {})", total, good, total);
  }

  // Good while `op` holds: lag lte 30.
  void ReadThreshold(const YamlValue& value, const std::string& op, double limit, Slo* slo) {
    YamlMap map = value.ReadMap();
    const auto source = map.Find("metricSource");
    if (!source) return value.Expected("`metricSource`");
    YamlMap inner = source->ReadMap();
    inner.Find("metricSourceRef");
    inner.Find("type");
    std::string query;
    if (auto spec = inner.Require("spec", "the query")) {
      YamlMap body = spec->ReadMap();
      if (auto v = body.Require("query", "PromQL")) query = v->ReadString().value_or("");
    }
    inner.Finish();
    map.Finish();
    constexpr std::pair<std::string_view, std::string_view> kBad[] = {
        {"lte", ">"}, {"lt", ">="}, {"gte", "<"}, {"gt", "<="}};
    for (const auto& [name, compare] : kBad) {
      if (name != op) continue;
      slo->sli.error_ratio = fmt::format("avg_over_time((({}) {} bool {})[{}:1m])", query, compare,
                                         GoFloatG(limit), kWindow);
      if (const absl::Status status = CheckTemplate(slo->sli.error_ratio); !status.ok()) {
        value.Fail(MessageOf(status));
      }
      return;
    }
    value.Fail("a thresholdMetric needs `op` (lte, lt, gte or gt) and `value` in its objective");
  }

  void ReadIndicator(const YamlValue& spec, const std::string& op, double limit, Slo* slo) {
    YamlMap map = spec.ReadMap();
    map.Find("description");
    const auto ratio = map.Find("ratioMetric");
    const auto threshold = map.Find("thresholdMetric");
    map.Finish();
    if (ratio.has_value() == threshold.has_value()) {
      spec.Expected("one of `ratioMetric` and `thresholdMetric`");
    } else if (ratio) {
      ReadRatio(*ratio, slo);
    } else {
      ReadThreshold(*threshold, op, limit, slo);
    }
  }

  void ReadWindow(const YamlValue& value, Slo* slo) {
    const std::vector<YamlValue> items = value.ReadList();
    if (items.size() != 1) return value.Expected("exactly one time window");
    YamlMap map = items[0].ReadMap();
    bool rolling = true;
    map.Bool("isRolling", &rolling);
    std::string unit;
    if (auto v = map.Require("duration", "a length like 28d")) {
      slo->period_s = ReadOpenSloDuration(*v).value_or(0);
      unit = v->ReadString().value_or("");
    }
    const auto calendar = map.Find("calendar");
    map.Finish();
    if (!calendar || calendar->is_null()) {
      if (!rolling) items[0].Fail("a window that is not rolling needs `calendar`");
      return;
    }
    if (rolling) return items[0].Fail("a calendar window is not rolling: set isRolling: false");
    ReadCalendar(*calendar, unit, slo);
  }

  static void ReadCalendar(const YamlValue& value, const std::string& duration, Slo* slo) {
    YamlMap map = value.ReadMap();
    domain::CalendarPeriod period;
    std::string start, zone = "UTC";
    map.String("startTime", &start);
    map.String("timeZone", &zone);
    map.Finish();
    if (const auto known = domain::ZoneNamed(zone); known.ok()) {
      period.zone = *known;
    } else {
      value.Fail(MessageOf(known.status()));
    }
    std::replace(start.begin(), start.end(), ' ', 'T');
    if (!absl::ParseCivilTime(start, &period.anchor)) {
      value.Fail("startTime: expected a time like 2020-01-21 12:30:00");
    }
    constexpr std::string_view kUnits = "dwMQY";
    const size_t unit = duration.empty() ? std::string_view::npos : kUnits.find(duration.back());
    if (unit == std::string_view::npos) {
      return value.Fail("a calendar window is of days, weeks, months, quarters or years");
    }
    period.unit = static_cast<domain::CalendarUnit>(unit);
    std::from_chars(duration.data(), duration.data() + duration.size() - 1, period.count);
    slo->calendar = period;
  }

  // An objective and the indicator's comparison, which OpenSLO puts beside it.
  void ReadObjective(const YamlValue& item, std::string* op, double* limit, Slo* slo) {
    YamlMap map = item.ReadMap();
    map.Find("displayName");
    map.String("op", op);
    map.Number("value", limit);
    const auto target = map.Find("target");
    const auto percent = map.Find("targetPercent");
    if (target.has_value() == percent.has_value()) {
      item.Expected("one of `target` and `targetPercent`");
    } else {
      const YamlValue& value = target ? *target : *percent;
      if (const auto text = value.ReadString()) {
        SetObjective(value, *text, percent.has_value(), slo);
      }
    }
    if (auto v = map.Find("timeSliceWindow"); v && !v->is_null()) {
      const auto text = v->ReadString().value_or("");
      int64_t minutes = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), minutes);
      // A bare number is minutes.
      slo->slice_s = error == std::errc() && end == text.data() + text.size()
                         ? minutes * 60
                         : ReadOpenSloDuration(*v).value_or(0);
      // The last slice of a period would be of another length. Months are, whatever divides them.
      if (slo->slice_s > 0 && !slo->calendar && slo->period_s % slo->slice_s != 0) {
        v->Expected(
            fmt::format("a window that divides the period of {}", WindowText(slo->period_s)));
      }
    }
    if (auto v = map.Find("timeSliceTarget"); v && !v->is_null()) {
      if (const auto share = v->ReadNumber(); share && !(*share > 0 && *share <= 1)) {
        v->Expected("a ratio above 0, at most 1");
      }
    }
    if (auto v = map.Find("compositeWeight"); v && !v->is_null()) v->ReadNumber();
    for (const char* key : {"indicator", "indicatorRef"}) {
      if (auto v = map.Find(key); v && !v->is_null()) {
        v->Fail("composite objectives: not supported yet; write one SLO for each part");
      }
    }
    map.Finish();
  }

  void ReadMethod(YamlMap& map, Slo* slo) {
    const auto value = map.Find("budgetingMethod");
    if (!value || value->is_null()) return;
    const auto text = value->ReadString();
    if (!text) return;
    const std::string lower = ToLowerAscii(*text);
    if (lower == "timeslices") {
      slo->method = BudgetMethod::kTimeslices;
      if (*text != "Timeslices")
        slo->notes.push_back("budgetingMethod " + *text + " is Timeslices");
    } else if (lower == "ratiotimeslices") {
      slo->method = BudgetMethod::kRatioTimeslices;
    } else if (lower != "occurrences") {
      value->Expected("one of Occurrences, Timeslices, RatioTimeslices");
    }
  }

  void ReadPolicies(YamlMap& map, Slo* slo) {
    const auto value = map.Find("alertPolicies");
    if (!value || value->is_null()) return;
    for (const YamlValue& item : value->ReadList()) {
      if (item.kind() == YamlNode::Kind::kScalar) {
        const auto it = policies_.find(item.ReadString().value_or(""));
        if (it == policies_.end()) {
          item.Fail("this policy is not in this file");
        } else {
          ReadOpenSloPolicy(it->second, conditions_, slo);
        }
        continue;
      }
      YamlMap policy = item.ReadMap();
      ResolveOpenSlo(policy, "alertPolicyRef", policies_,
                     [&](const YamlValue& spec) { ReadOpenSloPolicy(spec, conditions_, slo); });
      if (auto v = policy.Find("spec"); v && !v->is_null()) ReadOpenSloPolicy(*v, conditions_, slo);
    }
  }

  void ReadSlo(YamlMap map) {
    Slo slo;
    slo.origin = SloOrigin::kOpenSlo;
    slo.line = map.self().position().line;
    map.Find("apiVersion");
    map.Find("kind");
    slo.name = NameOf(map);
    ReadLabels(map, &slo);
    const auto spec = map.Require("spec", "the objective");
    map.Finish();
    if (!spec) return;
    YamlMap body = spec->ReadMap();
    body.String("description", &slo.description);
    if (slo.description.size() > 1050) spec->Fail("description: expected at most 1050 characters");
    if (auto v = body.Require("service", "whose objective it is")) {
      slo.service = v->ReadString().value_or("");
    }
    slo.alert_name = slo.service + " " + slo.name + " burns its budget";
    if (auto v = body.Require("timeWindow", "exactly one time window")) ReadWindow(*v, &slo);
    ReadMethod(body, &slo);
    std::string op;
    double limit = 0;
    if (auto v = body.Require("objectives", "one objective")) {
      const std::vector<YamlValue> items = v->ReadList();
      if (items.size() != 1) {
        v->Fail("expected one objective; composites are not supported yet");
      } else {
        ReadObjective(items[0], &op, &limit, &slo);
      }
    }
    const auto inline_one = body.Find("indicator");
    const auto reference = body.Find("indicatorRef");
    if (inline_one.has_value() == reference.has_value()) {
      spec->Expected("one of `indicator` and `indicatorRef`");
    } else if (inline_one) {
      YamlMap indicator = inline_one->ReadMap();
      indicator.Find("metadata");
      if (auto v = indicator.Require("spec", "the indicator")) ReadIndicator(*v, op, limit, &slo);
      indicator.Finish();
    } else {
      ResolveOpenSlo(body, "indicatorRef", slis_,
                     [&](const YamlValue& sli) { ReadIndicator(sli, op, limit, &slo); });
    }
    ReadPolicies(body, &slo);
    body.Finish();
    if (slo.windows.empty() && slo.budget > 0) AddWorkbookWindows(&slo);
    out_->push_back(std::move(slo));
  }

  const SloOptions& options_;
  std::vector<Slo>* out_;
  std::map<std::string, YamlValue> slis_, policies_, conditions_;
};

}  // namespace

void ReadOpenSlo(const std::vector<YamlMap>& documents, const SloOptions& options,
                 std::vector<Slo>* out) {
  Importer(options, out).Read(documents);
}

}  // namespace synoptic::alerting
