// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aggregator/cache/fragment_cache.h"
#include "aggregator/query/testing/fake_shard.h"
#include "aggregator/upstream/reason.h"
#include "base/status.h"
#include "net/async/task_group.h"
#include "net/async/testing.h"

namespace synoptic::aggregator {
namespace {

using promql::Grid;
using promql::Labels;
using promql::RawSeries;
using promql::SampleColumns;
using promql::StepSeries;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr int64_t kNow = 1'700'000'000'000;

// up{job} = value, and x{job} = 10 * value, scraped every 15 s for ten minutes.
std::vector<RawSeries> Data(double value) {
  std::vector<RawSeries> out;
  for (const auto& [name, factor] : {std::pair("up", 1.0), std::pair("x", 10.0)}) {
    SampleColumns samples;
    for (int64_t t = kNow - 600'000; t <= kNow; t += 15'000) samples.push_back(t, value * factor);
    out.push_back({Labels::From({{"__name__", name}, {"job", "db"}}), std::move(samples)});
  }
  return out;
}

class ServiceTest : public ::testing::Test {
 protected:
  ServiceTest() { Start({}); }

  // Three regions with the values 1, 2, 4.
  void Start(QueryServiceOptions options) {
    Upstreams upstreams;
    shards.clear();
    double value = 1;
    for (const char* name : {"ap", "eu", "us"}) {
      Region region;
      region.name = name;
      region.labels = Labels::From({{"region", name}});
      region.policy = policies[name];
      region.shards.emplace_back();
      upstreams.inventory.regions.push_back(region);
      shards.push_back(std::make_shared<FakeShard>(
          loop.clock, promql::TopologyShard{name, "main", region.labels},
          std::vector<std::string>{"region"}, Data(value)));
      upstreams.clients.push_back(shards.back());
      value *= 2;
    }
    service = NewQueryService(options, std::move(upstreams), pool, loop.clock);
  }

  QueryRequest Instant(std::string text) {
    QueryRequest request;
    request.text = std::move(text);
    request.grid = Grid::Instant(kNow);
    request.deadline = Deadline::Infinite();  // no timer that Run could jump to
    return request;
  }

  // Turns the loop; when nothing has been ready for a while (the pool had its chance), moves the
  // clock to the next timer.
  template <class Result>
  Result Run(boost::asio::awaitable<Result> task) {
    auto slot = loop.Start(std::move(task));
    for (int idle = 0; !slot->has_value() && idle < 2'000;) {
      loop.context.restart();
      if (loop.context.run_one_for(std::chrono::milliseconds(5)) > 0) continue;
      ++idle;
      loop.clock.AdvanceToNextWake();
    }
    if (!slot->has_value()) return absl::DeadlineExceededError("the test's query did not end");
    return *std::move(*slot);
  }

  absl::StatusOr<QueryAnswer> Ask(std::string text) { return Run(service->Query(Instant(text))); }
  FakeShard& At(size_t i) { return *shards[i]; }

