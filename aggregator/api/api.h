// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Prometheus' HTTP API over the query service: parameters in, JSON out. routes.cc lists the
// endpoints, one file each.
//
// Api is immutable: a reload makes another one. Handlers run on the I/O executor; large answers are
// encoded on the compute pool.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "aggregator/api/planning_view.h"
#include "aggregator/api/rule_view.h"
#include "aggregator/api/server_view.h"
#include "aggregator/query/query_service.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "net/async/compute_pool.h"
#include "net/http/server.h"
#include "promql/model/topology.h"
#include "promql/parse/parser.h"

namespace synoptic::aggregator {

class FragmentCache;  // aggregator/cache

struct ApiOptions {
  int64_t query_timeout_ms = 120'000;
  bool alert_requests_required = true;     // FromAlert: true means partial=require
  int64_t lookback_ms = 300'000;           // of /federate
  int64_t read_sample_limit = 50'000'000;  // samples of one query of remote read
  promql::Labels external_labels;          // added by /federate
  bool search = true;                      // the search API
  bool lifecycle = false;                  // POST /-/reload
  std::string cors_origin;                 // anchored regular expression; empty: no CORS headers
  std::string route_prefix;                // "/prom": answered with and without it
  int64_t answer_memory_bytes = int64_t{64} << 20;  // whole answers kept; 0: none
  int64_t recent_ms = 120'000;                      // how far back data may still change
  std::string identity;           // of this process (aggregator/upstream/loop_guard.h)
  promql::ParseOptions language;  // of format_query and its kin
};

// All of it outlives the Api.
struct ApiDependencies {
  QueryService& service;
  const Clock& clock;
  ComputePool& compute;
  ServerView& server;
  Metrics& metrics;
  const RuleView* rules = nullptr;   // none: no rules of our own
  PlanningView* planning = nullptr;  // none: nobody answers synoptic/whatif and its kin
  std::shared_ptr<FragmentCache> cache = nullptr;  // none: every query asks the regions
};

class Api {
 public:
  virtual ~Api() = default;
  // Answers every request, errors included. `context` lives until the task ends.
  virtual Task<net::HttpResponse> Handle(const net::RequestContext& context) const = 0;
  // The small set of the admin listener: health, readiness, metrics, reload.
  virtual Task<net::HttpResponse> HandleAdmin(const net::RequestContext& context) const = 0;
};

std::shared_ptr<const Api> NewApi(ApiDependencies dependencies, promql::Topology topology,
                                  ApiOptions options);

}  // namespace synoptic::aggregator
