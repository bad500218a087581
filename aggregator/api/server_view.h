// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What the API tells about the process it runs in, and the two things it may ask of it. `app`
// implements it. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "net/async/task.h"

namespace synoptic::aggregator {

struct BuildInfo {
  std::string version;  // the Prometheus version whose API we speak: Grafana chooses by it
  std::string revision;
  std::string branch;
  std::string build_user;
  std::string build_date;
  std::string compiler;  // in the place of goVersion
};

struct RuntimeInfo {
  int64_t start_time_ns = 0;
  int64_t server_time_ns = 0;
  std::string working_directory;
  std::string hostname;
  bool reload_config_success = true;
  int64_t last_config_time_ns = 0;
  int threads = 0;
  int cores = 0;
  std::string storage_retention;
};

class ServerView {
 public:
  virtual ~ServerView() = default;
  virtual BuildInfo Build() const = 0;
  virtual RuntimeInfo Runtime() const = 0;
  // The running configuration, secrets hidden.
  virtual std::string ConfigYaml() const = 0;
  // Options and their values, sorted by name.
  virtual std::vector<std::pair<std::string, std::string>> Flags() const = 0;
  // URLs alerts are posted to.
  virtual std::vector<std::string> Alertmanagers() const = 0;
  // What this observer can reach and what the others say: JSON (alerting/observer/report.h).
  virtual std::string ObserversJson() const { return "null"; }
  // What this process delivered to webhooks, from entry `since` on: JSON
  // (alerting/observer/deliveries.h).
  virtual std::string DeliveriesJson(int64_t /*since*/) const { return "null"; }
  // True once queries can be answered and until the server begins to stop.
  virtual bool Ready() const = 0;
  // The text exposition of our own metrics.
  virtual std::string MetricsText() const = 0;
  // Loads the configuration anew. The error says why the old one stays.
  virtual Task<> Reload() = 0;
};

}  // namespace synoptic::aggregator
