// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/edge_reader.h"

#include <gtest/gtest.h>

#include <map>

#include "aggregator/cache/fragment_cache.h"
#include "aggregator/query/testing/fake_shard.h"
#include "base/status.h"
#include "fmt/format.h"
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
      {"name":"a","file":"f.yml","rules":[{"type":"alerting","name":"A"},{"type":"recording","name":"x:y"}],
       "evaluationTime":0.0121,"lastEvaluation":"2023-11-14T22:13:20.5Z"},
      {"name":"b","rules":[],"evaluationTime":0,"lastEvaluation":"0001-01-01T00:00:00Z"}]})");
  ASSERT_TRUE(groups.ok()) << groups.status();
  ASSERT_EQ(groups->size(), 2);
  EXPECT_EQ((*groups)[0].recorded, std::vector<std::string>{"x:y"});
  EXPECT_EQ((*groups)[0].name, "f.yml\na");
  EXPECT_EQ((*groups)[0].last_ms, kNow + 500);
  EXPECT_EQ((*groups)[0].took_ms, 13);
  EXPECT_TRUE((*groups)[1].recorded.empty());
  EXPECT_FALSE(RuleGroupsOf("{}").ok());
  EXPECT_FALSE(RuleGroupsOf("nonsense").ok());
}

TEST(EpochOf, ChangesWithTheProcessItsSettingsItsDamagesAndHowLongItKeepsData) {
  const auto info = [](const char* began, const char* configured, int damages, const char* keeps) {
    return EpochOf(fmt::format(R"({{"startTime":"{}","goroutineCount":{},"lastConfigTime":"{}",)"
                               R"("corruptionCount":{},"storageRetention":"{}"}})",
                               began, ::rand() % 1000, configured, damages, keeps))
        .value();
  };
  const std::string one = info("a", "b", 0, "15d");
  EXPECT_EQ(one, info("a", "b", 0, "15d"));
  for (const std::string& other : {info("z", "b", 0, "15d"), info("a", "z", 0, "15d"),
                                   info("a", "b", 1, "15d"), info("a", "b", 0, "1d")}) {
    EXPECT_NE(one, other);
  }
  EXPECT_FALSE(EpochOf("{}").ok());
  EXPECT_FALSE(EpochOf("nonsense").ok());
}

// Tells of itself what a test says.
class TellingShard final : public ShardClient {
 public:
  TellingShard(const Clock& clock, std::vector<promql::RawSeries> series)
      : shard_(clock, {"eu", "main", {}}, {}, std::move(series)) {}

  std::string flags = R"({"web.enable-remote-write-receiver":"false"})";
  std::string rules = R"({"groups":[]})";
  std::string began = "2023-11-14T00:00:00Z";
  absl::Status json = absl::OkStatus();
  // As one of two replicas of the same data and another word on themselves.
  std::map<std::string, std::string> rules_of;

  Task<JsonAnswer> Json(std::string path, std::string, std::string, Deadline) override {
    CO_RETURN_IF_ERROR(json);
    if (path == "status/config") co_return JsonAnswer{"scrape_timeout: 10s\\n", {}};
    if (path == "status/runtimeinfo") {
      co_return JsonAnswer{
          fmt::format(R"({{"startTime":"{}","lastConfigTime":"{}"}})", began, began), {}};
    }
    co_return JsonAnswer{path == "status/flags" ? flags : rules, {}};
  }
  Task<JsonAnswer> JsonOf(std::string replica, std::string path, Deadline deadline) override {
    if (path == "rules" && rules_of.contains(replica)) co_return JsonAnswer{rules_of[replica], {}};
    co_return co_await Json(std::move(path), "", "", deadline);
  }
  std::vector<std::string> replica_names() const override {
    std::vector<std::string> names;
    for (const auto& [name, text] : rules_of) names.push_back(name);
    return names;
  }
  Task<StepAnswer> Steps(StepRequest request, Deadline at, MemoryBudget* budget) override {
    request.only.clear();
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
    return Read(std::make_shared<EdgeReader>(shard, door_, "up", tells, loop_.clock));
  }
  int64_t Read(const std::shared_ptr<EdgeReader>& reader) {
    const auto status =
        loop_.Run(EdgeReader::Read(reader, Deadline::After(loop_.clock, std::chrono::seconds(5))));
    EXPECT_TRUE(status.ok()) << status;
    const int64_t now = loop_.clock.WallMillis();
    return now - door_->edge().At(now);
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
      {"name":"a","rules":[{"type":"recording","name":"late:sum"}],"evaluationTime":2,
       "lastEvaluation":"2023-11-14T22:13:15Z"},
      {"name":"b","rules":[{"type":"recording","name":"nothing:sum"},
       {"type":"recording","name":"prompt:sum"}],"evaluationTime":0.1,
       "lastEvaluation":"2023-11-14T22:13:15Z"}]})";
  EXPECT_EQ(Age(shard), 67'000) << "60 s of offset, 2 s of work, 5 s to spare";
}