  std::map<std::string, RegionPolicy> policies = {{"ap", RegionPolicy::kDegrade},
                                                  {"eu", RegionPolicy::kDegrade},
                                                  {"us", RegionPolicy::kDegrade}};
  AsyncTest loop;
  ComputePool pool{1};
  std::vector<std::shared_ptr<FakeShard>> shards;
  std::unique_ptr<FederatedQueryService> service;
};

std::vector<std::string> Text(const QueryAnswer& answer) {
  std::vector<std::string> out;
  for (const StepSeries& series : answer.value.series) {
    out.push_back(series.labels.ToString() + " " + std::to_string(series.values[0]).substr(0, 4));
  }
  return out;
}

TEST_F(ServiceTest, AddsRegionsUp) {
  const auto answer = Ask("sum(up)");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(Text(*answer), ElementsAre("{} 7.00"));
  EXPECT_EQ(answer->coverage.HeaderValue(), "complete");
  EXPECT_EQ(answer->coverage.parts().size(), 3u);
  EXPECT_EQ(answer->coverage.parts()[0].replica, "fake");
  EXPECT_THAT(At(0).asked, ElementsAre("steps sum(up)"));
}

TEST_F(ServiceTest, PassesPointsOnWhereNothingIsToBeDone) {
  for (const std::string text : {"up", "(up)", "up + 1", "{__name__=~\"up|x\"} > 1", "sum(up)",
                                 "sum by (region) (up)", "nothing", "up or x", "topk(1, up)"}) {
    const auto answer = Ask(text);
    QueryRequest request = Instant(text);
    request.as_text = true;
    auto passed = Run(service->Query(std::move(request)));
    ASSERT_TRUE(answer.ok() && passed.ok()) << text << ": " << passed.status();
    EXPECT_EQ(passed->points != nullptr, !text.starts_with("sum(") && !text.starts_with("topk"))
        << text;
    EXPECT_EQ(passed->stats.samples_read, answer->stats.samples_read) << text;
    if (passed->points != nullptr) passed->value.series = passed->points->ToSeries();
    EXPECT_EQ(Text(*passed), Text(*answer)) << text;
  }
}

TEST_F(ServiceTest, ComputesHereWhatOneServerWouldComputeByOtherWindows) {
  const std::string text = "sum(count_over_time(x[1m])) + sum(max_over_time(x[1m:15s]))";
  const auto whole = Ask(text);
  ASSERT_TRUE(whole.ok()) << whole.status();
  At(1).fault = WithReason(absl::FailedPreconditionError("windows"), kWindowsReason);
  At(1).fault_on = "steps";
  At(0).asked.clear();
  At(1).asked.clear();
  QueryRequest request = Instant(text);
  request.explain = true;
  const auto answer = Run(service->Query(std::move(request)));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(Text(*answer), Text(*whole));
  EXPECT_THAT(answer->explain, HasSubstr("here: by windows unlike the server's"));
  for (const std::string& asked : At(0).asked) EXPECT_THAT(asked, StartsWith("steps"));
  EXPECT_EQ(std::count_if(At(1).asked.begin(), At(1).asked.end(),
                          [](const std::string& asked) { return asked.starts_with("raw "); }),
            2);
}

TEST_F(ServiceTest, ReadsRawWhatHasHistogramsInItsValue) {
  At(1).fault = WithReason(absl::FailedPreconditionError("native histograms"), kHistogramsReason);
  At(1).fault_on = "steps sum(x)";
  auto answer = Ask("sum(x) + sum(up)");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(Text(*answer), ElementsAre("{} 77.0"));
  EXPECT_EQ(answer->coverage.HeaderValue(), "complete");
  EXPECT_THAT(At(0).asked, ElementsAre("steps sum(x)", "steps sum(up)", "raw x", "steps sum(up)"));
  // What was learnt holds for other queries over the metric, and for that metric alone.
  At(0).asked.clear();
  answer = Ask("avg(x)");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(At(0).asked, ElementsAre("raw x"));
  At(0).asked.clear();
  ASSERT_TRUE(Ask("max(x)").ok());
  EXPECT_THAT(At(0).asked, ElementsAre("steps max(x)"));
}

TEST_F(ServiceTest, ReadsAllRawWhenNobodyKnowsWhereHistogramsComeFrom) {
  // A function that gives floats, as far as the planner knows.
  At(1).fault = WithReason(absl::FailedPreconditionError("native histograms"), kHistogramsReason);
  At(1).fault_on = "steps";
  const auto answer = Ask("max(abs(x))");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(Text(*answer), ElementsAre("{} 40.0"));
  EXPECT_THAT(At(0).asked, ElementsAre("steps max(abs(x))", "raw x"));
}

TEST_F(ServiceTest, KeepsRegionsApartByTheirLabels) {
  const auto answer = Ask("up{region!=\"eu\"}");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(Text(*answer), ElementsAre("up{job=\"db\", region=\"ap\"} 1.00",
                                         "up{job=\"db\", region=\"us\"} 4.00"));
  EXPECT_THAT(At(1).asked, IsEmpty());
  EXPECT_EQ(answer->coverage.parts()[1].state, PartState::kSkipped);
}

TEST_F(ServiceTest, ComparesAfterAggregating) {
  EXPECT_THAT(Text(*Ask("min(up) > 1")), IsEmpty());
  EXPECT_THAT(Text(*Ask("max(up) * -1")), ElementsAre("{} -4.0"));
  EXPECT_THAT(Text(*Ask("scalar(up{region=\"eu\"}) + sum(x) / sum(up)")), ElementsAre("{} 12.0"));
}

TEST_F(ServiceTest, EvaluatesRangesOnTheirGrid) {
  QueryRequest request = Instant("sum by (job) (rate(x[1m]))");
  request.grid = {kNow - 300'000, kNow, 60'000};
  request.range_query = true;
  const auto answer = Run(service->Query(request));
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->value.series.size(), 1u);
  EXPECT_THAT(answer->value.series[0].values, ElementsAre(0, 0, 0, 0, 0, 0));
}

TEST_F(ServiceTest, AsksNobodyForConstants) {
  const auto answer = Ask("1 + 1");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->value.series[0].values[0], 2);
  EXPECT_TRUE(answer->coverage.complete());
  for (const auto& shard : shards) EXPECT_THAT(shard->asked, IsEmpty());
}

