// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/ruletest/test_run.h"

#include <algorithm>
#include <set>

#include "alerting/rule/group_runner.h"
#include "alerting/rule/rule_file.h"
#include "alerting/ruletest/test_check.h"
#include "alerting/ruletest/virtual_run.h"
#include "base/duration.h"
#include "base/status.h"
#include "base/strings.h"
#include "promql/parse/series_description.h"
#include "re2/re2.h"

namespace synoptic::alerting {
namespace {

constexpr size_t kMaxRuleFileBytes = 4 << 20;

class NoAlerts final : public AlertSink {
 public:
  Task<> Deliver(std::vector<OutgoingAlert>, Records) override { co_return absl::OkStatus(); }
};

promql::Topology TopologyOf(const RuleTestGroup& group) {
  promql::Topology topology;
  for (const std::string& region : group.regions) {
    topology.shards.push_back({region, "main", promql::Labels::From({{"region", region}})});
  }
  return topology;
}

// One test of a file: its samples, rules and checks.
class Run {
 public:
  Run(const RuleTestFile& file, const RuleTestGroup& group, const Fs& fs,
      const RuleTestOptions& options)
      : file_(file),
        group_(group),
        fs_(fs),
        options_(options),
        topology_(TopologyOf(group)),
        language_{options.language, 300'000, file.evaluation_interval_ms,
                  options.delayed_name_removal},
        querier_(store_, topology_, language_, ShiftedOutages(group)) {}

  const std::vector<std::string>& warnings() const { return warnings_; }

  std::vector<std::string> Errors() {
    for (const absl::Status& status : {LoadInput(), LoadRules()}) {
      if (!status.ok()) errors_.emplace_back(MessageOf(status));
    }
    if (!errors_.empty() || !EvaluateAll()) return errors_;
    querier_.SetNow(last_ms_);
    for (const ExprCase& expr_case : group_.expr_cases) {
      const auto answer = ElementsAt(expr_case);
      Note(CompareSamples(expr_case, answer, file_.fuzzy_compare));
    }
    return errors_;
  }

 private:
  struct Input {
    promql::Labels labels;
    int part = kHere;
    std::vector<promql::SeriesItem> items;
  };

  static std::vector<Outage> ShiftedOutages(const RuleTestGroup& group) {
    std::vector<Outage> outages = group.outages;
    for (Outage& outage : outages) {
      outage.from_ms += group.start_ms;
      if (outage.to_ms != INT64_MAX) outage.to_ms += group.start_ms;
    }
    return outages;
  }

  void Note(std::string error) {
    if (!error.empty()) errors_.push_back(std::move(error));
  }

  // Where the series lives, and under which labels it is seen from here.
  void Place(const std::string& region, Input& input) const {
    const std::string own(input.labels.Get("region"));
    const std::string& wanted = region.empty() ? own : region;
    for (size_t i = 0; i < topology_.shards.size(); ++i) {
      if (topology_.shards[i].region == wanted) input.part = static_cast<int>(i);
    }
    if (input.part == kHere) return;
    promql::LabelsBuilder labels(input.labels);
    if (!own.empty() && own != wanted) labels.Set("exported_region", own);
    labels.Set("region", wanted);
    input.labels = labels.Build();
  }

  absl::Status LoadInput() {
    std::map<promql::Labels, size_t> places;
    for (const InputSeries& series : group_.input) {
      auto parsed = promql::ParseSeriesDescription(series.series + " " + series.values);
      if (!parsed.ok()) {
        return InvalidArgument("input series {}: {}", series.series, MessageOf(parsed.status()));
      }
      Input input{parsed->labels, kHere, std::move(parsed->items)};
      Place(series.region, input);
      // Of one series the last line counts.
      const auto [it, inserted] = places.emplace(input.labels, input_.size());
      if (inserted) {
        input_.push_back(std::move(input));
      } else {
        input_[it->second] = std::move(input);
      }
    }
    return absl::OkStatus();
  }