TEST_F(EdgeReaderTest, RulesThatCannotBeReadLeaveItAsUsual) {
  const auto shard = Shard({Up("a", kNow - 1'000)});
  shard->rules = "nonsense";
  EXPECT_EQ(Age(shard), 120'000);
}

constexpr const char* kLateGroup = R"({{"groups":[
      {{"name":"a","rules":[{{"type":"recording","name":"{}"}}],"evaluationTime":2,
       "lastEvaluation":"2023-11-14T22:13:15Z"}}]}})";

TEST_F(EdgeReaderTest, TheReplicaWhoseRulesWriteLastDecides) {
  const auto shard =
      Shard({Up("a", kNow - 1'000),
             Series(promql::Labels::From({{"__name__", "late:sum"}}), kNow - 65'000)});
  shard->rules_of = {{"http://a", R"({"groups":[]})"},
                     {"http://b", fmt::format(fmt::runtime(kLateGroup), "late:sum")}};
  EXPECT_EQ(Age(shard), 67'000);
}

// Up to how long ago a panel that ends now is kept.
int64_t KeptUntil(AsyncTest& loop, ShardCache& door, std::shared_ptr<TellingShard> shard,
                  std::string text) {
  StepRequest panel;
  panel.text = std::move(text);
  const int64_t now = loop.clock.WallMillis();
  panel.grid = {now - 3'600'000, now, 1'000};
  const auto ask = [shard](StepRequest request) {
    return shard->Steps(std::move(request), Deadline::Infinite(), nullptr);
  };
  EXPECT_TRUE(loop.Run(door.Steps(panel, ask, Deadline::Infinite(), nullptr)).ok());
  const auto known = loop.Run(door.KnownSteps(panel, Deadline::Infinite(), nullptr));
  EXPECT_TRUE(known.ok() && !known->spans.empty());
  return now - known->spans.back().last;
}

TEST_F(EdgeReaderTest, WhatWasNeverSeenToBeRecordedMayComeMuchLater) {
  const auto shard =
      Shard({Up("a", kNow - 1'000),
             Series(promql::Labels::From({{"__name__", "late:sum"}}), kNow - 65'000)});
  shard->rules = fmt::format(fmt::runtime(kLateGroup), "not:yet");
  const auto reader = std::make_shared<EdgeReader>(shard, door_, "up", true, loop_.clock);
  EXPECT_EQ(Read(reader), 11'000);
  EXPECT_EQ(KeptUntil(loop_, *door_, shard, "up"), 11'000);
  for (const char* text : {"up or not:yet", "up or {__name__=~\"not:.*\"}", "up or {job!=\"\"}"}) {
    EXPECT_EQ(KeptUntil(loop_, *door_, shard, text), kComesLateMs) << text;
  }
  // It is looked for again soon.
  shard->rules = fmt::format(fmt::runtime(kLateGroup), "late:sum");
  loop_.clock.AdvanceMillis(30'000);
  EXPECT_EQ(Read(reader), 67'000);
  EXPECT_EQ(KeptUntil(loop_, *door_, shard, "up or not:yet"), 67'000);
}

TEST_F(EdgeReaderTest, WhatWasKnownToComeLateStaysSoWhenAServerBeginsAnew) {
  const auto shard =
      Shard({Up("a", kNow - 1'000),
             Series(promql::Labels::From({{"__name__", "late:sum"}}), kNow - 65'000)});
  shard->rules = fmt::format(fmt::runtime(kLateGroup), "late:sum");
  const auto reader = std::make_shared<EdgeReader>(shard, door_, "up", true, loop_.clock);
  EXPECT_EQ(Read(reader), 67'000);
  EXPECT_EQ(KeptUntil(loop_, *door_, shard, "up or now:other"), 67'000);
  shard->rules = fmt::format(fmt::runtime(kLateGroup), "now:other");
  shard->began = "2023-11-14T22:13:00Z";
  loop_.clock.AdvanceMillis(15'000);
  const int64_t before = cache_->memory().fragments;
  EXPECT_EQ(Read(reader), 67'000);
  EXPECT_LT(cache_->memory().fragments, before) << "what may lack now:other is not believed";
  EXPECT_EQ(KeptUntil(loop_, *door_, shard, "up or now:other"), kComesLateMs);
}

TEST_F(EdgeReaderTest, UntilItIsReadAShardsDataMayComeLate) {
  const auto shard = Shard({Up("a", kNow - 1'000)});
  const auto reader = std::make_shared<EdgeReader>(shard, door_, "up", true, loop_.clock);
  EXPECT_EQ(KeptUntil(loop_, *door_, shard, "up"), kComesLateMs);
  loop_.clock.AdvanceMillis(20'000);
  EXPECT_EQ(Read(reader), 31'000);
  EXPECT_EQ(KeptUntil(loop_, *door_, shard, "up"), 31'000);
}

TEST_F(EdgeReaderTest, WhatWasKeptTooEarlyIsDroppedWhenRulesTurnOutToBeLater) {
  const auto shard =
      Shard({Up("a", kNow - 1'000),
             Series(promql::Labels::From({{"__name__", "late:sum"}}), kNow - 250'000)});
  const auto reader = std::make_shared<EdgeReader>(shard, door_, "up", true, loop_.clock);
  EXPECT_EQ(Read(reader), 11'000);
  StepRequest panel;
  panel.text = "up";
  panel.grid = {kNow - 3'600'000, kNow - 60'000, 15'000};
  const auto ask = [&](StepRequest request) {
    return shard->Steps(std::move(request), Deadline::Infinite(), nullptr);
  };
  ASSERT_TRUE(loop_.Run(door_->Steps(panel, ask, Deadline::Infinite(), nullptr)).ok());
  const int64_t before = cache_->memory().fragments;
  EXPECT_GT(before, 0);
  // A reload brings a group with an offset of its own.
  shard->rules = fmt::format(fmt::runtime(kLateGroup), "late:sum");
  shard->began = "2023-11-14T22:13:00Z";
  loop_.clock.AdvanceMillis(15'000);
  EXPECT_GT(Read(reader), 240'000);
  EXPECT_LT(cache_->memory().fragments, before);
}

TEST_F(EdgeReaderTest, AServerThatBeganAnewIsAudited) {
  const auto shard = Shard({Up("a", kNow - 1'000)});
  const auto reader = std::make_shared<EdgeReader>(shard, door_, "up", true, loop_.clock);
  const auto look = [&] {
    StepRequest panel;
    panel.text = "up";
    const int64_t now = loop_.clock.WallMillis();
    panel.grid = {now - 3'600'000, now, 15'000};
    const auto ask = [&](StepRequest request) {
      return shard->Steps(std::move(request), Deadline::Infinite(), nullptr);
    };
    EXPECT_TRUE(loop_.Run(door_->Steps(panel, ask, Deadline::Infinite(), nullptr)).ok());
  };
  Read(reader);
  look();
  loop_.clock.AdvanceMillis(15'000);
  Read(reader);
  look();
  EXPECT_EQ(cache_->audits(), 0);
  shard->began = "2023-11-14T22:13:00Z";
  loop_.clock.AdvanceMillis(15'000);
  Read(reader);
  look();
  EXPECT_EQ(cache_->audits(), 1);
}

}  // namespace
}  // namespace synoptic::aggregator
