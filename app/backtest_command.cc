// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// synoptic rules backtest: history comes from a server by remote read (any Prometheus or Synoptic),
// stale markers included, and the rules run here.
#include <snappy.h>

#include <cstdio>
#include <map>
#include <set>

#include "aggregator/api/times.h"
#include "aggregator/upstream/remote_read.h"
#include "alerting/rule/rule_file.h"
#include "alerting/ruletest/backtest.h"
#include "app/http_get.h"
#include "app/prepared.h"
#include "app/rules_commands.h"
#include "base/duration.h"
#include "base/fs.h"
#include "base/go_format.h"
#include "base/json.h"
#include "base/status.h"
#include "promql/parse/printer.h"
#include "proto/remote.pb.h"

namespace synoptic::app {
namespace {

using alerting::BacktestEvent;
using alerting::BacktestReport;
using alerting::BacktestRule;

constexpr size_t kMaxRuleFileBytes = 4 << 20;
constexpr size_t kMaxSamples = 50'000'000;
constexpr int64_t kHoursAtOnce = 6;  // of history in one request

using History = std::map<promql::Labels, std::map<int64_t, double>>;

int Fail(const absl::Status& status) {
  std::fflush(stdout);
  fmt::print(stderr, "synoptic rules backtest: {}\n", MessageOf(status));
  return 1;
}

absl::StatusOr<int64_t> TimeOf(std::string_view what, const std::string& text) {
  auto time = aggregator::ParseApiTime(text);
  if (!time.ok()) {
    return InvalidArgument("{}: expected unix seconds or RFC 3339, got \"{}\"", what, text);
  }
  return time;
}

// region=R,from=T,to=T; without a time: from the start, to the end.
absl::StatusOr<alerting::Outage> OutageOf(const std::string& text) {
  alerting::Outage outage;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find(',', at), text.size());
    const std::string part = text.substr(at, end - at);
    at = end + 1;
    const size_t equals = part.find('=');
    const std::string key = part.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : part.substr(equals + 1);
    if (key == "region" && !value.empty()) {
      outage.region = value;
    } else if (key == "from") {
      ASSIGN_OR_RETURN(outage.from_ms, TimeOf("--outage: from", value));
    } else if (key == "to") {
      ASSIGN_OR_RETURN(outage.to_ms, TimeOf("--outage: to", value));
    } else {
      return InvalidArgument("--outage: expected region=R[,from=T][,to=T], got \"{}\"", text);
    }
  }
  if (outage.region.empty()) return InvalidArgument("--outage: \"{}\" names no region", text);
  if (outage.to_ms <= outage.from_ms) {
    return InvalidArgument("--outage: \"{}\" ends before it begins", text);
  }
  return outage;
}

absl::StatusOr<std::string> RemoteRead(const std::string& server,
                                       const std::vector<promql::Matcher>& matchers, int64_t min_t,
                                       int64_t max_t) {
  net::HttpRequest request;
  request.method = "POST";
  request.target = "/api/v1/read";
  request.headers.Set("Content-Type", "application/x-protobuf");
  request.headers.Set("Content-Encoding", "snappy");
  request.headers.Set("X-Prometheus-Remote-Read-Version", "0.1.0");
  aggregator::RawRequest question;
  question.matchers = matchers;
  question.min_t = min_t;
  question.max_t = max_t;
  request.body = aggregator::EncodeReadRequest(question, /*streamed=*/false);
  ASSIGN_OR_RETURN(const Reply reply, Ask(server, std::move(request)));
  if (reply.status != 200) {
    return MakeStatus(absl::StatusCode::kUnavailable, "{}: {}: HTTP {}: {}", server,
                      promql::PrintMatchers(matchers), reply.status, reply.body.substr(0, 300));
  }
  std::string body;
  if (!snappy::Uncompress(reply.body.data(), reply.body.size(), &body)) {
    return MakeStatus(absl::StatusCode::kDataLoss, "{}: /api/v1/read: the answer is not snappy",
                      server);
  }
  return body;
}

