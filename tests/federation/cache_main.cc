// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// cache_compare [--queries N] [--seed N] [--show N] [--believed-ms N] [--tiers memory|all] [--world
// N]: dashboards over random worlds whose data come in meanwhile, some of them late, whose regions
// go dark and return, and whose cache is small, lost or emptied in part. Every answer from the
// cache is held against two without: that of all regions as if none were ever dark, and that of the
// regions that answer.
//
// Of four worlds one has memory only, one a disk below it, one a Redis, one both (a real RocksDB
// and a real redis-server, small); what is lost with memory then comes back from there.
//
// Three of five shards tell how late their samples come, as a Prometheus does, and the cache learns
// from that: from some sooner than after --believed-ms, from some (rules with offsets) later. What
// is settled is audited meanwhile, and must be found so.
//
// --believed-ms tells the cache that data are never later than that, which is not so below 115000:
// differences must then be found.
//
// Exits 1 when a settled step differs from both, when an audit finds a difference, when an answer
// is called complete that is not that of all regions, or when a case that this is about never came
// up.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>

#include "absl/strings/str_replace.h"
#include "aggregator/cache/backends/disk_tier.h"
#include "aggregator/cache/backends/redis_testing.h"
#include "aggregator/cache/backends/shared_tier.h"
#include "aggregator/cache/data_reach.h"
#include "aggregator/cache/fragment_cache.h"
#include "aggregator/query/service.h"
#include "base/status.h"
#include "fmt/format.h"
#include "net/async/testing.h"
#include "promql/parse/parser.h"
#include "tests/federation/live_shard.h"
#include "tests/federation/same_answer.h"
#include "tests/promql/random_query.h"

namespace synoptic::federation {
namespace {

using aggregator::QueryAnswer;
using aggregator::QueryRequest;
using promql::Grid;
using promql::QueryValue;

constexpr int64_t kRecent = 120'000;
constexpr int64_t kQueriesAWorld = 250;

struct Arguments {
  int64_t queries = 2'000;
  uint64_t seed = 1;
  int show = 5;
  int64_t believed_ms = kRecent;  // how late the cache believes that data come; less is wrong
  bool all_tiers = true;
  int64_t world = -1;  // this one only; negative: all
};

// What a world's cache has below its memory; survives its process.
class LowerTiers {
 public:
  LowerTiers(AsyncTest& loop, ComputePool& pool, aggregator::RedisServer* redis, uint64_t number,
             bool on_disk, int64_t disk_bytes)
      : loop_(loop),
        pool_(pool),
        redis_(redis),
        number_(number),
        disk_bytes_(on_disk ? disk_bytes : 0) {}
  ~LowerTiers() { Close(); }

  std::vector<std::shared_ptr<aggregator::Tier>> Open() {
    std::vector<std::shared_ptr<aggregator::Tier>> tiers;
    if (disk_bytes_ > 0) {
      aggregator::DiskTierOptions options;
      options.path = (scratch_.path() / "cache").string();
      options.max_bytes = disk_bytes_;
      auto opened = aggregator::DiskTier::Open(std::move(options), loop_.clock);
      if (!opened.ok()) {
        fmt::print(stderr, "cache_compare: {}\n", opened.status().ToString());
        std::exit(2);
      }
      disk_ = *std::move(opened);
      tiers.push_back(disk_);
    }
    if (redis_ != nullptr) {
      aggregator::SharedTierOptions options;
      options.redis.endpoints = {redis_->address()};
      options.settings = fmt::format("world {}", number_);
      options.patience = std::chrono::hours(24);  // the clock leaps
      shared_ = aggregator::SharedTier::New(options, loop_.clock, pool_, loop_.executor()).value();
      shared_->Start();
      for (int i = 0; i < 200 && !shared_->stats().up; ++i) {
        aggregator::LetPass(loop_, std::chrono::milliseconds(100));
      }
      tiers.push_back(shared_);
    }
    return tiers;
  }
  // Waits until what was put is written.
  void Flush() {
    if (disk_ != nullptr) (void)loop_.Run(disk_->Flush(Deadline::Infinite()));
    if (shared_ != nullptr) (void)loop_.Run(shared_->Flush(Deadline::Infinite()));
  }
  void Close() {
    if (disk_ != nullptr) {
      disk_hits_ += disk_->stats().hits;
      disk_->Close();
    }
    if (shared_ != nullptr) {
      shared_hits_ += shared_->stats().hits;
      (void)loop_.Run(shared_->Stop(Deadline::Infinite()));
    }
    disk_.reset();
    shared_.reset();
  }
  int64_t disk_hits() const { return disk_hits_; }
  int64_t shared_hits() const { return shared_hits_; }

