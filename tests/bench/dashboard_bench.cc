// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// dashboard_bench: a dashboard of 20 panels over six hours, refreshed every 15 s for ten minutes by
// 20 viewers, in simulated time: the real query service and cache over three shards in memory that
// evaluate what they are asked, over the samples of that time only, as a server does. Prints `name
// value unit` for scripts/bench cache; whole answers are not kept here, so that every refresh goes
// through plan, cache and evaluation.
// Bytes kept per sample are those of the lab's metrics, and of noise for comparison.
#include <time.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>

#include "aggregator/cache/fragment_cache.h"
#include "aggregator/query/service.h"
#include "aggregator/query/testing/fake_shard.h"
#include "fmt/format.h"
#include "net/async/testing.h"
#include "tests/lab/exporter/model.h"

namespace synoptic {
namespace {

using aggregator::FakeShard;

constexpr int64_t kNow = 1'700'000'100'000;
constexpr int64_t kScrape = 15'000;
constexpr int64_t kRange = 6 * 3'600'000;
constexpr int64_t kRefreshes = 40;
constexpr int64_t kViewers = 20;
constexpr size_t kPanels = 20;
// What a panel looks back at most.
constexpr int64_t kLongestWindow = 310'000;

double ThreadCpuSeconds() {
  timespec spent = {};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) * 1e-9;
}

// Counts what it sends and the CPU that costs.
class CountingShard final : public aggregator::ShardClient {
 public:
  struct Spent {
    int64_t samples = 0;
    double cpu_s = 0;
  };
  CountingShard(const Clock& clock, const promql::TopologyShard& place,
                std::vector<promql::RawSeries> series, Spent& spent)
      : clock_(clock),
        place_(place),
        series_(series),
        shard_(clock, place, {"region"}, std::move(series)),
        spent_(spent) {}

  Task<aggregator::StepAnswer> Steps(aggregator::StepRequest request, Deadline,
                                     MemoryBudget*) override {
    const double before = ThreadCpuSeconds();
    const FakeShard part(clock_, place_, {"region"},
                         Within(request.grid.start - kLongestWindow, request.grid.end));
    auto answer = part.AnswerSteps(request);
    spent_.cpu_s += ThreadCpuSeconds() - before;
    if (!answer.ok()) co_return answer.status();
    for (const promql::StepSeries& one : answer->series) {
      spent_.samples += static_cast<int64_t>(one.values.size());
    }
    co_return *std::move(answer);
  }
  Task<aggregator::RawAnswer> Raw(aggregator::RawRequest request, Deadline,
                                  MemoryBudget*) override {
    const double before = ThreadCpuSeconds();
    aggregator::RawAnswer answer = shard_.AnswerRaw(request);
    spent_.cpu_s += ThreadCpuSeconds() - before;
    for (const promql::RawSeries& one : answer.series) {
      spent_.samples += static_cast<int64_t>(std::get<promql::SampleColumns>(one.data).size());
    }
    co_return answer;
  }
  Task<aggregator::SeriesList> Series(aggregator::LabelsRequest request, Deadline at,
                                      MemoryBudget* budget) override {
    return shard_.Series(std::move(request), at, budget);
  }
  Task<aggregator::ListOf<std::string>> LabelNames(aggregator::LabelsRequest request,
                                                   Deadline at) override {
    return shard_.LabelNames(std::move(request), at);
  }
  Task<aggregator::ListOf<std::string>> LabelValues(std::string name,
                                                    aggregator::LabelsRequest request,
                                                    Deadline at) override {
    return shard_.LabelValues(std::move(name), std::move(request), at);
  }
  // What a Prometheus of the lab says of itself.
  Task<aggregator::JsonAnswer> Json(std::string path, std::string, std::string, Deadline) override {
    aggregator::JsonAnswer answer;
    if (path == "status/config") {
      answer.data = R"({"yaml":"global:\n  scrape_interval: 15s\n  scrape_timeout: 10s\n"})";
    } else if (path == "status/flags") {
      answer.data = R"({"web.enable-remote-write-receiver":"false"})";
    } else {
      answer.data = R"({"groups":[]})";
    }
    co_return answer;
  }
  bool available() const override { return true; }
  const std::string& region() const override { return shard_.region(); }
  const std::string& shard() const override { return shard_.shard(); }

 private:
  std::vector<promql::RawSeries> Within(int64_t first, int64_t last) const {
    std::vector<promql::RawSeries> out;
    for (const promql::RawSeries& one : series_) {
      promql::SampleColumns samples;
      const absl::Status status = promql::ReadSamples(one, first, last, samples);
      if (!status.ok()) std::abort();
      out.push_back({one.labels, std::move(samples), {}});
    }
    return out;
  }

