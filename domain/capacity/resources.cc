// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/capacity/resources.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/status.h"
#include "domain/stats/check.h"

namespace synoptic::domain {
namespace {

Usage UsageOf(double after, double limit) {
  return {after, after / limit, std::max(0.0, after - limit), after <= limit};
}

}  // namespace

absl::StatusOr<ElasticHeadroom> HeadroomOf(const ElasticPool& pool) {
  RETURN_IF_ERROR(CheckNonNegative({{"in_service", pool.in_service},
                                    {"max_size", pool.max_size},
                                    {"quota_units", pool.quota_units},
                                    {"subnet_ips", pool.subnet_ips},
                                    {"per_unit", pool.per_unit},
                                    {"load_after", pool.load_after}}));
  RETURN_IF_ERROR(CheckRatio({{"target", pool.target}, {"p_ice", pool.p_ice}}));
  ElasticHeadroom headroom;
  headroom.reachable_units = std::min({pool.max_size, pool.quota_units, pool.subnet_ips});
  headroom.fixed = pool.target * pool.in_service * pool.per_unit - pool.load_after;
  headroom.elastic = pool.target * headroom.reachable_units * pool.per_unit - pool.load_after;
  headroom.discounted = headroom.fixed + (headroom.elastic - headroom.fixed) * (1 - pool.p_ice);
  headroom.statically_stable = headroom.fixed >= 0;
  return headroom;
}

absl::StatusOr<Usage> ConnectionsAfter(double connections, double moved_clients, double pool_size,
                                       double max_connections) {
  RETURN_IF_ERROR(CheckNonNegative(
      {{"connections", connections}, {"moved clients", moved_clients}, {"pool size", pool_size}}));
  RETURN_IF_ERROR(CheckPositive({{"max_connections", max_connections}}));
  return UsageOf(connections + moved_clients * pool_size, max_connections);
}

absl::StatusOr<Usage> QuotaAfter(double usage, double needed, double quota) {
  RETURN_IF_ERROR(CheckNonNegative({{"usage", usage}, {"needed", needed}}));
  RETURN_IF_ERROR(CheckPositive({{"quota", quota}}));
  return UsageOf(usage + needed, quota);
}

absl::StatusOr<Promotion> PromoteOnto(double writer_size, double writer_utilisation,
                                      double replica_size, double target) {
  RETURN_IF_ERROR(CheckPositive({{"writer size", writer_size}, {"replica size", replica_size}}));
  RETURN_IF_ERROR(CheckNonNegative({{"writer utilisation", writer_utilisation}}));
  RETURN_IF_ERROR(CheckRatio({{"target", target}}));
  Promotion promotion;
  promotion.utilisation = writer_utilisation * writer_size / replica_size;
  promotion.fits = promotion.utilisation <= target;
  return promotion;
}

absl::StatusOr<PodFit> FitPods(std::span<const NodeFree> nodes, double pod_cpu, double pod_memory) {
  RETURN_IF_ERROR(CheckPositive({{"pod cpu", pod_cpu}, {"pod memory", pod_memory}}));
  PodFit fit;
  NodeFree all;
  for (const NodeFree& node : nodes) {
    RETURN_IF_ERROR(CheckNonNegative({{"node cpu", node.cpu}, {"node memory", node.memory}}));
    fit.fits += std::min(std::floor(node.cpu / pod_cpu), std::floor(node.memory / pod_memory));
    all.cpu += node.cpu;
    all.memory += node.memory;
  }
  fit.pooled = std::floor(std::min(all.cpu / pod_cpu, all.memory / pod_memory));
  return fit;
}

absl::StatusOr<ColdCache> OriginAfterShift(double requests, double hit_warm, double hit_cold,
                                           double origin_capacity) {
  RETURN_IF_ERROR(CheckNonNegative({{"requests", requests}, {"origin capacity", origin_capacity}}));
  RETURN_IF_ERROR(CheckRatio({{"hit ratio warm", hit_warm}, {"hit ratio cold", hit_cold}}));
  ColdCache cache;
  cache.origin_warm = requests * (1 - hit_warm);
  cache.origin_cold = requests * (1 - hit_cold);
  cache.amplification = 1;
  if (hit_cold != hit_warm) cache.amplification = (1 - hit_cold) / (1 - hit_warm);
  cache.admitted_share =
      cache.origin_cold > 0 ? std::min(1.0, origin_capacity / cache.origin_cold) : 1;
  return cache;
}

absl::StatusOr<Binding> BindingResource(std::span<const ResourceLoad> resources) {
  if (resources.empty()) return InvalidArgument("resources: none: expected at least one");
  Binding binding;
  for (size_t i = 0; i < resources.size(); ++i) {
    RETURN_IF_ERROR(CheckPositive({{"limit", resources[i].limit}}));
    RETURN_IF_ERROR(CheckNonNegative({{"load", resources[i].load}}));
    binding.headroom_fraction.push_back((resources[i].limit - resources[i].load) /
                                        resources[i].limit);
    if (binding.headroom_fraction[i] < binding.headroom_fraction[binding.index]) binding.index = i;
  }
  return binding;
}

}  // namespace synoptic::domain
