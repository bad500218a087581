// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/ruletest/backtest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "alerting/rule/rule_file.h"
#include "base/strings.h"

namespace synoptic::alerting {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kMinute = 60'000;
constexpr int64_t kHour = 60 * kMinute;

class BacktestTest : public ::testing::Test {
 protected:
  BacktestTest() {
    for (const char* region : {"eu", "us"}) {
      topology_.shards.push_back({region, "main", promql::Labels::From({{"region", region}})});
    }
    options_.start_ms = kHour;
    options_.end_ms = 2 * kHour;
  }

  std::vector<RuleGroup> Rules(const std::string& rules) {
    const std::string text =
        absl::StrCat("groups: [{name: g, interval: 1m, rules: [", rules, "]}]");
    auto groups = LoadRuleFile("f.yaml", text, {}, topology_);
    EXPECT_TRUE(groups.ok()) << groups.status();
    return groups.ok() ? *std::move(groups) : std::vector<RuleGroup>();
  }

  // A gauge of one region from 0 to 3 h, a sample a minute: `high` within [from, to), else 0.
  void Lag(int part, int64_t from, int64_t to, double high = 90) {
    const promql::Labels labels = promql::Labels::From(
        {{"__name__", "lag"}, {"region", topology_.shards[static_cast<size_t>(part)].region}});
    for (int64_t t = 0; t <= 3 * kHour; t += kMinute) {
      ASSERT_TRUE(history_.Append(labels, part, t, t >= from && t < to ? high : 0).ok());
    }
  }

  // Minutes after the start, what, where.
  std::vector<std::string> Events(const BacktestReport& report) const {
    std::vector<std::string> out;
    for (const BacktestEvent& event : report.events) {
      const std::string_view region = event.labels.Get("region");
      out.push_back(absl::StrCat((event.time_ms - options_.start_ms) / kMinute, " ", event.what,
                                 region.empty() ? "" : " ", ToAbsl(region)));
    }
    return out;
  }

  promql::Topology topology_;
  BacktestOptions options_;
  SampleStore history_;
};

TEST_F(BacktestTest, TellsWhatWouldHaveFiredAndForHowLong) {
  Lag(0, kHour + 10 * kMinute, kHour + 30 * kMinute);
  Lag(1, kHour + 40 * kMinute, kHour + 42 * kMinute);
  const auto report =
      RunBacktest(Rules("{alert: A, expr: 'lag > 60', for: 5m}"), topology_, options_, history_);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(Events(*report), ElementsAre("10 pending eu", "15 firing eu", "30 resolved eu",
                                           "40 pending us", "42 over us"));
  ASSERT_EQ(report->rules.size(), 1u);
  const BacktestRule& rule = report->rules[0];
  EXPECT_EQ(rule.evaluations, 60);
  EXPECT_EQ(rule.failed, 0);
  EXPECT_EQ(rule.fired, 1);
  EXPECT_EQ(rule.firing_ms, 15 * kMinute);
  EXPECT_EQ(rule.held_ms, 0);
  EXPECT_EQ(rule.notifications, 2);
}

TEST_F(BacktestTest, AnOutageHoldsWhatFiresAndFiresNothing) {
  Lag(0, kHour + 10 * kMinute, kHour + 30 * kMinute);
  Lag(1, kHour + 25 * kMinute, kHour + 32 * kMinute);
  options_.outages.push_back({"eu", kHour + 20 * kMinute, kHour + 40 * kMinute});
  const auto report = RunBacktest(
      Rules("{alert: A, expr: 'lag > 60'}, {alert: B, expr: 'absent(lag{region=\"eu\"})'}"),
      topology_, options_, history_);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(Events(*report), ElementsAre("10 firing eu", "20 held eu", "25 firing us",
                                           "32 resolved us", "40 resolved eu"));
  EXPECT_EQ(report->rules[0].held_ms, 20 * kMinute);
  EXPECT_THAT(report->events[1].unseen, HasSubstr("eu"));
  EXPECT_EQ(report->rules[1].fired, 0);
}

TEST_F(BacktestTest, RulesReadWhatOthersRecord) {
  Lag(0, kHour + 10 * kMinute, kHour + 20 * kMinute, 7);
  const auto report = RunBacktest(Rules("{record: r, expr: 'max(lag)'}, {alert: A, expr: 'r > 5'}"),
                                  topology_, options_, history_);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(Events(*report), ElementsAre("10 firing", "20 resolved"));
}

TEST_F(BacktestTest, NeedsWhatItsRulesLookAtAndNoMore) {
  const auto needed = HistoryFor(
      Rules("{record: r, expr: 'rate(x{a=\"b\"}[10m] offset 1h)'}, {alert: A, expr: 'r > 5'},"
            "{alert: B, expr: 'max_over_time(y[30m:1m]) > 1', clear: 'z < 1'},"
            "{alert: C, expr: 'rate(x{a=\"b\"}[5m]) > 0'}"),
      options_);
  ASSERT_TRUE(needed.ok()) << needed.status();
  ASSERT_EQ(needed->size(), 3u);
  EXPECT_LE((*needed)[0].min_t, kHour - kHour - 10 * kMinute + 1);
  EXPECT_EQ((*needed)[0].max_t, 2 * kHour);
  EXPECT_LE((*needed)[1].min_t, kHour - 34 * kMinute);
  EXPECT_EQ((*needed)[2].matchers[0].value(), "z");
}

TEST_F(BacktestTest, AnOutageOfNoRegionIsAnError) {
  options_.outages.push_back({"mars", 0, kHour});
  const auto report =
      RunBacktest(Rules("{alert: A, expr: 'lag > 60'}"), topology_, options_, history_);
  EXPECT_THAT(report.status().message(), HasSubstr("no region \"mars\": have eu, us"));
}

}  // namespace
}  // namespace synoptic::alerting
