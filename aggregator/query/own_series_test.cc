// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Queries over regions and what was recorded here.
#include "aggregator/query/own_series.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "aggregator/query/service.h"
#include "aggregator/query/testing/fake_shard.h"
#include "net/async/testing.h"

namespace synoptic::aggregator {
namespace {

using promql::Labels;
using promql::RawSeries;
using promql::SampleColumns;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr int64_t kNow = 1'700'000'000'000;

RawSeries Series(std::vector<std::pair<std::string, std::string>> labels, double value,
                 int64_t from = kNow - 600'000, int64_t until = kNow) {
  SampleColumns samples;
  for (int64_t t = from; t <= until; t += 15'000) samples.push_back(t, value);
  return {Labels::From(std::move(labels)), std::move(samples)};
}

class OwnSeriesTest : public ::testing::Test {
 protected:
  OwnSeriesTest() {
    Upstreams upstreams;
    double value = 1;
    for (const char* name : {"eu", "us"}) {
      Region region;
      region.name = name;
      region.labels = Labels::From({{"region", name}});
      region.shards.emplace_back();
      upstreams.inventory.regions.push_back(region);
      regions_.push_back(std::make_shared<FakeShard>(
          loop_.clock, promql::TopologyShard{name, "main", region.labels},
          std::vector<std::string>{"region"},
          std::vector<RawSeries>{
              Series({{"__name__", "up"}, {"job", "db"}}, value),
              // The region records it, too, and has for longer.
              Series({{"__name__", "region:up:sum"}}, 100 * value, kNow - 1'200'000)}));
      upstreams.clients.push_back(regions_.back());
      value *= 2;
    }
    std::vector<RawSeries> recorded = {Series({{"__name__", "region:up:sum"}, {"region", "eu"}}, 1),
                                       Series({{"__name__", "region:up:sum"}, {"region", "us"}}, 2),
                                       Series({{"__name__", "global:up:sum"}}, 3)};
    upstreams.own_may_hold = [recorded](const std::vector<promql::Matcher>& matchers) {
      return std::any_of(recorded.begin(), recorded.end(), [&](const RawSeries& one) {
        return std::all_of(matchers.begin(), matchers.end(),
                           [&](const promql::Matcher& m) { return m.Matches(one.labels); });
      });
    };
    own_ =
        std::make_shared<FakeShard>(loop_.clock, promql::TopologyShard{kOwnRegion, kOwnShard, {}},
                                    std::vector<std::string>(), recorded);
    upstreams.own = own_;
    service_ = NewQueryService({}, std::move(upstreams), pool_, loop_.clock);
  }

  template <class Result>
  Result Run(boost::asio::awaitable<Result> task) {
    return loop_.Run(std::move(task));
  }
  absl::StatusOr<QueryAnswer> Ask(std::string text, int64_t at = kNow,
                                  std::vector<std::string> regions = {}) {
    QueryRequest request;
    request.text = std::move(text);
    request.grid = promql::Grid::Instant(at);
    request.deadline = Deadline::Infinite();
    request.regions = std::move(regions);
    return Run(service_->Query(std::move(request)));
  }
  std::vector<std::string> Text(std::string text, int64_t at = kNow) {
    const auto answer = Ask(std::move(text), at);
    if (!answer.ok()) return {answer.status().ToString()};
    std::vector<std::string> out;
    for (const promql::StepSeries& series : answer->value.series) {
      out.push_back(series.labels.ToString() + " " + std::to_string(series.values[0]).substr(0, 4));
    }
    return out;
  }

  AsyncTest loop_;
  ComputePool pool_{1};
  std::vector<std::shared_ptr<FakeShard>> regions_;
  std::shared_ptr<FakeShard> own_;
  std::unique_ptr<FederatedQueryService> service_;
};

TEST_F(OwnSeriesTest, KeepTheLabelsTheyWereRecordedWith) {
  EXPECT_THAT(Text("global:up:sum"), ElementsAre("global:up:sum 3.00"));
  EXPECT_THAT(Text("region:up:sum{region=\"us\"}"),
              ElementsAre("region:up:sum{region=\"us\"} 2.00"));
  EXPECT_THAT(Text("region:up:sum{region=~\"e.\"}"),
              ElementsAre("region:up:sum{region=\"eu\"} 1.00"));
}

TEST_F(OwnSeriesTest, WhatARegionHasTooCountsOnce) {
  EXPECT_THAT(Text("sum(region:up:sum)"), ElementsAre("{} 3.00"));
  EXPECT_THAT(Text("count(region:up:sum)"), ElementsAre("{} 2.00"));
  // Before it was recorded here the region's own counts.
  EXPECT_THAT(Text("sum(region:up:sum)", kNow - 700'000), ElementsAre("{} 300."));
}

TEST_F(OwnSeriesTest, JoinWithSeriesOfTheRegions) {
  EXPECT_THAT(Text("sum by (region) (up) / on (region) region:up:sum"),
              UnorderedElementsAre("{region=\"eu\"} 1.00", "{region=\"us\"} 1.00"));
  EXPECT_THAT(Text("sum(up) - scalar(global:up:sum)"), ElementsAre("{} 0.00"));
}

TEST_F(OwnSeriesTest, AreNotAskedWhereNoneCanMatch) {
  const auto answer = Ask("sum(up)");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(own_->asked, IsEmpty());
  EXPECT_THAT(regions_[0]->asked, ElementsAre("steps sum(up)"));
  EXPECT_EQ(answer->coverage.parts().size(), 2u);
}

TEST_F(OwnSeriesTest, TellWhenTheyAreMissing) {
  own_->fault = absl::DataLossError("a block is damaged");
  const auto answer = Ask("global:up:sum");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(answer->coverage.HeaderValue(), HasSubstr("partial; missing=synoptic("));
}

TEST_F(OwnSeriesTest, AreThereWhenAllRegionsAreDark) {
  for (const auto& region : regions_) region->fault = absl::UnavailableError("down");
  EXPECT_THAT(Text("global:up:sum"), ElementsAre("global:up:sum 3.00"));
  EXPECT_TRUE(absl::IsUnavailable(Ask("sum(up)").status()));
}

TEST_F(OwnSeriesTest, CanBeAskedForAlone) {
  const auto answer = Ask("region:up:sum", kNow, {kOwnRegion});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->value.series.size(), 2u);
  EXPECT_THAT(regions_[0]->asked, IsEmpty());
  EXPECT_THAT(Ask("region:up:sum", kNow, {"eu"})->value.series.size(), 1u);
}

TEST_F(OwnSeriesTest, AreListed) {
  LabelsQuery query;
  query.selectors = {"{__name__=~\".+:up:sum\"}"};
  query.min_t = kNow - 600'000;
  query.max_t = kNow;
  query.deadline = Deadline::Infinite();
  const auto series = Run(service_->Series(query));
  ASSERT_TRUE(series.ok()) << series.status();
  std::vector<std::string> listed;
  for (const Labels& labels : series->items.ToLabels()) listed.push_back(labels.ToString());
  EXPECT_THAT(listed, UnorderedElementsAre("global:up:sum", "region:up:sum{region=\"eu\"}",
                                           "region:up:sum{region=\"us\"}"));
  query.selectors = {"global:up:sum{region=\"\"}"};
  const auto values = Run(service_->LabelValues("__name__", query));
  ASSERT_TRUE(values.ok()) << values.status();
  EXPECT_THAT(values->items, ::testing::Contains("global:up:sum"));
}

}  // namespace
}  // namespace synoptic::aggregator