  absl::Status LoadRules() {
    RuleFileDefaults defaults;
    defaults.interval_ms = group_.interval_ms;
    defaults.language = options_.language;
    for (const std::string& file : file_.rule_files) {
      ASSIGN_OR_RETURN(const std::string content, fs_.ReadFile(file, kMaxRuleFileBytes));
      ASSIGN_OR_RETURN(std::vector<RuleGroup> groups,
                       LoadRuleFile(file, content, defaults, topology_));
      for (RuleGroup& group : groups) {
        const GroupOptions options = {group_.external_labels, group_.external_url, 60'000};
        const GroupServices services = {querier_, no_alerts_, clock_, &store_};
        runners_.push_back(std::make_unique<GroupRunner>(std::move(group), options, services));
      }
    }
    // Groups without a rank come with the first one, all in the order of their files.
    std::multimap<int, std::unique_ptr<GroupRunner>> ranked;
    for (auto& runner : runners_) {
      const auto it = file_.group_order.find(runner->group().name);
      ranked.emplace(it == file_.group_order.end() ? 0 : it->second, std::move(runner));
    }
    runners_.clear();
    for (auto& [rank, runner] : ranked) runners_.push_back(std::move(runner));
    return absl::OkStatus();
  }

  // Samples up to `until_ms` come in.
  bool Feed(int64_t until_ms) {
    for (; fed_ < MaxItems() && TimeOf(fed_) <= until_ms; ++fed_) {
      for (const Input& input : input_) {
        if (fed_ >= input.items.size() || input.items[fed_].omitted) continue;
        const promql::SeriesItem& item = input.items[fed_];
        const absl::Status status =
            store_.Append(input.labels, input.part, TimeOf(fed_), item.value, item.histogram);
        if (!status.ok()) {
          Note(fmt::format("{}: {}", input.labels.ToString(), MessageOf(status)));
          return false;
        }
      }
    }
    return true;
  }
  int64_t TimeOf(size_t i) const {
    return group_.start_ms + static_cast<int64_t>(i) * group_.interval_ms;
  }
  size_t MaxItems() const {
    size_t most = 0;
    for (const Input& input : input_) most = std::max(most, input.items.size());
    return most;
  }

  // False when a rule failed: nothing after that means anything.
  bool EvaluateAll() {
    const int64_t interval_ms = file_.evaluation_interval_ms;
    int64_t longest = 0;
    for (const AlertCase& c : group_.alert_cases) longest = std::max(longest, c.eval_time_ms);
    for (const ExprCase& c : group_.expr_cases) longest = std::max(longest, c.eval_time_ms);
    for (int64_t passed = 0; passed <= longest; passed += interval_ms) {
      last_ms_ = group_.start_ms + passed;
      if (!Feed(last_ms_)) return false;
      clock_.Set(last_ms_);
      querier_.SetNow(last_ms_);
      for (const auto& runner : runners_) {
        const absl::Status status = RunHere(runner->Evaluate(last_ms_));
        if (!status.ok()) Note(std::string(MessageOf(status)));
        for (const RunningRule& rule : runner->rules()) {
          if (rule.health != RuleHealth::kError || IsBlind(rule)) continue;
          Note(fmt::format("    rule: {}, time: {}, err: {}", rule.rule.name(),
                           FormatDurationMillis(last_ms_), rule.last_error));
          failed_ = true;
        }
      }
      if (failed_) return false;
      for (const AlertCase& alert_case : group_.alert_cases) {
        const int64_t at = alert_case.eval_time_ms;
        if (passed <= at && at < passed + interval_ms) CheckAlerts(alert_case);
      }
    }
    last_ms_ = group_.start_ms + longest;
    return true;
  }

  // on_partial: fail is meant to fail in the dark.
  static bool IsBlind(const RunningRule& rule) {
    return rule.last_error.starts_with("parts are unseen");
  }

  void CheckAlerts(const AlertCase& alert_case) {
    std::vector<const Alert*> firing;
    for (const auto& runner : runners_) {
      for (const RunningRule& rule : runner->rules()) {
        if (!rule.rule.alerting() || rule.rule.alert != alert_case.alertname) continue;
        for (const auto& [labels, alert] : rule.state.alerts) {
          if (alert.status == AlertStatus::kFiring) firing.push_back(&alert);
        }
      }
    }
    Note(CompareAlerts(group_, alert_case, firing));
  }

  // Tests from the days of Prometheus 2 call a function by its old name.
  std::string Renamed(const std::string& expr) {
    static constexpr std::string_view kOld = "holt_winters(";
    const size_t at = expr.find(kOld);
    if (at == std::string::npos || options_.language.experimental_functions) return expr;
    language_.parse.experimental_functions = true;
    warnings_.emplace_back("holt_winters is double_exponential_smoothing since Prometheus 3");
    return expr.substr(0, at) + "double_exponential_smoothing(" + expr.substr(at + kOld.size());
  }

  // At any time, by what is there at the end of the test; in the dark of that time.
  absl::StatusOr<std::vector<RuleAnswer::Element>> ElementsAt(const ExprCase& expr_case) {
    const int64_t time_ms = group_.start_ms + expr_case.eval_time_ms;
    SampleStore::View view;
    for (const Outage& outage : ShiftedOutages(group_)) {
      if (time_ms < outage.from_ms || time_ms >= outage.to_ms) continue;
      for (size_t i = 0; i < topology_.shards.size(); ++i) {
        if (topology_.shards[i].region == outage.region) view.dark.insert(static_cast<int>(i));
      }
    }
    ASSIGN_OR_RETURN(const promql::EvalResult result,
                     store_.Query(Renamed(expr_case.expr), promql::Grid::Instant(time_ms), false,
                                  view, language_));
    return ElementsOf(result.value);
  }

  const RuleTestFile& file_;
  const RuleTestGroup& group_;
  const Fs& fs_;
  const RuleTestOptions& options_;
  const promql::Topology topology_;
  SampleStore::Language language_;
  SampleStore store_;
  MemoryQuerier querier_;
  NoAlerts no_alerts_;
  VirtualClock clock_;
  std::vector<std::unique_ptr<GroupRunner>> runners_;
  std::vector<Input> input_;
  std::vector<std::string> errors_;
  std::vector<std::string> warnings_;
  size_t fed_ = 0;
  int64_t last_ms_ = 0;
  bool failed_ = false;
};

}  // namespace

bool RuleTestReport::ok() const {
  return std::all_of(cases.begin(), cases.end(), [](const Case& c) { return c.errors.empty(); });
}

absl::StatusOr<RuleTestReport> RunRuleTests(const std::string& file, const Fs& fs,
                                            const RuleTestOptions& options) {
  const RE2 wanted(Join(options.run, "|"), RE2::Quiet);
  if (!wanted.ok()) {
    return InvalidArgument("--run: {}: {}", Join(options.run, "|"), wanted.error());
  }
  ASSIGN_OR_RETURN(const RuleTestFile parsed, LoadRuleTestFile(file, fs));
  RuleTestReport report;
  report.warnings = parsed.warnings;
  for (size_t i = 0; i < parsed.tests.size(); ++i) {
    const RuleTestGroup& group = parsed.tests[i];
    if (!RE2::PartialMatch(group.name, wanted)) continue;
    RuleTestReport::Case& result = report.cases.emplace_back();
    result.name = group.name.empty() ? fmt::format("unnamed#{}", i) : group.name;
    Run run(parsed, group, fs, options);
    result.errors = run.Errors();
    report.warnings.insert(report.warnings.end(), run.warnings().begin(), run.warnings().end());
  }
  return report;
}

}  // namespace synoptic::alerting