  const Clock& clock_;
  const promql::TopologyShard place_;
  const std::vector<promql::RawSeries> series_;
  FakeShard shard_;
  Spent& spent_;
};

// Counters that rise unevenly and gauges that wander, eight jobs of four instances.
std::vector<promql::RawSeries> NoiseData(const std::string& region) {
  std::vector<promql::RawSeries> out;
  auto state = static_cast<uint64_t>(static_cast<unsigned char>(region[0]));
  const auto random = [&state](uint64_t limit) {
    state = state * 6364136223846793005 + 1442695040888963407;
    return (state >> 33) % limit;
  };
  for (int job = 0; job < 8; ++job) {
    for (int i = 0; i < 4; ++i) {
      promql::SampleColumns total, load;
      double sum = 0, wander = 50;
      for (int64_t t = kNow - kRange - 600'000; t <= kNow + 700'000; t += kScrape) {
        sum += static_cast<double>(1400 + random(200));
        wander += static_cast<double>(random(21)) / 10 - 1;
        total.push_back(t, sum);
        load.push_back(t, wander);
      }
      for (auto* samples : {&total, &load}) {
        out.push_back({promql::Labels::From({{"__name__", samples == &total ? "c_total" : "load"},
                                             {"job", fmt::format("j{}", job)},
                                             {"i", fmt::format("{}", i)}}),
                       std::move(*samples)});
      }
    }
  }
  promql::SampleColumns up;
  for (int64_t t = kNow - kRange - 600'000; t <= kNow + 700'000; t += kScrape) up.push_back(t, 1);
  out.push_back({promql::Labels::From({{"__name__", "up"}}), std::move(up)});
  return out;
}

// A region of the lab, a third of its usual size.
std::vector<promql::RawSeries> LabData(const std::string& region) {
  prometheus::Registry registry;
  lab::ModelOptions options;
  options.region = region;
  options.pods = 3;
  lab::Model model(options, registry);
  std::map<promql::Labels, promql::SampleColumns> samples;
  const lab::Script none;
  for (int64_t t = kNow - kRange - 600'000; t <= kNow + 700'000; t += kScrape) {
    model.Advance(static_cast<double>(t) / 1000, static_cast<double>(kScrape) / 1000, none, 0);
    for (const prometheus::MetricFamily& family : registry.Collect()) {
      if (family.type == prometheus::MetricType::Histogram) continue;
      const bool counter = family.type == prometheus::MetricType::Counter;
      for (const prometheus::ClientMetric& metric : family.metric) {
        promql::LabelsBuilder labels;
        labels.Set("__name__", family.name);
        labels.Set("kind", counter ? "counter" : "gauge");
        labels.Set("job", "shop");
        labels.Set("instance", "shop-" + region + ":8080");
        for (const auto& label : metric.label) labels.Set(label.name, label.value);
        samples[labels.Build()].push_back(t, counter ? metric.counter.value : metric.gauge.value);
      }
    }
  }
  std::vector<promql::RawSeries> out;
  for (auto& [labels, columns] : samples) out.push_back({labels, std::move(columns), {}});
  return out;
}

std::vector<std::string> Panels() {
  std::vector<std::string> out;
  for (size_t k = 0; k < kPanels; ++k) {
    constexpr const char* kForms[] = {
        "sum by (region) (rate(c_total{{job=\"j{0}\"}}[5m]))",
        "sum(rate(c_total{{job=\"j{0}\"}}[5m])) / sum(load{{job=\"j{0}\"}})",
        "max by (i) (load{{job=\"j{0}\"}})",
        "rate(c_total{{job=\"j{0}\", i=\"1\"}}[2m])",
        "quantile(0.9, load{{job=\"j{0}\"}})",
    };
    out.push_back(fmt::format(fmt::runtime(kForms[k % 5]), k % 8));
  }
  return out;
}

class World {
 public:
  using DataOf = std::vector<promql::RawSeries> (*)(const std::string& region);

  World(bool cached, DataOf data) {
    loop_.clock.AdvanceMillis(kNow - loop_.clock.WallMillis());
    cache_ = std::make_shared<aggregator::FragmentCache>(aggregator::FragmentCacheOptions(),
                                                         loop_.clock, pool_, loop_.executor());
    aggregator::Upstreams upstreams;
    for (const char* name : {"ap", "eu", "us"}) {
      aggregator::Region region;
      region.name = name;
      region.labels = promql::Labels::From({{"region", name}});
      region.shards.emplace_back();
      upstreams.inventory.regions.push_back(region);
      upstreams.clients.push_back(std::make_shared<CountingShard>(
          loop_.clock, promql::TopologyShard{name, "main", region.labels}, data(name), spent_));
      if (cached) upstreams.caches.push_back(cache_->Of({name, "main", ""}));
    }
    service_ = aggregator::NewQueryService({}, std::move(upstreams), pool_, loop_.clock);
  }