 private:
  AsyncTest& loop_;
  ComputePool& pool_;
  aggregator::RedisServer* const redis_;  // null: none
  const uint64_t number_;
  const int64_t disk_bytes_;  // 0: none
  aggregator::ScratchDirectory scratch_;
  std::shared_ptr<aggregator::DiskTier> disk_;
  std::shared_ptr<aggregator::SharedTier> shared_;
  int64_t disk_hits_ = 0;
  int64_t shared_hits_ = 0;
};

// A panel: the same question, again and again, at other times.
struct Panel {
  std::string text;
  int64_t step = 15'000;
  int64_t steps = 100;
  int64_t phase = 0;  // of its grid
  bool range = true;
  int64_t settled_after = 0;  // a step's value depends on samples up to so much after it
  bool settles = true;        // false: may depend on anything
};

// The cached service, and the two it is held against.
struct Services {
  std::vector<std::shared_ptr<LiveShard>> asked;  // by the cached service: dark at times
  std::vector<std::shared_ptr<LiveShard>> rest;   // dark with them, without a cache
  std::vector<std::shared_ptr<LiveShard>> all;    // never dark, without a cache
  std::unique_ptr<LowerTiers> lower;
  std::shared_ptr<aggregator::FragmentCache> cache;
  std::unique_ptr<aggregator::FederatedQueryService> with, without, truth;
};

// The answer when some of the dark regions are missing.
struct Without {
  QueryValue value;   // nothing when there was an error
  std::string error;  // evaluation can fail by what is missing, too
};

// Steps `first` to `last` of an answer.
QueryValue Slice(const QueryValue& whole, size_t first, size_t last) {
  QueryValue out;
  out.type = whole.type;
  for (const promql::StepSeries& series : whole.series) {
    promql::StepSeries part{series.labels, {}};
    bool any = false;
    for (size_t i = first; i <= last; ++i) {
      part.values.push_back(series.values[i]);
      any = any || !promql::IsAbsent(series.values[i]);
    }
    if (any) out.series.push_back(std::move(part));
  }
  return out;
}

class Comparison {
 public:
  explicit Comparison(const Arguments& arguments) : arguments_(arguments) {
    if (!arguments.all_tiers) return;
    redis_ = std::make_unique<aggregator::RedisServer>(
        std::vector<std::string>{"--maxmemory", "4mb", "--maxmemory-policy", "allkeys-lru"});
  }

  int Run() {
    if (arguments_.world >= 0) {
      asked_ = arguments_.world * kQueriesAWorld;  // so that questions have their numbers
      RunWorld(static_cast<uint64_t>(arguments_.world));
      fmt::print("cache_divergences {} audits\n", divergences_);
      fmt::print("cache_differences {} answers\n", failed_);
      return failed_ == 0 && divergences_ == 0 ? 0 : 1;
    }
    for (uint64_t number = 0; asked_ < arguments_.queries; ++number) RunWorld(number);
    bool all_seen = true;
    for (const char* name :
         {"whole", "shared", "partial", "stale", "partial_stale", "instant", "evicted", "refused",
          "lost", "dropped", "unasked", "from_disk", "from_redis", "audited", "recorded"}) {
      if (redis_ == nullptr && std::string_view(name).starts_with("from_")) continue;
      fmt::print("cache_{} {} answers\n", name, seen_[name]);
      all_seen = all_seen && seen_[name] > 0;
    }
    fmt::print("cache_refused {} queries\n", refused_);
    fmt::print("cache_queries {} queries\n", asked_);
    fmt::print("cache_steps {} steps\n", compared_);
    fmt::print("cache_divergences {} audits\n", divergences_);
    fmt::print("cache_differences {} answers\n", failed_);
    if (!all_seen) fmt::print("a case that this is about never came up\n");
    return failed_ == 0 && divergences_ == 0 && all_seen ? 0 : 1;
  }

