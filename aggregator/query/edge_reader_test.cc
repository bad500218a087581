// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/edge_reader.h"

#include <gtest/gtest.h>

#include "aggregator/cache/fragment_cache.h"
#include "aggregator/query/testing/fake_shard.h"
#include "base/status.h"
#include "net/async/testing.h"

namespace synoptic::aggregator {
namespace {

constexpr int64_t kNow = 1'700'000'000'000;

TEST(DelaysOf, AreReadOffConfigurationAndFlags) {
  const std::string flags = R"({"web.enable-remote-write-receiver":"false"})";
  const struct {
    const char* config;
    std::string flags;
    int64_t scrape_ms, others_ms;  // -1: nothing
  } cases[] = {
      {R"({"yaml":"global:\n  scrape_timeout: 10s\n"})", flags, 10'000, 0},
      {R"({"yaml":"  scrape_timeout: 5s\n"})", flags, 10'000, 0},
      {R"({"yaml":"  scrape_timeout: 10s\n- job_name: a\n  scrape_timeout: 1m30s\n"})", flags,
       90'000, 0},
      {R"({"yaml":"  scrape_timeout: 10s\n  out_of_order_time_window: 30m\n"})", flags, 10'000,
       1'800'000},
      {R"({"yaml":"  scrape_timeout: 10s\n  rule_query_offset: 1m\n"})", flags, 10'000, 60'000},
      {R"({"yaml":"  scrape_timeout: 10s\n"})", R"({"web.enable-remote-write-receiver":"true"})",
       -1, 0},
      {R"({"yaml":"  scrape_timeout: 10s\n"})", R"({"web.enable-otlp-receiver":"true"})", -1, 0},
      {R"({"yaml":""})", flags, -1, 0},
      {R"({"yaml":"  scrape_timeout: 10s\n"})", "", -1, 0},
  };
  for (const auto& one : cases) {
    const auto delays = DelaysOf(one.config, one.flags);
    EXPECT_EQ(delays ? delays->scrape_ms : -1, one.scrape_ms) << one.config;
    if (delays) EXPECT_EQ(delays->others_ms, one.others_ms) << one.config;
  }
}

TEST(RuleGroupsOf, TakesWhatIsRecordedAndWhen) {
  const auto groups = RuleGroupsOf(R"({"groups":[
      {"name":"a","rules":[{"type":"alerting","name":"A"},{"type":"recording","name":"x:y"}],
       "evaluationTime":0.0121,"lastEvaluation":"2023-11-14T22:13:20.5Z"},
      {"name":"b","rules":[],"evaluationTime":0,"lastEvaluation":"0001-01-01T00:00:00Z"}]})");
  ASSERT_TRUE(groups.ok()) << groups.status();
  ASSERT_EQ(groups->size(), 2);
  EXPECT_EQ((*groups)[0].recorded, "x:y");
  EXPECT_EQ((*groups)[0].last_ms, kNow + 500);
  EXPECT_EQ((*groups)[0].took_ms, 13);
  EXPECT_EQ((*groups)[1].recorded, "");
  EXPECT_FALSE(RuleGroupsOf("{}").ok());
  EXPECT_FALSE(RuleGroupsOf("nonsense").ok());
}

// Tells of itself what a test says.
class TellingShard final : public ShardClient {
 public:
  TellingShard(const Clock& clock, std::vector<promql::RawSeries> series)
      : shard_(clock, {"eu", "main", {}}, {}, std::move(series)) {}

  std::string flags = R"({"web.enable-remote-write-receiver":"false"})";
  std::string rules = R"({"groups":[]})";
  absl::Status json = absl::OkStatus();

  Task<JsonAnswer> Json(std::string path, std::string, std::string, Deadline) override {
    CO_RETURN_IF_ERROR(json);
    if (path == "status/config") co_return JsonAnswer{"scrape_timeout: 10s\\n", {}};
    co_return JsonAnswer{path == "status/flags" ? flags : rules, {}};
  }
  Task<StepAnswer> Steps(StepRequest request, Deadline at, MemoryBudget* budget) override {
    return shard_.Steps(std::move(request), at, budget);
  }
  Task<RawAnswer> Raw(RawRequest request, Deadline at, MemoryBudget* budget) override {
    return shard_.Raw(std::move(request), at, budget);
  }
  Task<SeriesList> Series(LabelsRequest request, Deadline at, MemoryBudget* budget) override {
    return shard_.Series(std::move(request), at, budget);
  }
  Task<ListOf<std::string>> LabelNames(LabelsRequest request, Deadline at) override {
    return shard_.LabelNames(std::move(request), at);
  }
  Task<ListOf<std::string>> LabelValues(std::string name, LabelsRequest request,
                                        Deadline at) override {
    return shard_.LabelValues(std::move(name), std::move(request), at);
  }
  bool available() const override { return true; }
  const std::string& region() const override { return shard_.region(); }
  const std::string& shard() const override { return shard_.shard(); }

 private:
  FakeShard shard_;
};

class EdgeReaderTest : public testing::Test {
 protected:
  EdgeReaderTest() {
    loop_.clock.AdvanceMillis(kNow - loop_.clock.WallMillis());
    cache_ = std::make_unique<FragmentCache>(FragmentCacheOptions(), loop_.clock, pool_,
                                             loop_.executor());
    door_ = cache_->Of({"eu", "main", ""});
  }

  static promql::RawSeries Series(promql::Labels labels, int64_t newest) {
    promql::SampleColumns samples;
    for (int64_t t = newest - 600'000; t <= newest; t += 15'000) samples.push_back(t, 1);
    return {std::move(labels), std::move(samples), {}};
  }
  static promql::RawSeries Up(const char* instance, int64_t newest) {
    return Series(promql::Labels::From({{"__name__", "up"}, {"instance", instance}}), newest);
  }
  // How old the edge is after one reading.
  int64_t Age(const std::shared_ptr<TellingShard>& shard, bool tells = true) {
    const auto reader = std::make_shared<EdgeReader>(shard, door_, "up", tells, loop_.clock);
    const auto status =
        loop_.Run(EdgeReader::Read(reader, Deadline::After(loop_.clock, std::chrono::seconds(5))));
    EXPECT_TRUE(status.ok()) << status;
    return kNow - door_->edge().At(kNow);
  }
  std::shared_ptr<TellingShard> Shard(std::vector<promql::RawSeries> series) {
    return std::make_shared<TellingShard>(loop_.clock, std::move(series));
  }

  AsyncTest loop_;
  ComputePool pool_{1};
  std::unique_ptr<FragmentCache> cache_;
  std::shared_ptr<ShardCache> door_;
};

TEST_F(EdgeReaderTest, TheSlowestTargetDecides) {
  EXPECT_EQ(Age(Shard({Up("a", kNow - 1'000), Up("b", kNow - 12'000)})), 22'000);
}

TEST_F(EdgeReaderTest, WhoTakesSamplesFromOthersIsTrustedAsUsual) {
  const auto shard = Shard({Up("a", kNow - 1'000)});
  shard->flags = R"({"web.enable-remote-write-receiver":"true"})";
  EXPECT_EQ(Age(shard), 120'000);
}

TEST_F(EdgeReaderTest, WhoDoesNotTellIsTrustedAsUsualButNotBeyondItsCanaries) {
  const auto shard = Shard({Up("a", kNow - 1'000)});
  shard->json = absl::NotFoundError("no");
  EXPECT_EQ(Age(shard), 120'000);
}

TEST_F(EdgeReaderTest, NoPrometheusIsTrustedAsUsual) {
  EXPECT_EQ(Age(Shard({Up("a", kNow - 1'000)}), /*tells=*/false), 120'000);
}

TEST_F(EdgeReaderTest, CanariesThatStandStillHoldTheEdge) {
  EXPECT_EQ(Age(Shard({Up("a", kNow - 280'000)}), /*tells=*/false), 280'000);
}

TEST_F(EdgeReaderTest, RulesThatWriteLateHoldTheEdge) {
  const auto shard =
      Shard({Up("a", kNow - 1'000),
             Series(promql::Labels::From({{"__name__", "late:sum"}}), kNow - 65'000),
             Series(promql::Labels::From({{"__name__", "prompt:sum"}}), kNow - 5'000)});
  shard->rules = R"({"groups":[
      {"rules":[{"type":"recording","name":"late:sum"}],"evaluationTime":2,
       "lastEvaluation":"2023-11-14T22:13:15Z"},
      {"rules":[{"type":"recording","name":"prompt:sum"}],"evaluationTime":0.1,
       "lastEvaluation":"2023-11-14T22:13:15Z"},
      {"rules":[{"type":"recording","name":"nothing:sum"}],"evaluationTime":0.1,
       "lastEvaluation":"2023-11-14T22:13:15Z"}]})";
  EXPECT_EQ(Age(shard), 67'000) << "60 s of offset, 2 s of work, 5 s to spare";
}

TEST_F(EdgeReaderTest, RulesThatCannotBeReadLeaveItAsUsual) {
  const auto shard = Shard({Up("a", kNow - 1'000)});
  shard->rules = "nonsense";
  EXPECT_EQ(Age(shard), 120'000);
}

}  // namespace
}  // namespace synoptic::aggregator
