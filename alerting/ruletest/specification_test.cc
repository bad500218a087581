// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What Prometheus' specification of alert generators asks for, clause by clause, in the situations
// that its own suite plays through: samples every 15 s, groups of 30 s, half an hour in no time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "alerting/rule/group_runner.h"
#include "alerting/rule/rule_file.h"
#include "alerting/ruletest/memory_querier.h"
#include "alerting/ruletest/virtual_run.h"
#include "base/status.h"
#include "promql/parse/series_description.h"

namespace synoptic::alerting {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kSecond = 1000;
constexpr int64_t kMinute = 60 * kSecond;
constexpr int64_t kStart = 1'700'000'000'000;
constexpr int64_t kScrape = 15 * kSecond;
constexpr int64_t kInterval = 30 * kSecond;
constexpr int64_t kResend = kMinute;

// What was handed over at one evaluation; times are from the start.
struct Sent {
  int64_t at = 0;
  OutgoingAlert alert;
  int64_t starts() const { return alert.starts_at_ms - kStart; }
  int64_t ends() const { return alert.ends_at_ms - kStart; }
};

class Receiver final : public AlertSink {
 public:
  Task<> Deliver(std::vector<OutgoingAlert> alerts, Records) override {
    for (OutgoingAlert& alert : alerts) sent.push_back({now_ms - kStart, std::move(alert)});
    co_return absl::OkStatus();
  }
  std::vector<Sent> sent;
  int64_t now_ms = 0;
};

class SpecificationTest : public ::testing::Test {
 protected:
  void Load(const std::string& rules) {
    const std::string text =
        absl::StrCat("groups: [{name: g, interval: 30s, rules: [", rules, "]}]");
    RuleFileDefaults defaults;
    auto groups = LoadRuleFile("spec.yaml", text, defaults, topology_);
    ASSERT_TRUE(groups.ok()) << groups.status();
    GroupOptions options;
    options.external_url = "http://synoptic";
    options.resend_delay_ms = kResend;
    runner_ = std::make_unique<GroupRunner>(std::move(groups->front()), options,
                                            GroupServices{querier_, receiver_, clock_, &store_});
  }

  // Values as promtool writes them, one every 15 s.
  void Series(const std::string& labels, const std::string& values) {
    auto parsed = promql::ParseSeriesDescription(labels + " " + values);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    for (size_t i = 0; i < parsed->items.size(); ++i) {
      if (parsed->items[i].omitted) continue;
      ASSERT_TRUE(store_
                      .Append(parsed->labels, kHere, kStart + static_cast<int64_t>(i) * kScrape,
                              parsed->items[i].value)
                      .ok());
    }
  }

  // Evaluates up to `until`, and calls `look` after each.
  template <class Look>
  void RunUntil(int64_t until, Look look) {
    for (int64_t at = 0; at <= until; at += kInterval) {
      clock_.Set(kStart + at);
      querier_.SetNow(kStart + at);
      receiver_.now_ms = kStart + at;
      ASSERT_TRUE(RunHere(runner_->Evaluate(kStart + at)).ok());
      look(at);
    }
  }

  // `pending`, `firing`, or `inactive`, as /api/v1/rules has it.
  std::string State(size_t rule) const {
    std::string state = "inactive";
    for (const auto& [labels, alert] : runner_->rules()[rule].state.alerts) {
      if (alert.status == AlertStatus::kFiring) return "firing";
      if (alert.status == AlertStatus::kPending) state = "pending";
    }
    return state;
  }
  const Alert* Only(size_t rule) const {
    const auto& alerts = runner_->rules()[rule].state.alerts;
    return alerts.size() == 1 ? &alerts.begin()->second : nullptr;
  }
  // Times at which an alert was sent, by whether it was firing.
  std::vector<int64_t> Times(bool firing, int64_t from, int64_t until) const {
    std::vector<int64_t> times;
    for (const Sent& one : receiver_.sent) {
      if (one.alert.firing() == firing && one.at >= from && one.at <= until) {
        times.push_back(one.at);
      }
    }
    return times;
  }
  // ALERTS as they are at a time: `firing {labels without the metric's name}`.
  std::vector<std::string> AlertsAt(int64_t at) {
    querier_.SetNow(kStart + at);
    std::vector<std::string> out;
    const auto answer = querier_.Ask("ALERTS", kStart + at);
    EXPECT_TRUE(answer.ok());
    if (!answer.ok()) return out;
    for (const RuleAnswer::Element& element : answer->elements) {
      EXPECT_EQ(element.value, 1);
      out.push_back(element.labels.ToString());
    }
    return out;
  }

