// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
// The metrics of one region and how a tick moves them.
#include "tests/lab/exporter/model.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace synoptic::lab {
namespace {

constexpr std::array<const char*, 2> kMethods = {"GET", "POST"};
constexpr std::array<const char*, 5> kCodes = {"200", "204", "404", "500", "503"};
constexpr std::array<double, 5> kCodeShares = {0.90, 0.05, 0.03, 0.015, 0.005};
constexpr std::array<const char*, 8> kServices = {"checkout", "cart",   "catalog", "search",
                                                  "payments", "orders", "users",   "mail"};
constexpr std::array<const char*, 8> kDatabases = {"orders",    "users",    "catalog", "payments",
                                                   "inventory", "sessions", "audit",   "mail"};
constexpr std::array<const char*, 4> kResources = {"cpu", "memory", "disk", "connections"};
const prometheus::Histogram::BucketBoundaries kBounds = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                                         0.5,   1,    2.5,   5,    10};
constexpr double kPi = 3.14159265358979323846;
constexpr double kDay = 86400;

template <size_t N>
std::string Name(const std::array<const char*, N>& names, int index) {
  const auto i = static_cast<size_t>(index);
  return i < N ? names[i] : std::string(names[i % N]) + "-" + std::to_string(i / N);
}

uint64_t Hash(std::string_view text, uint64_t seed) {
  uint64_t hash = 14695981039346656037ULL ^ (seed * 0x9E3779B97F4A7C15ULL);
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash;
}

}  // namespace

Model::Model(const ModelOptions& options, prometheus::Registry& registry)
    : random_(Hash(options.region, options.seed)) {
  AddPods(options, registry);
  AddLinks(options, registry);
  AddPools(options, registry);
  auto& skew = prometheus::BuildGauge()
                   .Name("clock_skew_seconds")
                   .Help("Offset of the node's clock.")
                   .Register(registry);
  for (int node = 0; node < options.nodes; ++node) {
    skews_.push_back(&skew.Add({{"node", "node-" + std::to_string(node)}}));
  }
  auto& build = prometheus::BuildGauge()
                    .Name("service_build_info")
                    .Help("Version of the service that runs; always 1.")
                    .Register(registry);
  for (int service = 0; service < options.services; ++service) {
    build
        .Add({{"service", Name(kServices, service)}, {"version", "1.4." + std::to_string(service)}})
        .Set(1);
  }
}

void Model::AddPods(const ModelOptions& options, prometheus::Registry& registry) {
  auto& requests = prometheus::BuildCounter()
                       .Name("http_requests_total")
                       .Help("Requests answered.")
                       .Register(registry);
  auto& durations = prometheus::BuildHistogram()
                        .Name("http_request_duration_seconds")
                        .Help("Time to answer a request.")
                        .Register(registry);
  for (int service = 0; service < options.services; ++service) {
    const std::string name = Name(kServices, service);
    const double busy = 2 + 8 * Uniform();
    const double latency = 0.01 + 0.1 * Uniform();
    for (int index = 0; index < options.pods; ++index) {
      Pod pod{busy * (0.8 + 0.4 * Uniform()), latency * (0.9 + 0.2 * Uniform()), {}, {}};
      const std::string pod_name = name + "-" + std::to_string(index);
      for (const char* method : kMethods) {
        for (const char* code : kCodes) {
          pod.requests.push_back(&requests.Add(
              {{"service", name}, {"pod", pod_name}, {"method", method}, {"code", code}}));
        }
        pod.durations.push_back(
            &durations.Add({{"service", name}, {"pod", pod_name}, {"method", method}}, kBounds));
      }
      pods_.push_back(std::move(pod));
    }
  }
}