TEST_F(ServiceTest, AnswersWithoutADarkRegionAndNamesIt) {
  At(1).fault = absl::UnavailableError("connection refused");
  const auto answer = Ask("sum(up)");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(Text(*answer), ElementsAre("{} 5.00"));
  EXPECT_EQ(answer->coverage.HeaderValue(), "partial; missing=eu(down)");
  EXPECT_EQ(answer->coverage.WarningLine(3), "partial: 1 of 3 regions missing: eu (down)");
}

TEST_F(ServiceTest, WaitsForASilentRegionItsDeadlineOnly) {
  At(2).delay = std::chrono::hours(1);
  const MonoTime start = loop.clock.Mono();
  const auto answer = Ask("sum(up)");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->coverage.HeaderValue(), "partial; missing=us(timeout)");
  EXPECT_EQ(loop.clock.Mono() - start, std::chrono::seconds(2));
}

TEST_F(ServiceTest, WaitsForAllWhenAllAreSlow) {
  for (const auto& shard : shards) shard->delay = std::chrono::seconds(5);
  At(2).delay = std::chrono::seconds(8);
  const auto answer = Ask("sum(up)");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(answer->coverage.complete());
}

TEST_F(ServiceTest, DoesNotAskARegionWhoseBreakerIsOpen) {
  At(0).up = false;
  const MonoTime start = loop.clock.Mono();
  const auto answer = Ask("sum(up)");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->coverage.HeaderValue(), "partial; missing=ap(breaker_open)");
  EXPECT_THAT(At(0).asked, IsEmpty());
  EXPECT_EQ(loop.clock.Mono(), start);
}

TEST_F(ServiceTest, DropsAllOfAShardThatAnsweredInPart) {
  // sum(x) answers everywhere, sum(up) does not in eu: the ratio must not mix three regions with
  // two.
  At(1).fault = absl::UnavailableError("connection reset");
  At(1).fault_on = "sum(up)";
  const auto answer = Ask("sum(x) / sum(up)");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(Text(*answer), ElementsAre("{} 10.0"));
  EXPECT_EQ(answer->coverage.HeaderValue(), "partial; missing=eu(down)");
}

TEST_F(ServiceTest, RefusesToAnswerWithoutARequiredRegion) {
  At(1).fault = absl::UnavailableError("connection refused");
  QueryRequest request = Instant("sum(up)");
  request.partial = PartialPolicy::kRequire;
  auto answer = Run(service->Query(request));
  EXPECT_TRUE(absl::IsUnavailable(answer.status())) << answer.status();
  EXPECT_THAT(std::string(MessageOf(answer.status())), HasSubstr("eu (down)"));

  policies["eu"] = RegionPolicy::kRequire;
  Start({});
  At(1).fault = absl::UnavailableError("connection refused");
  EXPECT_TRUE(absl::IsUnavailable(Ask("sum(up)").status()));
  request.partial = PartialPolicy::kDegrade;
  EXPECT_TRUE(Run(service->Query(request)).ok());
}

TEST_F(ServiceTest, SaysNothingOfAnOptionalRegion) {
  policies["eu"] = RegionPolicy::kOptional;
  Start({});
  At(1).fault = absl::UnavailableError("connection refused");
  const auto answer = Ask("sum(up)");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->coverage.WarningLine(3), std::nullopt);
  EXPECT_EQ(answer->coverage.HeaderValue(), "partial; missing=eu(down)");
  EXPECT_EQ(answer->coverage.parts()[1].reason, "down");
}