  double RefreshSeconds(const std::string& text) {
    aggregator::QueryRequest request;
    request.text = text;
    const int64_t end = loop_.clock.WallMillis() / kScrape * kScrape;
    request.grid = {end - kRange, end, kScrape};
    request.range_query = true;
    const auto begin = std::chrono::steady_clock::now();
    const auto answer = loop_.Run(service_->Query(std::move(request)));
    if (!answer.ok()) {
      fmt::print(stderr, "dashboard_bench: {}: {}\n", text, answer.status().ToString());
      std::exit(1);
    }
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
  void Advance(int64_t ms) { loop_.clock.AdvanceMillis(ms); }
  const CountingShard::Spent& spent() const { return spent_; }
  const aggregator::FragmentCache& cache() const { return *cache_; }

 private:
  CountingShard::Spent spent_;
  AsyncTest loop_;
  ComputePool pool_{1};
  std::shared_ptr<aggregator::FragmentCache> cache_;
  std::unique_ptr<aggregator::FederatedQueryService> service_;
};

// After a few refreshes: what is looked at once is not written anew.
double BytesPerSample(const std::string& text, World::DataOf data) {
  World world(/*cached=*/true, data);
  for (int refresh = 0; refresh < 5; ++refresh) {
    world.RefreshSeconds(text);
    world.Advance(kScrape);
  }
  const aggregator::TierStats stats = world.cache().memory();
  return static_cast<double>(stats.bytes) / static_cast<double>(stats.samples);
}

int Main() {
  const std::vector<std::string> panels = Panels();
  World cached(/*cached=*/true, NoiseData);
  std::vector<double> seconds;
  int64_t first = 0;  // samples of the first view
  for (int64_t refresh = 0; refresh < kRefreshes; ++refresh) {
    for (int64_t viewer = 0; viewer < kViewers; ++viewer) {
      for (const std::string& text : panels) {
        const double spent = cached.RefreshSeconds(text);
        if (refresh > 0) seconds.push_back(spent);
      }
      if (refresh == 0 && viewer == 0) first = cached.spent().samples;
      cached.Advance(kScrape / kViewers);
    }
  }
  // Each refresh brings one step more, which is one of 1441.
  constexpr int64_t kScrapes = kRange / kScrape + 1;
  const double fresh_once = static_cast<double>(first) + static_cast<double>(first) /
                                                             static_cast<double>(kScrapes) *
                                                             (kRefreshes - 1);
  World uncached(/*cached=*/false, NoiseData);
  for (const std::string& text : panels) uncached.RefreshSeconds(text);
  const double uncached_cpu = uncached.spent().cpu_s * kRefreshes * kViewers;
  std::sort(seconds.begin(), seconds.end());
  fmt::print("cache_dashboard_samples_over_new {:.3f} ratio\n",
             static_cast<double>(cached.spent().samples) / fresh_once);
  fmt::print("cache_dashboard_upstream_cpu_over_uncached {:.5f} ratio\n",
             cached.spent().cpu_s / uncached_cpu);
  fmt::print("cache_dashboard_p50 {:.3f} ms\n", seconds[seconds.size() / 2] * 1000);
  fmt::print("cache_dashboard_p99 {:.3f} ms\n", seconds[seconds.size() * 99 / 100] * 1000);
  const aggregator::TierStats stats = cached.cache().memory();
  fmt::print("cache_dashboard_held {:.2f} MiB\n", static_cast<double>(stats.bytes) / (1 << 20));
  const struct {
    const char* name;
    const char* text;
    World::DataOf data;
  } kept[] = {
      {"gauges", "{kind=\"gauge\"}", LabData},
      {"decimal_gauges", "{__name__=~\"capacity_.*|replication_pending_operations\"}", LabData},
      {"rates", "rate(http_requests_total[5m])", LabData},
      {"sums_of_rates", "sum by (service, code) (rate(http_requests_total[5m]))", LabData},
      {"counters", "http_requests_total", LabData},
      {"noise_gauges", "load", NoiseData},
      {"noise_steps_of_gauges", "max by (job, i) (load)", NoiseData},
      {"noise_rates", "sum by (job) (rate(c_total[5m]))", NoiseData},
  };
  for (const auto& [name, text, data] : kept) {
    fmt::print("cache_bytes_per_sample_{} {:.2f} bytes\n", name, BytesPerSample(text, data));
  }
  return 0;
}

}  // namespace
}  // namespace synoptic

int main() { return synoptic::Main(); }
