// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/slo_desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aggregator/store/testing.h"
#include "alerting/rule/memory_record_sink.h"
#include "alerting/slo/slo_file.h"
#include "app/slo_alerts.h"
#include "base/fake_clock.h"
#include "net/async/runtime.h"
#include "reports/testing.h"

namespace synoptic::app {
namespace {

constexpr int64_t kNow = 1'772'600'405'000;  // a whole minute, and the time to settle

promql::Labels In(std::string region) {
  return promql::Labels::From({{"region", std::move(region)}});
}

class SloDeskTest : public testing::Test {
 protected:
  SloDeskTest() : runtime_(StartRuntime(1)), slo_querier_(desk_) {
    auto slos = alerting::LoadSloFile("s.yaml",
                                      "slos:\n- name: a\n  service: s\n  objective: 99.9%\n  sli: "
                                      "{events: {bad: e, total: t}}\n");
    EXPECT_TRUE(slos.ok()) << slos.status();
    slos_ = *std::move(slos);
    desk_.Apply(slos_, {{"us", In("us"), 1}, {"eu", In("eu"), 1}});
    rules_ = BurnRules(slos_, 30'000, &slo_querier_);
  }

  // What one region counts in a minute; an hour is sixty of them.
  void Counts(const std::string& region, double bad, double total) {
    const alerting::Sli& sli = slos_[0].sli;
    for (const auto& [window, minutes] : {std::pair("1m", 1), {"1h", 60}}) {
      querier_.Set(alerting::Sli::Over(sli.bad, window), In(region), {bad * minutes});
      querier_.Set(alerting::Sli::Over(sli.total, window), In(region), {total * minutes});
    }
  }
  void Refresh(int64_t now_ms) {
    const absl::Status status = BlockOn<absl::Status>(
        runtime_->executor(),
        desk_.Refresh({querier_, tasks_, clock_}, now_ms, Deadline::Infinite()));
    EXPECT_TRUE(status.ok()) << status;
  }
  alerting::RuleAnswer Ask(size_t rule, int64_t now_ms) {
    auto answer = BlockOn<absl::StatusOr<alerting::RuleAnswer>>(
        runtime_->executor(),
        slo_querier_.Instant(rules_.at(0).rules.at(rule).expr, now_ms, Deadline::Infinite()));
    EXPECT_TRUE(answer.ok()) << answer.status();
    return *std::move(answer);
  }

  FakeClock clock_;
  std::unique_ptr<Runtime> runtime_;
  TaskGroup tasks_;
  reports::FakeQuerier querier_;
  SloDesk desk_;
  SloQuerier slo_querier_;
  std::vector<alerting::Slo> slos_;
  std::vector<alerting::RuleGroup> rules_;
};

TEST_F(SloDeskTest, AnObjectiveThatBurnsPagesByItself) {
  Counts("us", 5, 100);
  Counts("eu", 0, 100);
  ASSERT_EQ(rules_.size(), 1u);
  ASSERT_EQ(rules_[0].rules.size(), 2u);  // a page and a ticket
  EXPECT_EQ(rules_[0].rules[0].labels.at("severity"), "page");
  EXPECT_EQ(rules_[0].rules[0].labels.at("sloth_id"), "s-a");
  // Before anything was counted nothing is known: held, whatever it was.
  EXPECT_FALSE(Ask(0, kNow).complete);
  Refresh(kNow);
  const alerting::RuleAnswer page = Ask(0, kNow);
  EXPECT_TRUE(page.complete);
  ASSERT_EQ(page.elements.size(), 1u);
  EXPECT_NEAR(page.elements[0].value, 25, 1e-9);  // 2.5 % of a budget of 0.1 %
  const auto json = desk_.JsonOf("s-a", kNow);
  ASSERT_TRUE(json.ok()) << json.status();
  EXPECT_THAT(*json, testing::HasSubstr("\"region\":\"us\",\"bad\":"));
  EXPECT_THAT(*json, testing::HasSubstr("\"bad_share\":1,"));
  EXPECT_EQ(desk_.JsonOf("s-b", kNow).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(SloDeskTest, WhatADarkRegionDecidesIsHeldAndThenCorrected) {
  Counts("us", 0, 100);
  Counts("eu", 0, 100);
  Refresh(kNow);
  EXPECT_TRUE(Ask(0, kNow).elements.empty());
  querier_.Dark("eu", "timeout");
  int64_t now = kNow;
  for (int minute = 0; minute < 6; ++minute) Refresh(now += 60'000);
  const alerting::RuleAnswer dark = Ask(0, now);
  EXPECT_FALSE(dark.complete);
  EXPECT_EQ(dark.missing, "missing eu (timeout)");
  querier_.Light();
  Refresh(now += 60'000);
  EXPECT_TRUE(Ask(0, now).complete);
  EXPECT_TRUE(Ask(0, now).elements.empty());
  EXPECT_THAT(*desk_.JsonOf("", now), testing::HasSubstr("\"unobserved_share\":0,"));
}

TEST_F(SloDeskTest, AMinuteCostsTwoQuestions) {
  Counts("us", 0, 100);
  Counts("eu", 0, 100);
  Refresh(kNow);
  querier_.asked.clear();
  Refresh(kNow + 30'000);
  EXPECT_EQ(querier_.asked.size(), 0u);
  Refresh(kNow + 60'000);
  EXPECT_EQ(querier_.asked.size(), 2u);
}

TEST_F(SloDeskTest, AMinuteIsCountedOnceItsScrapesAreDone) {
  EXPECT_EQ(SloDesk::NextCountMs(kNow), kNow + 60'000);  // this one can be by now
  EXPECT_EQ(SloDesk::NextCountMs(kNow - 1), kNow);
  EXPECT_EQ(SloDesk::NextCountMs(kNow + 59'999), kNow + 60'000);
}

TEST_F(SloDeskTest, AReloadKeepsWhatWasCounted) {
  Counts("us", 5, 100);
  Counts("eu", 0, 100);
  Refresh(kNow);
  desk_.Apply(slos_, {{"us", In("us"), 1}, {"eu", In("eu"), 1}});
  EXPECT_EQ(Ask(0, kNow).elements.size(), 1u);
}

TEST_F(SloDeskTest, TooFewEventsAreTold) {
  Counts("us", 0, 0.5);
  Counts("eu", 0, 0.5);
  Refresh(kNow);
  const auto document = desk_.DocumentOf("", kNow);
  ASSERT_TRUE(document.ok());
  EXPECT_THAT(
      document->warnings,
      testing::ElementsAre(testing::HasSubstr("s-a: 60 events in 1h; below 70 one failure alone")));
}

// Budgets are gauges, and series for whoever keeps them.
TEST_F(SloDeskTest, BudgetsAreSeries) {
  Counts("us", 0.1, 100);
  Counts("eu", 0, 100);
  Refresh(kNow);
  Metrics metrics;
  alerting::MemoryRecordSink sink;
  OwnSeries series(metrics, &sink);
  desk_.Tell(series, kNow);
  ASSERT_TRUE(series.Keep("objectives", kNow, 60'000).ok());
  EXPECT_THAT(metrics.Expose(), testing::HasSubstr("synoptic_slo_burn_rate"));
  EXPECT_EQ(sink.lines.size(), 4u);
}

// Pyrra waits: each of its windows is an alert, with its `for`.
TEST_F(SloDeskTest, WindowsThatWaitAreAlertsOfTheirOwn) {
  std::vector<alerting::Slo> slos = slos_;
  for (alerting::BurnWindow& window : slos[0].windows) window.for_s = 120;
  const auto rules = BurnRules(slos, 30'000, &slo_querier_);
  ASSERT_EQ(rules[0].rules.size(), slos[0].windows.size());
  EXPECT_EQ(rules[0].rules[0].for_ms, 120'000);
  EXPECT_EQ(rules[0].rules[0].labels.at("long"), "1h");
}

// Another process begins with what this one counted.
class KeptCountsTest : public SloDeskTest {
 protected:
  KeptCountsTest() : pool_(1) {
    EXPECT_TRUE(std::filesystem::create_directories(scratch_.path()));
    Open();
    desk_.KeepIn(store_, pool_);
    Counts("us", 5, 100);
    Counts("eu", 0, 100);
  }
  void Open() {
    store_.reset();
    auto opened = aggregator::SeriesStore::Open(
        {.path = scratch_.path(), .retention_ms = int64_t{40} * 86'400'000}, kNow);
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
  }
  // What another process, begun now, says and asks.
  struct Next {
    std::string json;
    std::vector<std::string> asked;
  };
  Next Restarted(const std::vector<alerting::Slo>& slos, int64_t now_ms) {
    desk_ = SloDesk();
    Open();
    SloDesk next;
    next.KeepIn(store_, pool_);
    next.Apply(slos, {{"us", In("us"), 1}, {"eu", In("eu"), 1}});
    querier_.asked.clear();
    const absl::Status status = BlockOn<absl::Status>(
        runtime_->executor(),
        next.Refresh({querier_, tasks_, clock_}, now_ms, Deadline::Infinite()));
    EXPECT_TRUE(status.ok()) << status;
    return {next.JsonOf("", now_ms).value_or("no answer"), querier_.asked};
  }

  aggregator::ScratchDirectory scratch_;
  ComputePool pool_;
  std::shared_ptr<aggregator::SeriesStore> store_;
};

TEST_F(KeptCountsTest, ARestartAsksNothingAgain) {
  Refresh(kNow);
  const std::string before = *desk_.JsonOf("", kNow);
  const Next next = Restarted(slos_, kNow);
  EXPECT_THAT(next.asked, testing::IsEmpty());
  // But for what is only known of the newest question.
  const auto without_coverage = [](std::string text) {
    const size_t at = text.find("\"coverage\"");
    return text.erase(at, text.find("\"query\"") - at);
  };
  EXPECT_EQ(without_coverage(next.json), without_coverage(before));
  EXPECT_EQ(Restarted(slos_, kNow + 120'000).asked.size(), 2u);  // the two minutes since
}

TEST_F(KeptCountsTest, WhatARegionToldLaterIsKeptToo) {
  querier_.Dark("eu", "timeout");
  Refresh(kNow);
  EXPECT_THAT(*desk_.JsonOf("", kNow), testing::HasSubstr("\"unobserved_share\":0.5,"));
  querier_.Light();
  Refresh(kNow + 60'000);
  const Next next = Restarted(slos_, kNow + 60'000);
  EXPECT_THAT(next.asked, testing::IsEmpty());
  EXPECT_THAT(next.json, testing::HasSubstr("\"unobserved_share\":0,"));
}

TEST_F(KeptCountsTest, CountsOfAnotherExpressionAreNotMixedIn) {
  Refresh(kNow);
  std::vector<alerting::Slo> other = slos_;
  other[0].sli.bad = "rate(another[$window])";
  EXPECT_FALSE(Restarted(other, kNow).asked.empty());
  // Another target counts the same.
  other = slos_;
  other[0].objective = 0.99;
  EXPECT_THAT(Restarted(other, kNow).asked, testing::IsEmpty());
}

TEST_F(KeptCountsTest, CountsAreSeriesThatEverybodyCanQuery) {
  Refresh(kNow);
  const std::vector<std::string> lines = aggregator::ReadText(
      *store_, "synoptic_slo_bad_events{slo=\"a\",region=\"us\",slot=\"1m\"}", kNow - 65'000, kNow);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_THAT(lines[0], testing::HasSubstr("5@"));
}

}  // namespace
}  // namespace synoptic::app