  promql::Topology topology_;
  SampleStore store_;
  SampleStore::Language language_;
  MemoryQuerier querier_{store_, topology_, language_, {}};
  Receiver receiver_;
  VirtualClock clock_;
  std::unique_ptr<GroupRunner> runner_;
};

std::vector<int64_t> EveryMinute(int64_t from, int64_t until) {
  std::vector<int64_t> times;
  for (int64_t t = from; t <= until; t += kResend) times.push_back(t);
  return times;
}

TEST_F(SpecificationTest, PendingThenFiringThenResolvedThenAllOfItAgain) {
  Load(R"({alert: A, expr: 'm > 10', for: 6m, labels: {foo: bar},
           annotations: {summary: 'The value is {{$value}} {{.Value}}'}})");
  // Active from 2m, 15 from 5m15s, 19 from 13m15s, over at 17m30s; active again from 22m30s on,
  // over at 33m45s.
  Series("m{a=\"b\"}", "3 5x2 9x3 11x12 15x31 19x16 9x19 15x44 8x79");
  const int64_t active = 2 * kMinute, fires = 8 * kMinute;
  int64_t resolves = 0, again = 0, fires_again = 0, over = 0;
  RunUntil(52 * kMinute, [&](int64_t at) {
    const std::string state = State(0);
    if (at < active) EXPECT_EQ(state, "inactive") << at;
    if (at >= active && at < fires) {
      ASSERT_EQ(state, "pending") << at;
      EXPECT_EQ(Only(0)->active_at_ms - kStart, active);
      // Annotations follow the value while it is pending, too.
      EXPECT_EQ(Only(0)->annotations.at("summary"),
                at < 5 * kMinute + kScrape ? "The value is 11 11" : "The value is 15 15");
      EXPECT_THAT(receiver_.sent, IsEmpty());
    }
    if (at == fires) EXPECT_EQ(state, "firing");
    if (at > fires && state == "inactive" && resolves == 0) resolves = at;
    if (resolves > 0 && state == "pending" && again == 0) again = at;
    if (again > 0 && state == "firing" && fires_again == 0) fires_again = at;
    if (fires_again > 0 && state == "inactive" && over == 0) over = at;
  });
  ASSERT_GT(over, 0);
  EXPECT_EQ(resolves % kInterval, 0);
  EXPECT_EQ(fires_again - again, 6 * kMinute);
  // Sent when it fired, then at the first interval that is a resend delay later, and so on.
  EXPECT_EQ(Times(true, 0, resolves), EveryMinute(fires, resolves - 1));
  EXPECT_EQ(Times(true, resolves, over), EveryMinute(fires_again, over - 1));
  // Resolved: repeated as long as no new alert has its labels.
  EXPECT_EQ(Times(false, 0, again), EveryMinute(resolves, again - 1));
  EXPECT_THAT(Times(false, again, over - 1), IsEmpty());
  // And for a quarter of an hour at most.
  EXPECT_EQ(Times(false, over, 52 * kMinute), EveryMinute(over, over + 15 * kMinute));
  for (const Sent& one : receiver_.sent) {
    const bool first = one.at < again;
    EXPECT_EQ(one.starts(), first ? fires : fires_again);
    EXPECT_EQ(one.ends(), one.alert.firing() ? one.at + 4 * kResend : (first ? resolves : over));
    EXPECT_EQ(one.alert.labels.ToString(), R"({a="b", alertname="A", foo="bar"})");
    EXPECT_TRUE(one.alert.generator_url.view().starts_with("http://synoptic/graph?g0.expr="));
  }
  EXPECT_EQ(receiver_.sent.front().alert.annotations.at("summary"), "The value is 15 15");
}