TEST_F(ServiceTest, ReadsStoredSamplesOfAllWhoMatch) {
  RawQuery query;
  const auto matcher = [](promql::MatchOp op, std::string name, std::string value) {
    return *promql::Matcher::Create(op, std::move(name), std::move(value));
  };
  query.selectors = {{matcher(promql::MatchOp::kEqual, "__name__", "up"),
                      matcher(promql::MatchOp::kNotEqual, "region", "eu")},
                     {matcher(promql::MatchOp::kEqual, "__name__", "up"),
                      matcher(promql::MatchOp::kEqual, "region", "us")}};
  query.min_t = kNow - 600'000;
  query.max_t = kNow;
  const auto answer = Run(service->Raw(query));
  ASSERT_TRUE(answer.ok()) << answer.status();
  std::vector<std::string> labels;
  for (const promql::RawSeries& one : answer->series) labels.push_back(one.labels.ToString());
  EXPECT_THAT(labels,
              ElementsAre("up{job=\"db\", region=\"ap\"}", "up{job=\"db\", region=\"us\"}"));
  EXPECT_THAT(At(1).asked, IsEmpty());
  EXPECT_EQ(answer->coverage.HeaderValue(), "complete");
  query.selectors.clear();
  EXPECT_THAT(Run(service->Raw(query))->series, IsEmpty());
}

TEST_F(ServiceTest, IsUnavailableWhenNobodyAnswers) {
  for (const auto& shard : shards) shard->fault = absl::UnavailableError("refused");
  const auto answer = Ask("sum(up)");
  EXPECT_TRUE(absl::IsUnavailable(answer.status())) << answer.status();
  EXPECT_THAT(std::string(MessageOf(answer.status())),
              HasSubstr("no region answered: ap/main (down), eu/main (down), us/main (down)"));
}

TEST_F(ServiceTest, IsUnavailableWithoutRegions) {
  service->SetUpstreams({});
  EXPECT_TRUE(absl::IsUnavailable(Ask("sum(up)").status()));
}

TEST_F(ServiceTest, FailsWhenAnUpstreamRefusesTheQueryItself) {
  At(1).fault = WithReason(absl::InvalidArgumentError("found duplicate series"), "query");
  const auto answer = Ask("sum(up)");
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(std::string(MessageOf(answer.status())),
            "region \"eu\" shard \"main\": found duplicate series");
}

TEST_F(ServiceTest, AsksOnlyTheRegionsNamed) {
  QueryRequest request = Instant("sum(up)");
  request.regions = {"us", "ap"};
  auto answer = Run(service->Query(request));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(Text(*answer), ElementsAre("{} 5.00"));
  EXPECT_THAT(At(1).asked, IsEmpty());
  request.regions = {"mars"};
  answer = Run(service->Query(request));
  EXPECT_TRUE(absl::IsInvalidArgument(answer.status()));
  EXPECT_THAT(std::string(MessageOf(answer.status())), HasSubstr("\"mars\""));
}

TEST_F(ServiceTest, NamesTheMistakeInAQuery) {
  EXPECT_THAT(std::string(MessageOf(Ask("sum(up").status())), StartsWith("1:"));
  QueryRequest request = Instant("up[5m]");
  request.range_query = true;
  EXPECT_EQ(std::string(MessageOf(Run(service->Query(request)).status())),
            "invalid expression type \"range vector\" for range query, must be Scalar or instant "
            "Vector");
}

TEST_F(ServiceTest, EndsAQueryOverItsMemory) {
  QueryServiceOptions options;
  options.max_memory_bytes = 100;
  Start(options);
  const auto answer = Ask("absent(up)");
  EXPECT_TRUE(absl::IsResourceExhausted(answer.status())) << answer.status();
  EXPECT_THAT(std::string(MessageOf(answer.status())), HasSubstr("query memory"));
}

TEST_F(ServiceTest, GivesMemoryBack) {
  QueryServiceOptions options;
  options.max_total_memory_bytes = 64 << 10;
  Start(options);
  for (int i = 0; i < 200; ++i) {
    At(0).fault = i % 3 == 0 ? absl::UnavailableError("refused") : absl::OkStatus();
    const auto answer = Ask("absent(up) or sum(x)");
    ASSERT_TRUE(answer.ok()) << i << ": " << answer.status();
  }
}

TEST_F(ServiceTest, TruncatesToTheLimit) {
  QueryRequest request = Instant("up");
  request.limit = 2;
  const auto answer = Run(service->Query(request));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->value.series.size(), 2u);
  EXPECT_THAT(answer->upstream_warnings, ElementsAre("results truncated due to limit"));
}