 private:
  void RunWorld(uint64_t number) {
    world_number_ = number;
    const uint64_t seed = arguments_.seed * 1'000'003 + number;
    const World world = MakeWorld(seed);
    Random random(seed ^ 0xcac4e);
    AsyncTest loop;
    loop_ = &loop;
    const int64_t begin = world.start + 900'000;
    loop.clock.AdvanceMillis(begin - loop.clock.WallMillis());
    ComputePool pool(1);
    const std::vector<LiveData> data = LiveDataOf(world, kRecent - 5'000, random);
    // In every other world nothing is shared for a moment: then the live edge must be equal, too.
    exact_ = random.Chance(50);
    aggregator::FragmentCacheOptions options;
    constexpr int64_t kBudgets[] = {30'000, 100'000, 1 << 20, 16 << 20};
    options.memory_bytes = kBudgets[random.Below(4)];
    options.shard.recent_ms = arguments_.believed_ms;
    if (exact_) options.shard.least_shared_ms = options.shard.most_shared_ms = 0;
    aggregator::QueryServiceOptions service;
    service.pushdown = random.Chance(80);
    Services services;
    const bool on_disk = redis_ != nullptr && number % 2 == 1;
    const bool on_redis = redis_ != nullptr && number % 4 >= 2;
    services.lower = std::make_unique<LowerTiers>(loop, pool, on_redis ? redis_.get() : nullptr,
                                                  number, on_disk, int64_t{1} << (18 + number % 5));
    services.cache = std::make_shared<aggregator::FragmentCache>(
        options, loop.clock, pool, loop.executor(), services.lower->Open());
    services.with = Make(data, service, services.asked, services.cache.get(), pool);
    services.without = Make(data, service, services.rest, nullptr, pool);
    services.truth = Make(data, service, services.all, nullptr, pool);
    shards_ = data.size();
    late_ms_ = kRecent;
    for (const LiveData& one : data) {
      // Ten seconds: what a rule takes, and what the reader adds.
      late_ms_ = std::max(late_ms_, one.rules_late_ms + 10'000);
    }
    const bool rules = std::any_of(data.begin(), data.end(),
                                   [](const LiveData& one) { return one.rules_late_ms > 0; });
    promqltest::RandomQuery queries(random.Next());
    std::vector<Panel> panels;
    const int64_t pace = 2 * (world.end - begin) / kQueriesAWorld;
    for (int64_t i = 0; i < kQueriesAWorld && asked_ < arguments_.queries; ++i) {
      loop.clock.AdvanceMillis(random.Below(pace + 1));
      Disturb(options, data, service, services, pool, random);
      while (panels.size() < 12 || random.Chance(1)) {
        if (panels.size() >= 12) panels.erase(panels.begin());
        panels.push_back(MakePanel(world, queries, rules, random));
      }
      Refresh(panels[static_cast<size_t>(random.Below(12))], services, random);
    }
    CountPressure(services);
    for (auto* one : {&services.with, &services.without, &services.truth}) {
      (void)loop.Run((*one)->Stop(Deadline::After(loop.clock, std::chrono::seconds(1))));
      one->reset();
    }
    services.lower->Close();
    seen_["from_disk"] += services.lower->disk_hits();
    seen_["from_redis"] += services.lower->shared_hits();
  }

  void CountPressure(const Services& services) {
    seen_["audited"] += services.cache->audits();
    divergences_ += services.cache->divergences();
    seen_["evicted"] += services.cache->memory().evictions;
    seen_["refused"] += services.cache->memory().refused;
  }

  std::unique_ptr<aggregator::FederatedQueryService> Make(
      const std::vector<LiveData>& data, const aggregator::QueryServiceOptions& options,
      std::vector<std::shared_ptr<LiveShard>>& shards, aggregator::FragmentCache* cache,
      ComputePool& pool) {
    auto service =
        aggregator::NewQueryService(options, UpstreamsOf(data, shards, cache), pool, loop_->clock);
    return service;
  }

  aggregator::Upstreams UpstreamsOf(const std::vector<LiveData>& data,
                                    std::vector<std::shared_ptr<LiveShard>>& shards,
                                    aggregator::FragmentCache* cache) {
    aggregator::Upstreams upstreams;
    for (size_t i = 0; i < data.size(); ++i) {
      // A region a shard: the planner sees shards only.
      aggregator::Region region;
      region.name = fmt::format("{}-{}", data[i].place.region, data[i].place.shard);
      region.labels = data[i].place.labels;
      region.policy = aggregator::RegionPolicy::kDegrade;
      region.shards.emplace_back();
      upstreams.inventory.regions.push_back(region);
      if (shards.size() < data.size()) {
        shards.push_back(std::make_shared<LiveShard>(loop_->clock, data[i],
                                                     std::vector<std::string>{"region", "shard"}));
      }
      upstreams.clients.push_back(shards[i]);
      if (cache != nullptr) upstreams.caches.push_back(cache->Of({region.name, "main", ""}));
    }
    return upstreams;
  }

  // What happens to caches and regions.
  void Disturb(const aggregator::FragmentCacheOptions& options, const std::vector<LiveData>& data,
               const aggregator::QueryServiceOptions& service, Services& services,
               ComputePool& pool, Random& random) {
    for (size_t i = 0; i < services.asked.size(); ++i) {
      LiveShard& shard = *services.asked[i];
      const bool dark = shard.fails;
      if (!random.Chance(dark ? 6 : 1)) continue;
      shard.fails = !dark;
      // The breaker opens with some, others are asked in vain.
      shard.up = dark || random.Chance(50);
      // Some were restarted meanwhile.
      if (dark && random.Chance(50)) ++shard.began;
    }
    if (random.Below(40) == 0) services.lower->Flush();
    if (random.Below(200) == 0) {
      // The process restarts.
      CountPressure(services);
      (void)loop_->Run(services.with->Stop(Deadline::After(loop_->clock, std::chrono::seconds(1))));
      services.with.reset();
      services.cache->KeepTails();
      services.cache.reset();
      services.lower->Close();
      services.cache = std::make_shared<aggregator::FragmentCache>(
          options, loop_->clock, pool, loop_->executor(), services.lower->Open());
      services.with = Make(data, service, services.asked, services.cache.get(), pool);
      ++seen_["lost"];
    }
    if (random.Below(150) == 0) {
      aggregator::FragmentFilter filter;
      const auto which = static_cast<size_t>(random.Below(static_cast<int64_t>(data.size())));
      if (random.Chance(50)) {
        filter.region = fmt::format("{}-{}", data[which].place.region, data[which].place.shard);
      }
      if (random.Chance(50)) filter.min_t = loop_->clock.WallMillis() - random.Below(1'800'000);
      const auto dropped =
          loop_->Run(services.cache->Purge(std::move(filter), Deadline::Infinite()));
      if (dropped.ok() && *dropped > 0) ++seen_["dropped"];
    }
  }

  static Panel MakePanel(const World& world, promqltest::RandomQuery& queries, bool rules,
                         Random& random) {
    while (true) {
      Panel panel;
      panel.text = queries.Query(static_cast<int>(1 + random.Below(3)));
      absl::StrReplaceAll({{" @ 300", fmt::format(" @ {}", world.start / 1000 + 300)},
                           {" @ 500", fmt::format(" @ {}", world.start / 1000 + 500)}},
                          &panel.text);
      // What is written late is looked at often.
      if (rules && random.Chance(40)) {
        absl::StrReplaceAll({{"one", kRecorded}, {"c_total", kRecorded}}, &panel.text);
      }
      const auto expr = promql::ParseExpr(panel.text);
      if (!expr.ok()) continue;
      const aggregator::DataReach reach = aggregator::ReachOf(**expr, 300'000);
      panel.settles = reach.fixed_ms == aggregator::DataReach::kNever ||
                      reach.fixed_ms < world.start + 900'000 - 2 * kRecent;
      panel.settled_after = reach.ahead_ms == aggregator::DataReach::kNever
                                ? 0
                                : std::max<int64_t>(0, reach.ahead_ms);
      constexpr int64_t kSteps[] = {5'000, 15'000, 15'000, 30'000, 37'001, 60'000};
      panel.step = kSteps[random.Below(6)];
      panel.steps = 1 + random.Below(150);
      panel.phase = random.Chance(70) ? 0 : random.Below(panel.step);
      panel.range = random.Chance(88);
      return panel;
    }
  }

  // The panel as a viewer sees it now; sometimes moved or zoomed.
  Grid GridOf(const Panel& panel, Random& random) const {
    int64_t end = loop_->clock.WallMillis();
    if (random.Chance(20)) end -= random.Below(1'200'000);
    if (!panel.range) return Grid::Instant(end);
    end -= (end - panel.phase) % panel.step;
    const int64_t steps = random.Chance(20) ? 1 + random.Below(panel.steps) : panel.steps;
    return {end - (steps - 1) * panel.step, end, panel.step};
  }

  absl::StatusOr<QueryAnswer> Ask(aggregator::FederatedQueryService& service, const Panel& panel,
                                  const Grid& grid) {
    QueryRequest request;
    request.text = panel.text;
    request.grid = grid;
    request.range_query = panel.range;
    return loop_->Run(service.Query(std::move(request)));
  }

  static int64_t AskedOf(const std::vector<std::shared_ptr<LiveShard>>& shards) {
    int64_t asked = 0;
    for (const auto& shard : shards) asked += shard->asked;
    return asked;
  }

  void Refresh(const Panel& panel, Services& services, Random& random) {
    const Grid grid = GridOf(panel, random);
    ++asked_;
    const auto truth = Ask(*services.truth, panel, grid);
    if (!truth.ok()) {
      ++refused_;
      return;
    }
    const int64_t before = AskedOf(services.asked);
    const auto got = Ask(*services.with, panel, grid);
    if (AskedOf(services.asked) == before) ++seen_["unasked"];
    if (!got.ok() && !exact_ && panel.range && grid.end > SettledEdge(panel)) {
      // What is not settled may be that of a moment ago, and fail by it; what is settled may not.
      const Grid settled{grid.start,
                         grid.start + (SettledEdge(panel) - grid.start) / grid.step * grid.step,
                         grid.step};
      if (!panel.settles || SettledEdge(panel) < grid.start) return;
      const auto all = Ask(*services.truth, panel, settled);
      if (!all.ok()) return;
      return Judge(panel, settled, *all, Possible(panel, settled, services, all->value.type),
                   Ask(*services.with, panel, settled));
    }
    Judge(panel, grid, *truth, Possible(panel, grid, services, truth->value.type), got);
  }

  // The answers without each set of the dark regions: what is shown of them may be that of some.
  std::vector<Without> Possible(const Panel& panel, const Grid& grid, Services& services,
                                promql::ValueType type) {
    std::vector<size_t> dark;
    for (size_t i = 0; i < services.rest.size(); ++i) {
      if (services.asked[i]->fails) dark.push_back(i);
    }
    std::vector<Without> out;
    for (size_t set = 1; set < size_t{1} << dark.size(); ++set) {
      for (size_t k = 0; k < dark.size(); ++k) {
        services.rest[dark[k]]->fails = (set >> k & 1) != 0;
      }
      const auto answer = Ask(*services.without, panel, grid);
      Without& without = out.emplace_back();
      if (answer.ok()) {
        without.value = answer->value;
      } else {
        without.value.type = type;
        without.error = MessageOf(answer.status());
      }
    }
    for (const size_t i : dark) services.rest[i]->fails = false;
    return out;
  }

  void Judge(const Panel& panel, const Grid& grid, const QueryAnswer& truth,
             const std::vector<Without>& possible, const absl::StatusOr<QueryAnswer>& got) {
    if (!got.ok()) {
      // Nobody answers and nothing is known, or those that answer are no answer.
      const bool same = std::any_of(possible.begin(), possible.end(), [&](const Without& without) {
        return without.error == MessageOf(got.status());
      });
      if (!same && possible.size() + 1 < size_t{1} << shards_) {
        Fail(panel, grid, std::string(MessageOf(got.status())));
      }
      return;
    }
    const std::string header = got->coverage.HeaderValue();
    const bool complete = got->coverage.complete();
    const bool stale = header.find("stale=") != std::string::npos;
    ++seen_[complete ? (stale ? "stale" : "whole") : (stale ? "partial_stale" : "partial")];
    if (!panel.range) ++seen_["instant"];
    if (panel.text.find(kRecorded) != std::string::npos) ++seen_["recorded"];
    if (!exact_) ++seen_["shared"];
    if (!complete && possible.empty()) {
      return Fail(panel, grid, "not complete, and nobody is dark: " + header);
    }
    const int64_t edge = SettledEdge(panel);
    for (size_t i = 0; i < grid.size(); ++i) {
      const bool settled = panel.settles && grid.at(i) <= edge;
      if (!settled && !exact_) continue;
      ++compared_;
      const auto at = [&](const QueryValue& value) {
        return panel.range && !value.series.empty() ? Slice(value, i, i) : value;
      };
      const QueryValue mine = at(got->value);
      const std::string difference = Difference(at(truth.value), mine, Tolerance{});
      if (difference.empty()) continue;
      const bool fits =
          !complete && std::any_of(possible.begin(), possible.end(), [&](const Without& without) {
            return Difference(at(without.value), mine, Tolerance{}).empty();
          });
      if (fits) continue;
      return Fail(panel, grid, fmt::format("step {}, {}: {}", grid.at(i), header, difference));
    }
  }

  // The newest step that is final. What was fetched a moment ago may be shown for a moment.
  int64_t SettledEdge(const Panel& panel) const {
    return loop_->clock.WallMillis() - late_ms_ - panel.settled_after - (exact_ ? 0 : 15'000);
  }

  void Fail(const Panel& panel, const Grid& grid, const std::string& what) {
    if (++failed_ > arguments_.show) return;
    fmt::print("DIFFERS world {} query {}: {}\n  {}..{} by {}{} at {}\n  {}\n", world_number_,
               asked_, panel.text, grid.start, grid.end, grid.step, panel.range ? "" : " (instant)",
               loop_->clock.WallMillis(), what);
    (void)std::fflush(stdout);
  }

  const Arguments arguments_;
  std::unique_ptr<aggregator::RedisServer> redis_;
  uint64_t world_number_ = 0;
  AsyncTest* loop_ = nullptr;
  bool exact_ = false;
  int64_t late_ms_ = kRecent;  // the world's latest samples
  size_t shards_ = 0;
  int64_t asked_ = 0, refused_ = 0, compared_ = 0;
  std::map<std::string, int64_t> seen_;
  int64_t divergences_ = 0;
  int failed_ = 0;
};

int Main(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const int64_t value = std::strtoll(argv[i + 1], nullptr, 10);
    if (name == "--queries") arguments.queries = value;
    if (name == "--seed") arguments.seed = static_cast<uint64_t>(value);
    if (name == "--believed-ms") arguments.believed_ms = value;
    if (name == "--tiers") arguments.all_tiers = std::string_view(argv[i + 1]) == "all";
    if (name == "--world") {
      arguments.world = value;
      arguments.queries = (value + 1) * kQueriesAWorld;
    }
    if (name == "--show") arguments.show = static_cast<int>(value);
  }
  return Comparison(arguments).Run();
}

}  // namespace
}  // namespace synoptic::federation

int main(int argc, char** argv) { return synoptic::federation::Main(argc, argv); }
