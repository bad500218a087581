// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// One region's service as metrics: requests and their latency, replication lag and pending
// operations per database and destination, capacity, clock skew. Everything follows from the seed,
// the region's name and the ticks it is advanced by, so that two runs tell the same story.
//
// Not thread-safe; the registry it fills must outlive it.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/lab/exporter/incident.h"

namespace synoptic::lab {

// The defaults make about 2,400 series.
struct ModelOptions {
  std::string region = "us-east-1";
  std::vector<std::string> destinations = {"eu-west-1", "ap-south-1"};
  uint64_t seed = 1;
  int services = 6;
  int pods = 10;  // of each service
  int databases = 6;
  int pools = 8;
  int nodes = 10;
};

class Model {
 public:
  Model(const ModelOptions& options, prometheus::Registry& registry);

  // Lets `dt` seconds pass and ends at `now` (seconds since the Unix epoch for the daily rhythm;
  // `script_time` is the script's own clock).
  void Advance(double now, double dt, const Script& script, double script_time);

 private:
  struct Pod {
    double requests_per_second;
    double latency;                                 // median, seconds
    std::vector<prometheus::Counter*> requests;     // [method * codes + code]
    std::vector<prometheus::Histogram*> durations;  // [method]
  };
  struct Link {
    std::string db;
    std::string destination;
    double base_lag;
    double writes_per_second;
    prometheus::Gauge* lag;
    prometheus::Gauge* pending;
  };
  struct Pool {
    double limit;
    double level;  // share of the limit in use, wandering
    prometheus::Gauge* used;
  };

  void AddPods(const ModelOptions& options, prometheus::Registry& registry);
  void AddLinks(const ModelOptions& options, prometheus::Registry& registry);
  void AddPools(const ModelOptions& options, prometheus::Registry& registry);
  void ServeRequests(Pod& pod, double rhythm, double dt);
  double Uniform();  // in [0, 1)

  uint64_t random_;
  std::vector<Pod> pods_;
  std::vector<Link> links_;
  std::vector<Pool> pools_;
  std::vector<prometheus::Gauge*> skews_;
};

}  // namespace synoptic::lab
