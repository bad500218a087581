// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/capacity_spec.h"

#include <charconv>
#include <cmath>
#include <set>

#include "base/go_format.h"
#include "base/status.h"
#include "base/strings.h"
#include "domain/capacity/resources.h"
#include "promql/parse/parser.h"

namespace synoptic::reports {
namespace {

// Base units only: a number in `GB` beside one in `GiB` is how plans go wrong.
constexpr std::string_view kUnits[] = {
    "cores",    "bytes",     "bytes/s",   "requests/s", "operations/s", "connections",
    "sessions", "messages",  "instances", "nodes",      "pods",         "shards",
    "threads",  "addresses", "volumes",   "units",      "seconds/s"};

std::string Names(const std::vector<RegionInfo>& regions) {
  std::vector<std::string> names;
  for (const RegionInfo& region : regions) names.push_back(region.name);
  return Join(names, ", ");
}

bool Known(const std::vector<RegionInfo>& regions, std::string_view name) {
  for (const RegionInfo& region : regions) {
    if (region.name == name) return true;
  }
  return false;
}

void FailUnknownRegion(const YamlValue& at, std::string_view name,
                       const std::vector<RegionInfo>& regions) {
  at.Fail(fmt::format("no region {}; expected some of {}", GoQuote(name), Names(regions)));
}

void ReadAmount(const YamlValue& value, const std::vector<RegionInfo>& regions, Amount* out) {
  if (value.kind() == YamlNode::Kind::kMap) {
    for (const auto& [region, number] : value.ReadEntries()) {
      if (!Known(regions, region)) {
        FailUnknownRegion(number, region, regions);
        continue;
      }
      const auto amount = number.ReadNumber();
      if (amount && *amount < 0) number.Expected("a number of at least 0");
      if (amount) out->fixed[region] = *amount;
    }
    if (value.IsEmpty()) value.Expected("a query, or a number a region");
    return;
  }
  const auto query = value.ReadString();
  if (!query) return;
  if (absl::Status status = CheckQuery(*query); !status.ok()) {
    return value.Fail(MessageOf(status));
  }
  out->query = *query;
}

void ReadShareOf(YamlMap& map, std::string_view key, bool zero, double* out) {
  const auto value = map.Find(key);
  if (!value || value->is_null()) return;
  const auto share = value->ReadPercent();
  if (!share) return;
  if (!zero && *share == 0) return value->Expected("a share above 0%");
  *out = *share;
}

// `2/s`, `30/m`, `100/h`: units a second.
std::optional<double> ParseRate(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + slash, number);
  if (error != std::errc() || end != text.data() + slash || number < 0) return std::nullopt;
  const std::string_view per = text.substr(slash + 1);
  if (per == "s") return number;
  if (per == "m") return number / 60;
  if (per == "h") return number / 3600;
  return std::nullopt;
}

void ReadScaling(const YamlValue& value, Resource* out) {
  YamlMap map = value.ReadMap();
  int64_t after_ms = 0;
  map.DurationMillis("after", &after_ms);
  out->scale_after_s = static_cast<double>(after_ms) / 1000;
  if (auto rate = map.Require("rate", "units a time, like 2/s or 30/m")) {
    const auto text = rate->ReadString();
    const auto parsed = text ? ParseRate(*text) : std::nullopt;
    if (parsed) {
      out->scale_rate = *parsed;
    } else if (text) {
      rate->Expected("units a time, like 2/s, 30/m or 100/h");
    }
  }
  map.Finish();
}

// I23: with 95 % hits a twentieth of the requests reaches the origin, with 60 % eight times as
// many.
void ReadCache(const YamlValue& value, Resource* out) {
  YamlMap map = value.ReadMap();
  double warm = -1, cold = -1;
  map.Percent("warm", &warm);
  map.Percent("cold", &cold);
  map.Finish();
  const auto shift = domain::OriginAfterShift(1, std::max(0.0, warm), std::max(0.0, cold), 1);
  if (warm < 0 || cold < 0 || warm >= 1 || cold > warm || !shift.ok()) {
    return value.Fail(
        "expected `warm`, a hit ratio below 100%, and `cold`, one of at most as much");
  }
  out->cold_factor = shift->amplification;
}

void ReadNonNegative(YamlMap& map, std::string_view key, double* out) {
  const auto value = map.Find(key);
  if (!value || value->is_null()) return;
  const auto number = value->ReadNumber();
  if (!number) return;
  if (*number < 0) return value->Expected("a number of at least 0");
  *out = *number;
}

void ReadUnit(const YamlValue& value, Resource* out) {
  const auto unit = value.ReadString();
  if (!unit) return;
  for (const std::string_view known : kUnits) {
    if (known == *unit) {
      out->unit = *unit;
      return;
    }
  }
  std::vector<std::string> names(std::begin(kUnits), std::end(kUnits));
  value.Expected("a base unit, one of " + Join(names, ", "));
}

Resource ReadResource(const YamlValue& value, const std::vector<RegionInfo>& regions,
                      double target) {
  Resource resource;
  resource.target = target;
  YamlMap map = value.ReadMap();
  if (auto v = map.Require("name", "the resource's name")) {
    resource.name = v->ReadString().value_or("");
  }
  if (auto v = map.Require("unit", "what demand and supply count")) ReadUnit(*v, &resource);
  if (auto v = map.Require("demand", "a query, or a number a region")) {
    ReadAmount(*v, regions, &resource.demand);
  }
  if (auto v = map.Require("supply", "a query, or a number a region")) {
    ReadAmount(*v, regions, &resource.supply);
  }
  if (auto v = map.Find("limit"); v && !v->is_null()) ReadAmount(*v, regions, &resource.limit);
  if (auto v = map.Find("quota"); v && !v->is_null()) ReadAmount(*v, regions, &resource.quota);
  ReadShareOf(map, "movable", true, &resource.movable);
  if (auto v = map.Find("moves"); v && !v->is_null()) {
    resource.whole = v->ReadChoice({"split", "whole"}).value_or(0) == 1;
  }
  if (auto v = map.Find("cache"); v && !v->is_null()) ReadCache(*v, &resource);
  ReadShareOf(map, "target_utilisation", false, &resource.target);
  ReadShareOf(map, "ice", true, &resource.ice);
  if (auto v = map.Find("scaling"); v && !v->is_null()) ReadScaling(*v, &resource);
  ReadNonNegative(map, "price", &resource.price);
  int64_t lead_ms = 0;
  map.DurationMillis("lead_time", &lead_ms);
  resource.lead_days = static_cast<double>(lead_ms) / 86'400'000;
  map.Finish();
  return resource;
}

void ReadAffinityRow(const std::string& from, const YamlValue& row,
                     const std::vector<RegionInfo>& regions, CapacitySpec* out) {
  if (!Known(regions, from)) return FailUnknownRegion(row, from, regions);
  double sum = 0;
  bool good = true;
  for (const auto& [to, cell] : row.ReadEntries()) {
    if (!Known(regions, to)) {
      FailUnknownRegion(cell, to, regions);
      good = false;
    } else if (to == from) {
      cell.Fail(
          fmt::format("a share of {} to itself goes round in a circle; expected other regions only",
                      GoQuote(from)));
      good = false;
    } else if (const auto share = cell.ReadPercent()) {
      sum += *share;
      out->affinity.push_back({from, to, *share});
    } else {
      good = false;
    }
  }
  if (good && std::abs(sum - 1) > 1e-6) {
    row.Fail(fmt::format("the shares of {} add up to {}%; expected 100%", GoQuote(from),
                         GoFloatG(std::round(sum * 1e6) / 1e4)));
  }
}

void ReadAffinity(const YamlValue& value, const std::vector<RegionInfo>& regions,
                  CapacitySpec* out) {
  out->weights = WeightModel::kAffinity;
  std::set<std::string> rows;
  for (const auto& [from, row] : value.ReadEntries()) {
    rows.insert(from);
    ReadAffinityRow(from, row, regions, out);
  }
  // Whoever has no row would pass nothing on: a forgotten one hides the very loss it is about.
  for (const RegionInfo& region : regions) {
    if (regions.size() < 2 || rows.contains(region.name)) continue;
    value.Fail(
        fmt::format("no row for region {}; expected who takes its load", GoQuote(region.name)));
  }
}

}  // namespace

