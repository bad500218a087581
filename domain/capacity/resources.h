// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What is particular to one kind of resource after a region is lost. "Fits" always means at most.
#pragma once

#include <span>
#include <vector>

#include "absl/status/statusor.h"

namespace synoptic::domain {

// Headroom with what serves now, with what could be started, and with that discounted by the chance
// that the provider has none left (InsufficientInstanceCapacity). Only the first is a promise:
// static stability (I13).
struct ElasticPool {
  double in_service = 0;  // units
  double max_size = 0;    // of the group; units, as the next two
  double quota_units = 0;
  double subnet_ips = 0;
  double per_unit = 0;    // load a unit carries
  double load_after = 0;  // the loss
  double target = 0.8;    // utilisation
  double p_ice = 0;       // chance to get no unit
};
struct ElasticHeadroom {
  double fixed = 0;            // target * in_service * per_unit - load_after
  double reachable_units = 0;  // the least of max_size, quota and IPs
  double elastic = 0;
  double discounted = 0;  // fixed + (elastic - fixed) * (1 - p_ice)
  bool statically_stable = false;
};
absl::StatusOr<ElasticHeadroom> HeadroomOf(const ElasticPool& pool);

// A limit with what is used of it after the loss.
struct Usage {
  double after = 0;
  double utilisation = 0;  // after / limit
  double shortfall = 0;    // max(0, after - limit)
  bool fits = false;
};
// Clients that move bring their pools of connections (I14).
absl::StatusOr<Usage> ConnectionsAfter(double connections, double moved_clients, double pool_size,
                                       double max_connections);
// Quota used and needed (I16).
absl::StatusOr<Usage> QuotaAfter(double usage, double needed, double quota);

// A single writer moves whole, onto a replica of another size (I15). Utilisation may exceed 1.
struct Promotion {
  double utilisation = 0;  // writer's * size of writer / size of replica
  bool fits = false;       // within target
};
absl::StatusOr<Promotion> PromoteOnto(double writer_size, double writer_utilisation,
                                      double replica_size, double target = 0.8);

// Pods fit node by node, not in the pool (I17).
struct NodeFree {
  double cpu = 0;
  double memory = 0;
};
struct PodFit {
  double fits = 0;    // sum over nodes of min(floor(cpu / pod), floor(memory / pod))
  double pooled = 0;  // what the sums would promise
};
absl::StatusOr<PodFit> FitPods(std::span<const NodeFree> nodes, double pod_cpu, double pod_memory);

// After a shift caches are cold and the origin carries more (I23). Rates in requests/s.
struct ColdCache {
  double origin_warm = 0;  // requests * (1 - hit ratio)
  double origin_cold = 0;
  double amplification = 0;   // cold / warm; +Inf from a hit ratio of 1
  double admitted_share = 0;  // min(1, capacity of the origin / cold)
};
absl::StatusOr<ColdCache> OriginAfterShift(double requests, double hit_warm, double hit_cold,
                                           double origin_capacity);

// The resource to buy: the one with the least headroom as a fraction of its usable limit (I18).
struct ResourceLoad {
  double limit = 0;  // usable: target * capacity; above 0
  double load = 0;   // after the loss
};
struct Binding {
  std::vector<double> headroom_fraction;  // (limit - load) / limit, by resource
  size_t index = 0;                       // of the least, the first of equals
};
absl::StatusOr<Binding> BindingResource(std::span<const ResourceLoad> resources);

}  // namespace synoptic::domain
