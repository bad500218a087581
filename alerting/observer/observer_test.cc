// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "alerting/observer/builtin_querier.h"
#include "alerting/observer/builtin_rules.h"
#include "alerting/observer/careful_querier.h"
#include "alerting/observer/expected_inputs.h"
#include "alerting/observer/judgement.h"
#include "alerting/observer/peer_watch.h"
#include "base/status.h"
#include "net/async/testing.h"

namespace synoptic::alerting {
namespace {

// "eu- us+": one region each, reachable or not.
ObserverReport Report(const std::string& name, const std::string& where, const std::string& seen) {
  ObserverReport report;
  report.observer = name;
  report.region = where;
  for (size_t i = 0; i < seen.size(); i += 4) {
    report.regions.push_back({seen.substr(i, 2), seen[i + 2] == '+', ""});
  }
  return report;
}

PeerSight Peer(const std::string& where, const std::string& seen, bool fresh = true) {
  return {"peer-" + where, where, fresh, Report("peer-" + where, where, seen)};
}

std::string Verdicts(const Judgement& judgement) {
  std::string text = judgement.isolated ? "isolated" : "";
  for (const RegionJudgement& region : judgement.regions) {
    text += fmt::format(" {}={}", region.region, domain::ReachabilityName(region.verdict));
  }
  return text;
}

TEST(Judgement, WhatARuleDoesNotSeeIsExplainedByLostRegionsAlone) {
  const std::set<std::string, std::less<>> lost = {"eu", "us"};
  EXPECT_TRUE(NamesOnly("us (timeout)", lost));
  EXPECT_TRUE(NamesOnly("us (timeout), eu (down)", lost));
  EXPECT_FALSE(NamesOnly("us (timeout), ap (down)", lost));
  EXPECT_FALSE(NamesOnly("exceeded limit of 1 with 3 alerts", lost));
  // A rule may fail without a word on regions, and its error may hold any text.
  for (const char* text : {"", ",", "us,", ", us (down)", " ", "a,,b"}) {
    EXPECT_FALSE(NamesOnly(text, lost)) << '"' << text << '"';
  }
}

TEST(Judgement, TellsALostRegionFromACutLinkAndFromBeingAlone) {
  struct Case {
    const char* why;
    ObserverReport own;
    std::vector<PeerSight> peers;
    const char* verdicts;
  };
  const Case cases[] = {
      {"all well", Report("a", "us", "us+ eu+ ap+"), {}, ""},
      {"the region is lost: a peer says so too",
       Report("a", "us", "us+ eu- ap+"),
       {Peer("ap", "us+ eu- ap+")},
       " eu=REGION_UNREACHABLE"},
      {"the link is cut: the peer reaches it",
       Report("a", "us", "us+ eu- ap+"),
       {Peer("ap", "us+ eu+ ap+")},
       " eu=SUSPECT"},
      {"nothing is reachable, and no peer",
       Report("a", "us", "us+ eu- ap-"),
       {Peer("ap", "us+ eu+ ap+", false)},
       "isolated eu=OBSERVER_ISOLATED ap=OBSERVER_ISOLATED"},
      {"a peer that is cut off itself confirms nothing",
       Report("a", "us", "us+ eu- ap+"),
       {[] {
         PeerSight peer = Peer("ap", "us- eu- ap+");
         peer.report.isolated = true;
         return peer;
       }()},
       " eu=SUSPECT"},
      {"the region it stands in", Report("a", "us", "us- eu+ ap+"), {}, " us=REGION_UNREACHABLE"},
      {"two places without a witness cannot tell",
       Report("a", "us", "us+ eu-"),
       {Peer("eu", "us- eu+", false)},
       "isolated eu=OBSERVER_ISOLATED"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Verdicts(JudgeRegions(c.own, c.peers)), c.verdicts) << c.why;
  }
}

TEST(ObserverReport, IsReadAsItWasWritten) {
  const ObserverReport own = Report("a \"1\"", "us", "us+ eu-");
  const auto read = DecodeReport(
      "{\"status\":\"success\",\"data\":" + EncodeReport(own, {Peer("eu", "us+")}) + "}");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->observer, own.observer);
  ASSERT_EQ(read->regions.size(), 2u);
  EXPECT_TRUE(read->regions[0].reachable);
  EXPECT_FALSE(read->regions[1].reachable);
  EXPECT_FALSE(DecodeReport("{\"status\":\"success\"}").ok());
  EXPECT_FALSE(DecodeReport("<html>").ok());
}

// Gives each part's newest sample.
class World final : public Querier {
 public:
  RuleAnswer answer;
  int asked = 0;
  Task<RuleAnswer> Instant(std::string, int64_t, Deadline) override {
    ++asked;
    co_return answer;
  }
  Task<RangeAnswer> Range(std::string, promql::Grid, Deadline) override {
    co_return absl::UnimplementedError("not asked here");
  }
  std::vector<std::string> TopologyLabels() const override { return {"region"}; }
};

struct Fixture {
  World world;
  Conditions now;
  BuiltinQuerier querier{[this] { return now; }, world};