TEST_F(SpecificationTest, PendingOnlyIsNeverSent) {
  Load(R"({alert: A, expr: 'm > 10', for: 3m, labels: {foo: bar}},
          {alert: Never, expr: 'm > 99', for: 3m})");
  Series("m{end=\"resolved\"}", "3 5x2 9x3 11x10 9x40");
  Series("m{end=\"gone\"}", "3 5x2 9x3 11x10 stale");
  RunUntil(14 * kMinute, [&](int64_t at) {
    const bool active = at >= 2 * kMinute && at < 5 * kMinute;
    EXPECT_EQ(State(0), active ? "pending" : "inactive") << at;
    EXPECT_EQ(State(1), "inactive");
  });
  EXPECT_THAT(receiver_.sent, IsEmpty());
}

TEST_F(SpecificationTest, SeriesThatEndResolveWhatFires) {
  Load("{alert: A, expr: 'm > 10'}");
  Series("m", "3x3 11x3 stale _x40");
  RunUntil(10 * kMinute, [](int64_t) {});
  EXPECT_EQ(Times(true, 0, 10 * kMinute), EveryMinute(kMinute, kMinute));
  ASSERT_FALSE(Times(false, 0, 10 * kMinute).empty());
  EXPECT_EQ(Times(false, 0, 10 * kMinute).front(), 2 * kMinute);
  EXPECT_THAT(AlertsAt(10 * kMinute), IsEmpty());
}

TEST_F(SpecificationTest, WithoutForAnAlertFiresAtOnceAndWithAShortOneAtTheNextEvaluation) {
  Load(R"({alert: Zero, expr: 'm > 10'}, {alert: Short, expr: 'm > 13', for: 15s})");
  // 15 from 2m to 5m; long enough over for the resolved alert to be forgotten; 11 from 24m.
  Series("m", "3 5x2 9x3 15x12 9x75 11x12 9x20");
  RunUntil(33 * kMinute, [&](int64_t at) {
    if (at == 2 * kMinute) {
      EXPECT_EQ(State(0), "firing");
      EXPECT_EQ(State(1), "pending");
    }
    if (at == 2 * kMinute + kInterval) EXPECT_EQ(State(1), "firing");
  });
  std::vector<Sent> zero, small;
  for (const Sent& one : receiver_.sent) {
    (one.alert.labels.Get("alertname") == "Zero" ? zero : small).push_back(one);
  }
  ASSERT_FALSE(zero.empty() || small.empty());
  EXPECT_EQ(zero.front().at, 2 * kMinute);
  EXPECT_EQ(small.front().at, 2 * kMinute + kInterval);
  EXPECT_EQ(small.front().starts(), small.front().at);
  int64_t gap = 0;  // the longest silence between two messages about it
  for (size_t i = 1; i < zero.size(); ++i) gap = std::max(gap, zero[i].at - zero[i - 1].at);
  EXPECT_GT(gap, 2 * kMinute);
  // After it, a new alert with a start of its own.
  EXPECT_GT(zero.back().starts(), 20 * kMinute);
  for (const Sent& one : small) EXPECT_LT(one.starts(), 20 * kMinute);
}

TEST_F(SpecificationTest, LaterRulesReadTheAlertsOfEarlierOnes) {
  Load(R"({alert: First, expr: 'm > 10', for: 3m, labels: {foo: bar},
           annotations: {description: d}},
          {alert: Second, labels: {foo: baz},
           expr: '(ALERTS{alertstate="firing",alertname="First",variant="one"} + ignoring (variant)
                   ALERTS{alertstate="firing",alertname="First",variant="two"}) == 2',
           annotations: {description: 'Old alertname was {{$labels.alertname}}. foo was {{.Labels.foo}}.'}})");
  Series("m{variant=\"one\"}", "1x7 11x64 9x20");
  Series("m{variant=\"two\"}", "1x31 11x32 9x28");
  int64_t both = 0;
  RunUntil(22 * kMinute, [&](int64_t at) {
    size_t firing = 0;
    for (const auto& [labels, alert] : runner_->rules()[0].state.alerts) {
      firing += alert.status == AlertStatus::kFiring ? 1 : 0;
    }
    // In the same evaluation.
    EXPECT_EQ(State(1), firing == 2 ? "firing" : "inactive") << at;
    if (firing == 2 && both == 0) both = at;
    if (at == 10 * kMinute) {
      // One fires already, the other is new.
      EXPECT_EQ(firing, 1u);
      EXPECT_EQ(runner_->rules()[0].state.alerts.size(), 2u);
    }
  });
  EXPECT_EQ(both, 11 * kMinute);
  for (const Sent& one : receiver_.sent) {
    if (one.alert.labels.Get("alertname") != "Second") continue;
    // The template sees the labels of the result, not those that the rule sets.
    EXPECT_EQ(one.alert.annotations.at("description"), "Old alertname was First. foo was bar.");
    EXPECT_EQ(one.alert.labels.Get("foo"), "baz");
  }
}