TEST_F(ServiceTest, ExplainsPlanAndCost) {
  QueryRequest request = Instant("sum(up)");
  request.explain = true;
  At(2).fault = absl::UnavailableError("refused");
  const auto answer = Run(service->Query(request));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(answer->explain,
              HasSubstr("#0 steps at 1700000000000 from [ap/main eu/main us/main]"));
  EXPECT_THAT(answer->explain, HasSubstr("#0 eu/main: 1 series"));
  EXPECT_THAT(answer->explain, HasSubstr("us/main: down: refused"));
}

TEST_F(ServiceTest, EndsWithTheClient) {
  for (const auto& shard : shards) shard->delay = std::chrono::hours(1);
  TaskGroup clients;
  struct Outcome {
    absl::Status status = absl::OkStatus();
  };
  const auto outcome = std::make_shared<Outcome>();
  const auto ask = [](FederatedQueryService& to, QueryRequest request,
                      std::shared_ptr<Outcome> out) -> Task<> {
    const auto answer = co_await to.Query(std::move(request));
    out->status = answer.status();
    co_return answer.status();
  };
  const TaskHandle client =
      clients.Spawn(loop.executor(), "client", ask(*service, Instant("sum(up)"), outcome));
  loop.Poll();
  EXPECT_FALSE(client.done());
  client.Cancel();
  for (int i = 0; i < 20 && !client.done(); ++i) loop.Poll();
  EXPECT_TRUE(client.done());
  const MonoTime start = loop.clock.Mono();
  EXPECT_TRUE(Run(service->Stop(Deadline::After(loop.clock, std::chrono::seconds(5)))).ok());
  EXPECT_LT(loop.clock.Mono() - start, std::chrono::seconds(5)) << "no leg is left waiting";
}

TEST_F(ServiceTest, TimesOutAtTheQueriesDeadlineWhenARequiredRegionIsSilent) {
  At(1).delay = std::chrono::hours(1);
  QueryRequest request = Instant("sum(up)");
  request.partial = PartialPolicy::kRequire;
  request.deadline = Deadline::After(loop.clock, std::chrono::seconds(10));
  const auto answer = Run(service->Query(request));
  EXPECT_TRUE(absl::IsDeadlineExceeded(answer.status())) << answer.status();
}

LabelsQuery AllLabels(std::vector<std::string> selectors = {}) {
  LabelsQuery query;
  query.selectors = std::move(selectors);
  query.min_t = kNow - 600'000;
  query.max_t = kNow;
  return query;
}

TEST_F(ServiceTest, MergesSeries) {
  const auto answer = Run(service->Series(AllLabels({"up{region=~\"eu|us\"}"})));
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->items.size(), 2u);
  EXPECT_EQ(answer->items.LabelsAt(0).ToString(), "up{job=\"db\", region=\"eu\"}");
  EXPECT_THAT(At(0).asked, IsEmpty());
}

TEST_F(ServiceTest, MergesLabelNamesAndValues) {
  auto names = Run(service->LabelNames(AllLabels()));
  ASSERT_TRUE(names.ok()) << names.status();
  EXPECT_THAT(names->items, ElementsAre("__name__", "job", "region"));

  auto values = Run(service->LabelValues("__name__", AllLabels()));
  ASSERT_TRUE(values.ok()) << values.status();
  EXPECT_THAT(values->items, ElementsAre("up", "x"));

  values = Run(service->LabelValues("region", AllLabels({"up{region!=\"eu\"}"})));
  ASSERT_TRUE(values.ok()) << values.status();
  EXPECT_THAT(values->items, ElementsAre("ap", "us"));

  values = Run(service->LabelValues("region", AllLabels({"nothing"})));
  ASSERT_TRUE(values.ok()) << values.status();
  EXPECT_THAT(values->items, IsEmpty());
}

class KeptListsTest : public ServiceTest {
 protected:
  KeptListsTest() : cache({}, loop.clock, pool, loop.executor()) {
    for (const auto& shard : shards)
      upstreams.caches.push_back(cache.Of({shard->region(), "main", ""}));
    for (const auto& shard : shards) {
      Region region;
      region.name = shard->region();
      region.labels = Labels::From({{"region", region.name}});
      region.shards.emplace_back();
      upstreams.inventory.regions.push_back(region);
      upstreams.clients.push_back(shard);
    }
    service = NewQueryService({}, upstreams, pool, loop.clock);
  }
  // How often a shard was asked for something: how far its samples have come is read beside that.
  size_t Asked(size_t shard, std::string_view what) {
    return static_cast<size_t>(std::count_if(
        At(shard).asked.begin(), At(shard).asked.end(),
        [&](const std::string& line) { return line.find(what) != std::string::npos; }));
  }

