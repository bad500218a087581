// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Documents in all their forms, against golden files (UPDATE_GOLDEN=1 rewrites them).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <numbers>
#include <sstream>

#include "base/fake_clock.h"
#include "base/status.h"
#include "net/async/runtime.h"
#include "reports/capacity_report.h"
#include "reports/testing.h"

namespace synoptic::reports {
namespace {

std::string FileText(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// Everything a document can hold, and text that must not become markup.
Document Sample() {
  Document document;
  document.kind = "capacity";
  document.title = "Capacity <of> \"us\" & eu";
  document.at_ms = 1'772'582'400'000;
  document.verdict = "Not every region can be lost";
  document.tone = Tone::kBad;
  document.warnings = {"eu is unseen (timeout) and counts as lost"};
  const int source = document.AddSource(
      {"sum by (region) (x{a=\"<b>\"})", "equal split", 12.5, "missing eu (timeout)"});
  Section section;
  section.title = "By | resource";
  section.paragraphs = {"Load moves by this model: equal split."};
  Table table;
  table.title = "Now";
  table.columns = {"resource", Column("load", "cores", true), Column("used", "", true)};
  Row row;
  row.source = source;
  row.cells = {"cpu {pool=\"a\"}", NumberCell(1234.5678), PercentCell(0.8125, Tone::kBad)};
  table.rows.push_back(row);
  row.cells = {"a, \"quoted\"", NumberCell(HUGE_VAL), SecondsCell(7500)};
  row.source = -1;
  table.rows.push_back(row);
  section.tables.push_back(table);
  Chart chart;
  chart.title = "cpu";
  chart.unit = "cores";
  chart.start_ms = document.at_ms;
  chart.step_ms = 3'600'000;
  chart.lines = {{"demand", {1, 2, std::nan(""), 4, 3}}, {"limit", {5, 5, 5, 5, 5}, true}};
  chart.band_low = {1, 1, 1, 2, 2};
  chart.band_high = {2, 3, 3, 5, 4};
  chart.source = source;
  section.charts.push_back(chart);
  document.sections.push_back(section);
  return document;
}

class Forms : public testing::TestWithParam<const char*> {};

TEST_P(Forms, AreAsWritten) {
  const Form form = *FormNamed(GetParam());
  const std::string text = Render(Sample(), form);
  const std::string path = fmt::format("reports/testdata/sample.{}", FileExtension(form));
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(path) << text;
  EXPECT_EQ(text, FileText(path)) << path;
}

INSTANTIATE_TEST_SUITE_P(All, Forms, testing::Values("text", "html", "markdown", "json", "csv"),
                         [](const auto& info) { return std::string(info.param); });

TEST(Html, IsOneFileThatRunsAndFetchesNothing) {
  const std::string html = RenderHtml(Sample());
  for (const char* banned : {"<script", "http://", "https://", "src=", "@import", "url("}) {
    EXPECT_THAT(html, testing::Not(testing::HasSubstr(banned)));
  }
  EXPECT_THAT(html, testing::Not(testing::HasSubstr("<of>")));
  EXPECT_THAT(html, testing::HasSubstr("prefers-color-scheme:dark"));
  EXPECT_THAT(html, testing::HasSubstr("@media print"));
}

TEST(Texts, AreShortAndNeverLie) {
  EXPECT_EQ(NumberText(0.012345), "0.01235");
  EXPECT_EQ(NumberText(12345.6), "12346");
  EXPECT_EQ(NumberText(-0.0), "0");
  EXPECT_EQ(PercentText(-0.0004), "0.0%");
  EXPECT_EQ(SecondsText(HUGE_VAL), "never");
  EXPECT_EQ(SecondsText(450), "7m30s");
  EXPECT_EQ(TimeText(1'772'582'405'999), "2026-03-04 00:00:05Z");
}

class CapacityReportTest : public testing::Test {
 protected:
  CapacityReportTest() : runtime_(StartRuntime(1)) {
    for (const char* name : {"us", "eu", "ap"}) {
      spec_.regions.push_back({name, promql::Labels::From({{"region", name}}), 1});
    }
    spec_.weights = WeightModel::kEqual;
    Resource cpu;
    cpu.name = "cpu";
    cpu.unit = "cores";
    cpu.demand.query = "used";
    cpu.supply.fixed = {{"us", 100}, {"eu", 100}, {"ap", 100}};
    spec_.resources = {cpu};
  }
  // A day's rhythm around `level`, by the hour.
  History PastOf(double level, int days = 28) const {
    History history;
    const int64_t hours = int64_t{days} * 24;
    history.grid = {0, (hours - 1) * 3'600'000, 3'600'000};
    for (size_t r = 0; r < 3; ++r) {
      std::vector<double> demand;
      for (int64_t h = 0; h < hours; ++h) {
        demand.push_back(level *
                         (1 + 0.3 * std::sin(2 * std::numbers::pi * static_cast<double>(h) / 24)));
      }
      history.demand.push_back(demand);
      history.supply.emplace_back(demand.size(), 100.0);
    }
    return history;
  }
  CapacitySpec spec_;
  FakeClock clock_;
  std::unique_ptr<Runtime> runtime_;
  TaskGroup tasks_;
  FakeQuerier querier_;
};

TEST_F(CapacityReportTest, ForecastsARhythmAndTellsItsRecord) {
  const Outlook outlook = OutlookOf(spec_, 0, PastOf(40));
  ASSERT_EQ(outlook.forecast.size(), 168);
  EXPECT_NEAR(outlook.forecast[5], 120 * (1 + 0.3 * std::sin(2 * std::numbers::pi * 5 / 24)), 1);
  ASSERT_TRUE(outlook.mape.has_value());
  EXPECT_LT(*outlook.mape, 0.01);
  EXPECT_EQ(outlook.limit, 160);
  EXPECT_FALSE(outlook.exceeds_in.has_value());
  // At the peak 52 + 26 fit into 80.
  EXPECT_EQ(outlook.n_plus_1_share, 1);
  const Outlook more = OutlookOf(spec_, 0, PastOf(50));
  EXPECT_LT(*more.n_plus_1_share, 1);
  EXPECT_GT(*more.n_plus_1_share, 0.4);
  EXPECT_TRUE(more.exceeds_in.has_value());
}

TEST_F(CapacityReportTest, SaysWhenThereIsTooLittleHistory) {
  const Outlook outlook = OutlookOf(spec_, 0, PastOf(40, 1));
  EXPECT_TRUE(outlook.forecast.empty());
  EXPECT_THAT(outlook.model, testing::HasSubstr("too little history"));
}

TEST_F(CapacityReportTest, IsWholeAndCarriesItsSources) {
  for (const char* name : {"us", "eu", "ap"}) {
    querier_.Set("used", promql::Labels::From({{"region", name}}), {60});
  }
  CapacityDesk desk(spec_);
  const auto document = BlockOn<absl::StatusOr<Document>>(
      runtime_->executor(),
      CapacityReport({querier_, tasks_, clock_}, desk, 1'772'582'400'000, Deadline::Infinite()));
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_EQ(document->verdict, "Not every region can be lost");
  for (const Section& section : document->sections) {
    for (const Table& table : section.tables) {
      for (const Row& row : table.rows) {
        EXPECT_GE(row.source, 0) << table.title;
        EXPECT_EQ(row.cells.size(), table.columns.size()) << table.title;
      }
    }
  }
  EXPECT_THAT(RenderText(*document), testing::HasSubstr("DOES_NOT_FIT"));
}

// The bar: 90 days of 5-minute data in 5 s; here the computing alone, over three regions.
TEST_F(CapacityReportTest, NinetyDaysOfFiveMinutesAreQuick) {
  const History history = PastOf(40, 90 * 12);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(OutlookOf(spec_, 0, history).forecast.empty());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

}  // namespace
}  // namespace synoptic::reports