TEST_F(SpecificationTest, AlertsAreSeriesWhoseNameAndStateAreTheirOwn) {
  Load("{alert: A, expr: 'm > 10', for: 1m, labels: {severity: page, alertstate: mine}}");
  Series("m{alertstate=\"theirs\",alertname=\"old\"}", "11x12 3x10");
  RunUntil(4 * kMinute, [&](int64_t at) {
    if (at == kInterval) {
      EXPECT_THAT(AlertsAt(at),
                  ElementsAre(R"(ALERTS{alertname="A", alertstate="pending", severity="page"})"));
    }
    if (at == kMinute) {
      EXPECT_THAT(AlertsAt(at),
                  ElementsAre(R"(ALERTS{alertname="A", alertstate="firing", severity="page"})"));
    }
    if (at == 4 * kMinute) EXPECT_THAT(AlertsAt(at), IsEmpty());
  });
}

TEST_F(SpecificationTest, ResultsThatBecomeOneAlertAreAnErrorAndNothingIsSent) {
  Load("{alert: A, expr: 'm > 10', labels: {job: one}}");
  Series("m{job=\"a\"}", "11x8");
  Series("m{job=\"b\"}", "11x8");
  RunUntil(2 * kMinute, [](int64_t) {});
  EXPECT_THAT(receiver_.sent, IsEmpty());
  EXPECT_THAT(AlertsAt(2 * kMinute), IsEmpty());
  EXPECT_EQ(runner_->rules()[0].health, RuleHealth::kError);
  EXPECT_FALSE(runner_->rules()[0].last_error.empty());
}

TEST_F(SpecificationTest, TemplatesKnowTheFunctionsOfTheReference) {
  Load(R"({alert: A, expr: 'm > 10', annotations: {
      numbers: '{{humanize 1048576}} {{humanize1024 1048576}} {{humanizeDuration 135.3563}} {{humanizePercentage 0.959}} {{humanizeTimestamp 1643114203}}',
      texts: '{{title "this part"}} {{toUpper "is"}} {{toLower "SO"}} {{stripPort "[::1]:6006"}} {{stripPort "127.0.0.1:4004"}} {{parseDuration "2h10m15s"}}',
      matches: '{{if match "[0-9]+" "1234"}}{{reReplaceAll "r.*d" "replaced" "rpld text"}}{{end}}{{if match "[0-9]+$" "1234a"}}wrong{{end}}',
      queries: '{{define "t"}}{{.arg0}} {{.arg1}}: {{with query "ids"}}{{. | sortByLabel "id" | first | label "id"}}{{range sortByLabel "id" .}} {{. | label "id"}}={{. | value}}{{end}}{{end}}{{end}}{{template "t" (args "foo" 99)}}'}})");
  Series("m", "11x4");
  Series("ids{id=\"2\"}", "20x4");
  Series("ids{id=\"1\"}", "10x4");
  RunUntil(kInterval, [](int64_t) {});
  ASSERT_NE(Only(0), nullptr);
  const auto& text = Only(0)->annotations;
  EXPECT_EQ(text.at("numbers"), "1.049M 1Mi 2m 15s 95.9% 2022-01-25 12:36:43 +0000 UTC");
  EXPECT_EQ(text.at("texts"), "This Part IS so ::1 127.0.0.1 7815");
  EXPECT_EQ(text.at("matches"), "replaced text");
  EXPECT_EQ(text.at("queries"), "foo 99: 1 1=10 2=20");
}

}  // namespace
}  // namespace synoptic::alerting