absl::Status AddTo(History& history, const std::string& body, size_t& samples) {
  proto::ReadResponse answer;
  if (!answer.ParseFromString(body)) return absl::DataLossError("/api/v1/read: no ReadResponse");
  for (const proto::QueryResult& result : answer.results()) {
    for (const proto::TimeSeries& series : result.timeseries()) {
      promql::LabelsBuilder labels;
      for (const proto::Label& label : series.labels()) labels.Set(label.name(), label.value());
      const promql::Labels own = labels.Build();
      if (series.histograms_size() > 0) {
        return absl::UnimplementedError(own.ToString() +
                                        ": native histograms cannot be tested against yet");
      }
      std::map<int64_t, double>& times = history[own];
      for (const proto::Sample& sample : series.samples()) {
        samples += times.emplace(sample.timestamp(), sample.value()).second ? 1 : 0;
      }
    }
  }
  if (samples > kMaxSamples) {
    return MakeStatus(absl::StatusCode::kResourceExhausted,
                      "the rules read more than {} samples: test fewer rules, or a shorter time",
                      kMaxSamples);
  }
  return absl::OkStatus();
}

absl::StatusOr<History> Fetch(const std::string& server,
                              const std::vector<alerting::HistoryNeeded>& needed) {
  History history;
  size_t samples = 0;
  constexpr int64_t kPart = kHoursAtOnce * 3'600'000;
  for (const alerting::HistoryNeeded& one : needed) {
    for (int64_t from = one.min_t; from <= one.max_t; from += kPart) {
      const int64_t until = std::min(one.max_t, from + kPart - 1);
      ASSIGN_OR_RETURN(const std::string body, RemoteRead(server, one.matchers, from, until));
      RETURN_IF_ERROR(AddTo(history, body, samples));
    }
  }
  fmt::print(stderr, "{} series, {} samples\n", history.size(), samples);
  return history;
}

// Without a configuration a region is what the label `region` says.
promql::Topology TopologyOf(const History& history) {
  std::set<std::string> regions;
  for (const auto& [labels, samples] : history) {
    if (const auto region = labels.Get("region"); !region.empty()) regions.emplace(region);
  }
  promql::Topology topology;
  for (const std::string& region : regions) {
    topology.shards.push_back({region, "main", promql::Labels::From({{"region", region}})});
  }
  return topology;
}

int PartOf(const promql::Labels& labels, const promql::Topology& topology) {
  for (size_t i = 0; i < topology.shards.size(); ++i) {
    bool here = true;
    for (const promql::Label label : topology.shards[i].labels) {
      here = here && labels.Get(label.name) == label.value;
    }
    if (here) return static_cast<int>(i);
  }
  return alerting::kHere;
}

struct Loaded {
  std::vector<alerting::RuleGroup> groups;
  promql::Topology topology;
};

absl::Status LoadGroups(const BacktestRulesArguments& arguments, const Fs& fs,
                        const alerting::RuleFileDefaults& defaults, Loaded& loaded) {
  loaded.groups.clear();
  for (const std::string& file : arguments.files) {
    ASSIGN_OR_RETURN(const std::string content, fs.ReadFile(file, kMaxRuleFileBytes));
    ASSIGN_OR_RETURN(auto groups, alerting::LoadRuleFile(file, content, defaults, loaded.topology));
    std::move(groups.begin(), groups.end(), std::back_inserter(loaded.groups));
  }
  return absl::OkStatus();
}

std::string Iso(int64_t ms) { return aggregator::FormatRfc3339(ms * 1'000'000); }

void PrintTable(const BacktestReport& report) {
  for (const BacktestEvent& event : report.events) {
    fmt::print("{}  {:<8} {} {} at {}{}\n", Iso(event.time_ms), event.what,
               report.rules[event.rule].name, event.labels.ToString(), GoFloatG(event.value),
               event.what == "held" ? "  without " + event.unseen : "");
  }
  if (!report.events.empty()) fmt::print("\n");
  fmt::print("{:<40} {:>6} {:>10} {:>10} {:>13} {:>7} {:>7}\n", "rule", "fired", "firing", "held",
             "notifications", "evals", "failed");
  for (const BacktestRule& rule : report.rules) {
    fmt::print("{:<40} {:>6} {:>10} {:>10} {:>13} {:>7} {:>7}\n", rule.name, rule.fired,
               FormatDurationMillis(rule.firing_ms), FormatDurationMillis(rule.held_ms),
               rule.notifications, rule.evaluations, rule.failed);
    if (rule.failed > 0) fmt::print(stderr, "{}: {}\n", rule.name, rule.last_error);
  }
}

std::string Quoted(std::string_view text) {
  std::string out;
  AppendJsonString(text, out);
  return out;
}

