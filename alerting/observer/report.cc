// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/observer/report.h"

#include "base/json.h"
#include "base/status.h"
#include "simdjson.h"

namespace synoptic::alerting {
namespace {

namespace dom = simdjson::dom;

void AppendText(std::string_view name, std::string_view value, std::string& out) {
  AppendJsonString(name, out);
  out += ':';
  AppendJsonString(value, out);
  out += ',';
}

void AppendReport(const ObserverReport& report, std::string& out) {
  AppendText("observer", report.observer, out);
  AppendText("region", report.region, out);
  out +=
      fmt::format("\"timeMs\":{},\"isolated\":{},\"regions\":[", report.time_ms, report.isolated);
  for (size_t i = 0; i < report.regions.size(); ++i) {
    const RegionSight& sight = report.regions[i];
    out += i == 0 ? "{" : ",{";
    AppendText("region", sight.region, out);
    if (!sight.verdict.empty()) AppendText("verdict", sight.verdict, out);
    if (sight.clock_skew_s) out += fmt::format("\"clockSkewSeconds\":{:.3f},", *sight.clock_skew_s);
    out += fmt::format("\"reachable\":{}}}", sight.reachable);
  }
  out += ']';
}

std::string TextOf(dom::element from, const char* name) {
  std::string_view value;
  return from[name].get(value) == simdjson::SUCCESS ? std::string(value) : "";
}

bool BoolOf(dom::element from, const char* name, bool otherwise) {
  bool value = otherwise;
  return from[name].get(value) == simdjson::SUCCESS ? value : otherwise;
}

}  // namespace

std::string EncodeReport(const ObserverReport& own, const std::vector<PeerSight>& peers) {
  std::string out = "{";
  AppendReport(own, out);
  out += ",\"peers\":[";
  for (size_t i = 0; i < peers.size(); ++i) {
    out += i == 0 ? "{" : ",{";
    AppendText("name", peers[i].name, out);
    out += fmt::format("\"fresh\":{},\"report\":{{", peers[i].fresh);
    AppendReport(peers[i].report, out);
    out += "}}";
  }
  return out + "]}";
}

absl::StatusOr<ObserverReport> DecodeReport(std::string_view body) {
  dom::parser parser;
  dom::element root;
  dom::element data;
  if (parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS ||
      root["data"].get(data) != simdjson::SUCCESS) {
    return InvalidArgument("not the report of an observer");
  }
  ObserverReport report;
  report.observer = TextOf(data, "observer");
  report.region = TextOf(data, "region");
  report.isolated = BoolOf(data, "isolated", false);
  int64_t time = 0;
  if (data["timeMs"].get(time) == simdjson::SUCCESS) report.time_ms = time;
  dom::array regions;
  if (data["regions"].get(regions) != simdjson::SUCCESS) {
    return InvalidArgument("an observer's report without regions");
  }
  for (const dom::element region : regions) {
    report.regions.push_back(
        {TextOf(region, "region"), BoolOf(region, "reachable", true), TextOf(region, "verdict")});
  }
  return report;
}

}  // namespace synoptic::alerting