absl::Status CheckQuery(const std::string& text, bool scalar) {
  ASSIGN_OR_RETURN(const promql::ExprPtr expr, promql::ParseExpr(text));
  const promql::ValueType type = promql::TypeOf(*expr);
  if (type == promql::ValueType::kVector || (scalar && type == promql::ValueType::kScalar)) {
    return absl::OkStatus();
  }
  return InvalidArgument("expected a query that gives an instant vector, got {}: {}",
                         promql::DocumentedName(type), GoQuote(text));
}

std::string CapacitySpec::ModelText() const {
  std::string text;
  switch (weights) {
    case WeightModel::kRegions:
      text = "split by the regions' weight";
      break;
    case WeightModel::kSupply:
      text = "split by supply";
      break;
    case WeightModel::kEqual:
      text = "equal split";
      break;
    case WeightModel::kAffinity:
      text = "declared affinity";
      break;
  }
  return spill ? text + ", spilling over to whoever has room" : text;
}

CapacitySpec ReadCapacity(const YamlValue& value, std::vector<RegionInfo> regions) {
  CapacitySpec spec;
  spec.regions = std::move(regions);
  YamlMap map = value.ReadMap();
  double target = 0.8;
  ReadShareOf(map, "target_utilisation", false, &target);
  if (auto v = map.Find("weights"); v && !v->is_null()) {
    constexpr WeightModel kModels[] = {WeightModel::kRegions, WeightModel::kSupply,
                                       WeightModel::kEqual};
    spec.weights = kModels[v->ReadChoice({"regions", "supply", "equal"}).value_or(0)];
    if (const auto affinity = map.Find("affinity"); affinity && !affinity->IsEmpty()) {
      v->Fail("expected one of `weights` and `affinity`, got both");
    }
  }
  if (auto v = map.Find("affinity"); v && !v->IsEmpty()) ReadAffinity(*v, spec.regions, &spec);
  map.Bool("spill", &spec.spill);
  if (auto v = map.Find("growth"); v && !v->is_null()) {
    spec.growth = v->ReadPercent().value_or(0);
  }
  if (auto v = map.Find("history"); v && !v->is_null()) {
    YamlMap history = v->ReadMap();
    history.DurationMillis("length", &spec.history_ms);
    history.DurationMillis("step", &spec.history_step_ms);
    history.Finish();
    constexpr int64_t kHour = 3'600'000, kDay = 24 * kHour;
    if (spec.history_step_ms < 60'000 || kHour % spec.history_step_ms != 0) {
      v->Fail("step: expected a part of an hour, at least 1m, like 5m or 1h");
      spec.history_step_ms = kHour;
    }
    if (spec.history_ms < 2 * kDay || spec.history_ms > 400 * kDay ||
        spec.history_ms % kHour != 0) {
      v->Fail("length: expected whole hours, between 2d and 400d");
    }
  }
  map.DurationMillis("interval", &spec.interval_ms);
  if (spec.interval_ms < 1'000) map.self().Fail("interval: expected at least 1s");
  std::set<std::string> names;
  if (auto v = map.Find("resources")) {
    for (const YamlValue& item : v->ReadList()) {
      spec.resources.push_back(ReadResource(item, spec.regions, target));
      const std::string& name = spec.resources.back().name;
      if (!name.empty() && !names.insert(name).second) {
        item.Fail(fmt::format("resource {} is there twice", GoQuote(name)));
      }
    }
  }
  map.Finish();
  return spec;
}

}  // namespace synoptic::reports