void Model::AddLinks(const ModelOptions& options, prometheus::Registry& registry) {
  auto& lag = prometheus::BuildGauge()
                  .Name("replication_lag_seconds")
                  .Help("Age of the newest write the destination has applied.")
                  .Register(registry);
  auto& pending = prometheus::BuildGauge()
                      .Name("replication_pending_operations")
                      .Help("Writes the destination has not applied yet.")
                      .Register(registry);
  for (int database = 0; database < options.databases; ++database) {
    for (const std::string& destination : options.destinations) {
      const std::string db = Name(kDatabases, database);
      const prometheus::Labels labels = {{"db", db}, {"destination", destination}};
      links_.push_back({db, destination, 0.5 + 2 * Uniform(), 20 + 200 * Uniform(),
                        &lag.Add(labels), &pending.Add(labels)});
    }
  }
}

void Model::AddPools(const ModelOptions& options, prometheus::Registry& registry) {
  auto& used = prometheus::BuildGauge()
                   .Name("capacity_used")
                   .Help("How much of the pool's resource is in use.")
                   .Register(registry);
  auto& limit = prometheus::BuildGauge()
                    .Name("capacity_limit")
                    .Help("How much of the resource the pool has.")
                    .Register(registry);
  for (int index = 0; index < options.pools; ++index) {
    for (const char* resource : kResources) {
      const prometheus::Labels labels = {{"pool", "pool-" + std::to_string(index)},
                                         {"resource", resource}};
      const double size = std::round(64 + 960 * Uniform());
      limit.Add(labels).Set(size);
      pools_.push_back({size, 0.3 + 0.4 * Uniform(), &used.Add(labels)});
    }
  }
}

void Model::Advance(double now, double dt, const Script& script, double script_time) {
  const double rhythm = 1 + 0.4 * std::sin(2 * kPi * std::fmod(now, kDay) / kDay);
  for (Pod& pod : pods_) ServeRequests(pod, rhythm, dt);
  for (const Link& link : links_) {
    const double extra = script.ExtraLag(script_time, link.db, link.destination);
    const double lag = link.base_lag * (0.8 + 0.4 * Uniform()) + extra;
    link.lag->Set(lag);
    link.pending->Set(std::floor(lag * link.writes_per_second));
  }
  const double surge = 1 + script.Surge(script_time);
  for (Pool& pool : pools_) {
    pool.level = std::clamp(pool.level + 0.01 * (Uniform() - 0.5), 0.05, 0.98);
    const double used = std::min(1.0, pool.level * surge);
    pool.used->Set(std::round(pool.limit * used * 100) / 100);
  }
  for (prometheus::Gauge* skew : skews_) skew->Set(0.02 * (Uniform() - 0.5));
}

void Model::ServeRequests(Pod& pod, double rhythm, double dt) {
  const double expected = pod.requests_per_second * rhythm * dt * (0.7 + 0.6 * Uniform());
  for (size_t method = 0; method < kMethods.size(); ++method) {
    const double count = std::floor(expected * (method == 0 ? 0.8 : 0.2) + Uniform());
    double left = count;
    for (size_t code = kCodes.size(); code-- > 1;) {
      const double share = std::min(left, std::floor(count * kCodeShares[code] + Uniform()));
      pod.requests[method * kCodes.size() + code]->Increment(share);
      left -= share;
    }
    pod.requests[method * kCodes.size()]->Increment(left);

    // Latencies around the median, wide as a log-normal: one uniform draw for each request.
    std::vector<double> buckets(kBounds.size() + 1, 0);
    double sum = 0;
    for (int i = 0; i < static_cast<int>(count); ++i) {
      const double seconds = pod.latency * std::exp(1.6 * (Uniform() + Uniform() - 1));
      const auto bucket = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
      buckets[static_cast<size_t>(bucket - kBounds.begin())] += 1;
      sum += seconds;
    }
    pod.durations[method]->ObserveMultiple(buckets, sum);
  }
}

double Model::Uniform() {
  random_ += 0x9E3779B97F4A7C15ULL;
  uint64_t z = random_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1.0p-53;
}

}  // namespace synoptic::lab