  FragmentCache cache;
  Upstreams upstreams;
};

TEST_F(KeptListsTest, AListIsAskedForOnceByAllWhoWantTheSame) {
  LabelsQuery query = AllLabels({"up{job=\"db\",region=~\"eu|us\"}"});
  query.explain = true;
  const auto first = Run(service->Series(query));
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(Asked(1, "series"), 1u);
  query.selectors = {"up{region=~\"eu|us\", job=\"db\"}"};
  const auto second = Run(service->Series(query));
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->items.ToLabels(), first->items.ToLabels());
  EXPECT_EQ(Asked(1, "series"), 1u);
  EXPECT_THAT(second->explain, HasSubstr("eu/main: 0 bytes from , cache: as it was asked for"));
  EXPECT_EQ(Asked(0, "series"), 0u);

  query.nocache = true;
  ASSERT_TRUE(Run(service->Series(query)).ok());
  EXPECT_EQ(Asked(1, "series"), 2u);
}

TEST_F(KeptListsTest, NamesValuesAndMetadataAreKeptApart) {
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(Run(service->LabelNames(AllLabels()))->items.size(), 3u);
    EXPECT_EQ(Run(service->LabelValues("__name__", AllLabels()))->items.size(), 2u);
    EXPECT_EQ(Run(service->LabelValues("job", AllLabels()))->items.size(), 1u);
    DocumentsQuery metadata{"metadata", "", Deadline::Infinite(), ""};
    metadata.may_be_old = true;
    EXPECT_EQ(Run(service->Documents(metadata))->items.size(), 3u);
    EXPECT_EQ(Run(service->Documents({"rules", "", Deadline::Infinite(), ""}))->items.size(), 3u);
  }
  EXPECT_EQ(Asked(0, "metadata"), 1u);
  EXPECT_EQ(Asked(0, "rules"), 2u) << "what rules are now is asked for each time";
  EXPECT_EQ(cache.lists().lists, 12);
  EXPECT_EQ(cache.lists().hits, 12);
}

TEST_F(KeptListsTest, ARegionThatIsDarkIsMissingAtOnceAndAskedWhenItReturns) {
  ASSERT_TRUE(Run(service->LabelNames(AllLabels())).ok());
  At(1).up = false;
  At(1).fault = absl::UnavailableError("refused");
  const auto without = Run(service->LabelNames(AllLabels()));
  ASSERT_TRUE(without.ok()) << without.status();
  EXPECT_THAT(without->coverage.HeaderValue(), HasSubstr("missing=eu"));
  At(1).up = true;
  At(1).fault = absl::OkStatus();
  const size_t before = Asked(1, "label names");
  const auto again = Run(service->LabelNames(AllLabels()));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_THAT(again->coverage.HeaderValue(), StartsWith("complete"));
  EXPECT_EQ(Asked(1, "label names"), before + 1);
  EXPECT_EQ(Asked(0, "label names"), 1u);
}

TEST_F(KeptListsTest, APurgeOfARegionForgetsItsLists) {
  ASSERT_TRUE(Run(service->LabelNames(AllLabels())).ok());
  FragmentFilter filter;
  filter.region = "us";
  EXPECT_EQ(*Run(cache.Purge(filter, Deadline::Infinite())), 1);
  EXPECT_EQ(cache.lists().lists, 2);
}

TEST_F(ServiceTest, LimitsListsWithAWarning) {
  LabelsQuery query = AllLabels();
  query.limit = 2;
  const auto names = Run(service->LabelNames(query));
  ASSERT_TRUE(names.ok()) << names.status();
  EXPECT_THAT(names->items, ElementsAre("__name__", "job"));
  EXPECT_THAT(names->warnings, ElementsAre("results truncated due to limit"));
}

TEST_F(ServiceTest, CollectsDocumentsOfThoseWhoAnswer) {
  At(0).fault = absl::UnavailableError("refused");
  const auto answer = Run(service->Documents({"metadata", "limit=1", Deadline::Infinite(), ""}));
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->items.size(), 2u);
  EXPECT_EQ(answer->items[0].data, "{\"region\":\"eu\"}");
  EXPECT_EQ(answer->coverage.HeaderValue(), "partial; missing=ap(down)");
}

}  // namespace
}  // namespace synoptic::aggregator