void PrintJson(const BacktestReport& report) {
  std::string out = "{\"rules\":[";
  for (const BacktestRule& rule : report.rules) {
    out += fmt::format(
        "{}{{\"group\":{},\"rule\":{},\"alerting\":{},\"fired\":{},\"firing_seconds\":{},"
        "\"held_seconds\":{},\"notifications\":{},\"evaluations\":{},\"failed\":{},"
        "\"last_error\":{}}}",
        out.back() == '[' ? "" : ",", Quoted(rule.group), Quoted(rule.name), rule.alerting,
        rule.fired, static_cast<double>(rule.firing_ms) / 1000,
        static_cast<double>(rule.held_ms) / 1000, rule.notifications, rule.evaluations, rule.failed,
        Quoted(rule.last_error));
  }
  out += "],\"events\":[";
  for (const BacktestEvent& event : report.events) {
    std::string labels = "{";
    for (const promql::Label label : event.labels) {
      labels += (labels.size() > 1 ? "," : "") + Quoted(label.name) + ":" + Quoted(label.value);
    }
    out += fmt::format(
        "{}{{\"time\":{},\"rule\":{},\"what\":{},\"labels\":{}}},\"value\":{},"
        "\"unseen\":{}}}",
        out.back() == '[' ? "" : ",", Quoted(Iso(event.time_ms)),
        Quoted(report.rules[event.rule].name), Quoted(event.what), labels,
        Quoted(GoFloatG(event.value)), Quoted(event.unseen));
  }
  fmt::print("{}]}}\n", out);
}

// CSV's quotes: labels hold both quotes and commas.
std::string Cell(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

void PrintCsv(const BacktestReport& report) {
  fmt::print("time,what,rule,labels,value,unseen\n");
  for (const BacktestEvent& event : report.events) {
    fmt::print("{},{},{},{},{},{}\n", Iso(event.time_ms), event.what,
               Cell(report.rules[event.rule].name), Cell(event.labels.ToString()),
               GoFloatG(event.value), Cell(event.unseen));
  }
}

absl::StatusOr<BacktestReport> Run(const BacktestRulesArguments& arguments) {
  alerting::BacktestOptions options;
  ASSIGN_OR_RETURN(options.start_ms, TimeOf("--start", arguments.start));
  ASSIGN_OR_RETURN(options.end_ms, TimeOf("--end", arguments.end));
  if (options.end_ms < options.start_ms) {
    return InvalidArgument("--end: {} is before the start, {}", arguments.end, arguments.start);
  }
  for (const std::string& text : arguments.outages) {
    ASSIGN_OR_RETURN(alerting::Outage outage, OutageOf(text));
    options.outages.push_back(std::move(outage));
  }
  const std::unique_ptr<Fs> fs = NewRealFs();
  alerting::RuleFileDefaults defaults;
  Loaded loaded;
  if (!arguments.config.empty()) {
    ASSIGN_OR_RETURN(const Config config, LoadConfig(arguments.config, ProcessEnvironment, *fs));
    defaults.interval_ms = config.global.evaluation_interval_ms;
    defaults.query_offset_ms = config.global.rule_query_offset_ms;
    defaults.language = config.global.query.features.language;
    options.language.parse = defaults.language;
    loaded.topology = config.inventory.MakeTopology();
  }
  RETURN_IF_ERROR(LoadGroups(arguments, *fs, defaults, loaded));
  ASSIGN_OR_RETURN(const auto needed, alerting::HistoryFor(loaded.groups, options));
  ASSIGN_OR_RETURN(const History history, Fetch(arguments.server, needed));
  if (arguments.config.empty()) {
    loaded.topology = TopologyOf(history);
    RETURN_IF_ERROR(LoadGroups(arguments, *fs, defaults, loaded));  // which region decides a rule
  }
  alerting::SampleStore store;
  for (const auto& [labels, samples] : history) {
    const int part = PartOf(labels, loaded.topology);
    for (const auto& [time_ms, value] : samples) {
      RETURN_IF_ERROR(store.Append(labels, part, time_ms, value));
    }
  }
  return alerting::RunBacktest(std::move(loaded.groups), loaded.topology, options, store);
}

}  // namespace

int BacktestRules(const BacktestRulesArguments& arguments) {
  const auto report = Run(arguments);
  if (!report.ok()) return Fail(report.status());
  if (arguments.output == OutputForm::kJson) {
    PrintJson(*report);
  } else if (arguments.output == OutputForm::kCsv) {
    PrintCsv(*report);
  } else {
    PrintTable(*report);
  }
  return 0;
}

}  // namespace synoptic::app