  std::string Ask(const std::string& expr, int64_t time_ms = 1'000'000) {
    const auto answer = RunForTest(querier.Instant(expr, time_ms, Deadline::Infinite()));
    EXPECT_TRUE(answer.ok());
    std::string text;
    for (const RuleAnswer::Element& e : answer->elements) {
      text += fmt::format("{}={} ", e.labels.ToString(), e.value);
    }
    return text;
  }
};

TEST(BuiltinAlerts, TheCauseIsToldAndNotWhatFollowsFromIt) {
  Fixture f;
  f.now.observer = "g1";
  f.now.unreachable = {{"eu", 1}};
  f.now.blind = {
      {"g", "NeedsEu", 300, true}, {"g", "NeedsUs", 300, false}, {"g", "New", 30, false}};
  const auto part = [](const char* region) { return promql::Labels::From({{"region", region}}); };
  f.now.expected = {
      {"g", "R", "lag > 60", 2, {{"eu", part("eu")}, {"us", part("us")}, {"ap", part("ap")}}}};
  f.world.answer.elements = {{part("us"), 1}, {part("ap"), 2}};
  EXPECT_EQ(f.Ask("synoptic_region_unreachable"), "{region=\"eu\"}=1 ");
  EXPECT_EQ(f.Ask("synoptic_rule_blind"), "{rule=\"NeedsUs\", rule_group=\"g\"}=300 ");
  EXPECT_EQ(f.Ask("synoptic_rule_input_missing"),
            "{region=\"us\", rule=\"R\", rule_group=\"g\"}=1 ");
  EXPECT_EQ(f.Ask("synoptic_observer_isolated"), "");
  f.now.isolated = true;
  f.now.unreachable_count = 2;
  EXPECT_EQ(f.Ask("synoptic_observer_isolated"), "{observer=\"g1\"}=2 ");
  for (const char* follows :
       {"synoptic_region_unreachable", "synoptic_rule_blind", "synoptic_rule_input_missing"}) {
    EXPECT_EQ(f.Ask(follows), "") << follows;
  }
}

TEST(ExpectedInputs, EachSelectorCountsOnceAndWhatIsUnseenIsNotMissing) {
  EXPECT_EQ(SelectorsOf("sum(rate(a{x=\"1\"}[5m])) / sum(b) > on() group_left b"),
            (std::vector<std::string>{"a{x=\"1\"}", "b"}));
  Fixture f;
  const promql::Labels eu = promql::Labels::From({{"region", "eu"}});
  f.now.expected = {{"g", "R", "lag", 1, {{"eu", eu}}}};
  f.world.answer.complete = false;
  f.world.answer.missing_parts = {eu};
  EXPECT_EQ(f.Ask("synoptic_rule_input_missing"), "");
}

TEST(BuiltinAlerts, TroubleWithDeliveryAndStateIsNamed) {
  Fixture f;
  EXPECT_EQ(f.Ask("synoptic_notifier_degraded"), "");
  f.now.degraded = {{"am", "unreachable", 10}, {"hook", "refused", 0}};
  EXPECT_EQ(f.Ask("synoptic_notifier_degraded"), "{reason=\"refused\", receiver=\"hook\"}=0 ");
  f.now.degraded[0].seconds = 31;
  EXPECT_EQ(f.Ask("synoptic_notifier_degraded"),
            "{reason=\"refused\", receiver=\"hook\"}=0 "
            "{reason=\"unreachable\", receiver=\"am\"}=31 ");
  f.now.damage = "torn";
  f.now.not_durable = "disk full";
  EXPECT_EQ(f.Ask("synoptic_state_damaged"), "{reason=\"damaged\"}=1 {reason=\"not durable\"}=1 ");
}

TEST(BuiltinAlerts, TheWatchdogIsSilentWhenNoRuleIsEvaluated) {
  Fixture f;
  EXPECT_EQ(f.Ask("synoptic_watchdog"), "{}=1 ");
  f.now.evaluating = false;
  EXPECT_EQ(f.Ask("synoptic_watchdog"), "");
}

TEST(BuiltinAlerts, ARegionThatAnswersWithOldDataOrNoneIsStale) {
  Fixture f;
  const auto part = [](const char* region) { return promql::Labels::From({{"region", region}}); };
  f.world.answer.elements = {{part("eu"), 990}, {part("us"), 860}, {part("ap"), 999}};
  EXPECT_EQ(f.Ask("synoptic_region_stale", 1'000'000), "{region=\"us\"}=140 ");
  EXPECT_EQ(f.Ask("synoptic_region_stale", 1'004'000), "{region=\"us\"}=140 ");
  EXPECT_EQ(f.world.asked, 2);  // for the newest samples, and how many there are
  // eu has no sample left to show, ap is dark.
  f.world.answer.elements = {{part("us"), 1395}};
  f.world.answer.complete = false;
  f.world.answer.missing_parts = {part("ap")};
  EXPECT_EQ(f.Ask("synoptic_region_stale", 1'400'000), "{region=\"eu\"}=410 ");
}

TEST(BuiltinAlerts, ARegionThatAnswersAndHasNothingLeftIsStaleAtOnce) {
  Fixture f;
  const auto part = [](const char* region) { return promql::Labels::From({{"region", region}}); };
  f.world.answer.elements = {{part("eu"), 1000}, {part("us"), 1000}};
  EXPECT_EQ(f.Ask("synoptic_region_stale", 1'000'000), "");
  f.world.answer.elements = {{part("us"), 1005}};
  EXPECT_EQ(f.Ask("synoptic_region_stale", 1'005'000), "{region=\"eu\"}=5 ");
  EXPECT_EQ(f.querier.StaleParts(), (std::vector<promql::Labels>{part("eu")}));
}

TEST(BuiltinAlerts, TheShareOfTargetsThatARegionLostIsKnown) {
  Fixture f;
  const auto part = [](const char* region) { return promql::Labels::From({{"region", region}}); };
  const auto drops = [&](double eu, int64_t time_ms) {
    f.world.answer.elements = {{part("us"), 4}};
    if (eu > 0) f.world.answer.elements.push_back({part("eu"), eu});
    f.Ask("synoptic_region_stale", time_ms);
    return fmt::format("{} {}", f.querier.SeriesDrops().at(part("eu")),
                       f.querier.SeriesDrops().at(part("us")));
  };
  EXPECT_EQ(drops(40, 1'000'000), "0 0");
  EXPECT_EQ(drops(20, 1'005'000), "0.5 0");
  EXPECT_EQ(drops(0, 1'010'000), "1 0");
  EXPECT_EQ(drops(80, 1'015'000), "0 0");
  EXPECT_EQ(drops(60, 1'310'000), "0.25 0");
  EXPECT_EQ(drops(60, 1'700'000), "0 0");  // that it once had more is forgotten
  f.world.answer.missing_parts = {part("eu")};
  EXPECT_EQ(drops(0, 1'705'000), "0 0");  // dark: nothing is known
}

TEST(CarefulQuerier, APartWhoseDataAreTooOldIsMissing) {
  World world;
  const auto part = [](const char* region) { return promql::Labels::From({{"region", region}}); };
  std::vector<DoubtfulPart> doubtful;
  CarefulQuerier querier(world, [&] { return doubtful; });
  const auto ask = [&] {
    const auto answer = RunForTest(querier.Instant("x", 1, Deadline::Infinite()));
    return fmt::format("{} \"{}\" {}", answer->complete, answer->missing,
                       answer->missing_parts.size());
  };
  world.answer.seen_parts = {part("eu"), part("us")};
  EXPECT_EQ(ask(), "true \"\" 0");
  doubtful = {{part("eu"), "stale"}, {part("ap"), "clock"}};  // the answer needs no ap
  EXPECT_EQ(ask(), "false \"{region=\"eu\"} (stale)\" 1");
  world.answer.missing = "us (down)";
  world.answer.missing_parts = {part("us")};
  world.answer.seen_parts = {part("eu")};
  EXPECT_EQ(ask(), "false \"us (down), {region=\"eu\"} (stale)\" 2");
}

TEST(BuiltinAlerts, HaveWordsForEachAndAWatchdogOnlyForWhoListens) {
  const RuleGroup group = BuiltinGroup({});
  EXPECT_EQ(group.rules.size(), 7u);
  EXPECT_EQ(BuiltinGroup({.watchdog = true}).rules.back().alert, "SynopticWatchdog");
  for (const Rule& rule : group.rules) {
    EXPECT_FALSE(rule.annotations.at("summary").empty()) << rule.alert;
    EXPECT_NE(group.TierOf(rule), Tier::kGlobal) << rule.alert;
  }
}

// Answers with a report, or not at all.
class FakeClient final : public net::HttpClient {
 public:
  std::string body;
  absl::Status failure;
  Task<> Send(const net::Origin&, net::HttpRequest, const net::ResponseLimits&, Deadline,
              net::BodySink& sink) override {
    CO_RETURN_IF_ERROR(failure);
    CO_RETURN_IF_ERROR(sink.OnHead(200, {}));
    co_return sink.OnData(body);
  }
};

TEST(PeerWatch, APeerThatFallsSilentIsNoLongerHeard) {
  AsyncTest loop;
  TaskGroup tasks;
  FakeClient client;
  client.body = "{\"data\":" + EncodeReport(Report("b", "eu", "us- eu+"), {}) + "}";
  PeerWatch watch(loop.executor(), tasks, loop.clock);
  PeerOptions options;
  options.name = "b";
  options.http = &client;
  watch.SetPeers({options}, std::chrono::seconds(5));
  EXPECT_FALSE(watch.Peers()[0].fresh);
  loop.Poll();
  ASSERT_TRUE(watch.Peers()[0].fresh);
  EXPECT_FALSE(watch.Peers()[0].report.regions[0].reachable);
  client.failure = absl::UnavailableError("cut");
  for (int second = 0; second < 14; ++second) loop.Advance(1000);
  EXPECT_TRUE(watch.Peers()[0].fresh);
  loop.Advance(1000);
  EXPECT_FALSE(watch.Peers()[0].fresh);
  ASSERT_TRUE(loop.RunInVirtualTime(tasks.Stop(loop.clock, Deadline::Infinite())).ok());
}

TEST(Deliveries, AreToldFromWhereTheOtherLeftOff) {
  DeliveryLog log(1000);
  EXPECT_EQ(EncodeDeliveries(log.Since(0)), "{\"next\":1000,\"keys\":[]}");
  log.Add("a");
  log.Add("b");
  EXPECT_EQ(EncodeDeliveries(log.Since(0)), "{\"next\":1002,\"keys\":[\"a\",\"b\"]}");
  EXPECT_EQ(EncodeDeliveries(log.Since(1001)), "{\"next\":1002,\"keys\":[\"b\"]}");
  EXPECT_EQ(log.Since(1002).keys.size(), 0u);
  EXPECT_EQ(log.Since(5000).keys.size(), 2u);  // a number of another process
  for (int i = 0; i < 20'000; ++i) log.Add("c");
  EXPECT_EQ(log.Since(1000).keys.size(), 20'000u);
  EXPECT_EQ(log.Since(1000).next, 21'002);
}

TEST(Deliveries, OfAnotherAreReadAndTheOldestForgotten) {
  HeardDeliveries heard;
  heard.Add(*DecodeDeliveries(R"({"data":{"next":7,"keys":["a","b"]}})"));
  EXPECT_TRUE(heard.Has("a"));
  EXPECT_FALSE(heard.Has("c"));
  EXPECT_EQ(heard.next(), 7);
  for (int i = 0; i < 19'999; ++i) heard.Add({8 + i, {fmt::format("{}", i)}});
  EXPECT_FALSE(heard.Has("a"));
  EXPECT_TRUE(heard.Has("b"));
  for (const char* bad :
       {"", "{}", R"({"data":{"next":1}})", R"({"data":{"next":1,"keys":[1]}})"}) {
    EXPECT_FALSE(DecodeDeliveries(bad).ok()) << bad;
  }
}

// Answers like an observer called `name` that is a replica.
class FakeReplica final : public net::HttpClient {
 public:
  explicit FakeReplica(const std::string& name) : report_(Report(name, "eu", "us+")) {}
  DeliveryLog log{1000};
  bool alive = true;
  bool tells_deliveries = true;
  Task<> Send(const net::Origin&, net::HttpRequest request, const net::ResponseLimits&, Deadline,
              net::BodySink& sink) override {
    if (!alive) co_return absl::UnavailableError("gone");
    const bool deliveries = request.target.find("/deliveries") != std::string::npos;
    CO_RETURN_IF_ERROR(sink.OnHead(deliveries && !tells_deliveries ? 404 : 200, {}));
    const std::string data =
        deliveries ? EncodeDeliveries(log.Since(0)) : EncodeReport(report_, {});
    co_return sink.OnData("{\"data\":" + data + "}");
  }

 private:
  const ObserverReport report_;
};

TEST(PeerWatch, KnowsItsPlaceAmongTheReplicasThatAreAlive) {
  AsyncTest loop;
  TaskGroup tasks;
  FakeReplica a("a");
  FakeReplica c("c");
  PeerWatch watch(loop.executor(), tasks, loop.clock);
  std::vector<PeerOptions> peers(2);
  peers[0].http = &a;
  peers[1].http = &c;
  EXPECT_TRUE(watch.PlaceOf("b").certain);
  watch.SetPeers(peers, std::chrono::seconds(5));
  EXPECT_FALSE(watch.has_replicas());
  peers[0].replica = peers[1].replica = true;
  watch.SetPeers(peers, std::chrono::seconds(5));
  EXPECT_TRUE(watch.has_replicas());
  EXPECT_FALSE(watch.PlaceOf("b").certain);
  loop.Poll();
  EXPECT_TRUE(watch.PlaceOf("b").certain);
  EXPECT_EQ(watch.PlaceOf("0").before, 0);
  EXPECT_EQ(watch.PlaceOf("b").before, 1);
  EXPECT_EQ(watch.PlaceOf("d").before, 2);
  EXPECT_FALSE(watch.Delivered("k"));
  c.log.Add("k");
  for (int second = 0; second < 5; ++second) loop.Advance(1000);
  EXPECT_TRUE(watch.Delivered("k"));
  a.alive = false;
  for (int second = 0; second < 20; ++second) loop.Advance(1000);
  EXPECT_EQ(watch.PlaceOf("d").before, 1);
  c.tells_deliveries = false;  // an older version: nobody can rely on it
  for (int second = 0; second < 20; ++second) loop.Advance(1000);
  EXPECT_EQ(watch.PlaceOf("d").before, 0);
  EXPECT_TRUE(watch.Peers()[1].fresh);
  EXPECT_TRUE(watch.Delivered("k"));  // what was told stays true
  ASSERT_TRUE(loop.RunInVirtualTime(tasks.Stop(loop.clock, Deadline::Infinite())).ok());
}

}  // namespace
}  // namespace synoptic::alerting
