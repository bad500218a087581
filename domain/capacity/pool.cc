// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/capacity/pool.h"

#include <algorithm>
#include <cmath>

#include "base/go_format.h"
#include "base/status.h"
#include "base/strings.h"
#include "domain/stats/check.h"

namespace synoptic::domain {
namespace {

absl::Status CheckRegions(size_t regions) {
  if (regions > 0) return absl::OkStatus();
  return InvalidArgument("regions: none: expected at least one");
}

}  // namespace

absl::Status CheckPool(const Pool& pool) {
  RETURN_IF_ERROR(CheckRegions(pool.size()));
  RETURN_IF_ERROR(CheckSameSize("capacity", pool.capacity.size(), "regions", pool.size()));
  RETURN_IF_ERROR(CheckSameSize("load", pool.load.size(), "regions", pool.size()));
  for (size_t i = 0; i < pool.size(); ++i) {
    const std::string& name = pool.regions[i];
    if (std::count(pool.regions.begin(), pool.regions.end(), name) > 1) {
      return InvalidArgument("region {}: named twice: expected different names", GoQuote(name));
    }
    RETURN_IF_ERROR(
        Annotate(CheckNonNegative({{"capacity", pool.capacity[i]}, {"load", pool.load[i]}}),
                 "region " + GoQuote(name)));
  }
  RETURN_IF_ERROR(CheckPositive({{"target utilisation", pool.target_utilisation}}));
  return CheckRatio({{"target utilisation", pool.target_utilisation}});
}

absl::StatusOr<size_t> FindRegion(std::span<const std::string> regions, std::string_view name) {
  const auto it = std::find(regions.begin(), regions.end(), name);
  if (it != regions.end()) return static_cast<size_t>(it - regions.begin());
  return MakeStatus(absl::StatusCode::kNotFound, "region {}: unknown: expected one of {}",
                    GoQuote(name), Join({regions.begin(), regions.end()}, ", "));
}

absl::StatusOr<Weights> Weights::Equal(size_t regions) {
  return Proportional(std::vector<double>(regions, 1));
}

absl::StatusOr<Weights> Weights::Proportional(std::span<const double> weights) {
  RETURN_IF_ERROR(CheckRegions(weights.size()));
  RETURN_IF_ERROR(CheckEachNonNegative("weights", weights));
  Weights result(weights.size());
  for (size_t lost = 0; lost < weights.size(); ++lost) {
    for (size_t to = 0; to < weights.size(); ++to) {
      if (to != lost) result.cells_[lost * weights.size() + to] = weights[to];
    }
  }
  return result;
}

absl::StatusOr<Weights> Weights::Affinity(std::span<const std::string> regions,
                                          std::span<const Share> shares) {
  RETURN_IF_ERROR(CheckRegions(regions.size()));
  Weights result(regions.size());
  std::vector<double> sums(regions.size());
  std::vector<bool> declared(regions.size() * regions.size());
  for (const Share& share : shares) {
    ASSIGN_OR_RETURN(const size_t from, FindRegion(regions, share.from));
    ASSIGN_OR_RETURN(const size_t to, FindRegion(regions, share.to));
    const size_t cell = from * regions.size() + to;
    const std::string what = fmt::format("weight {} -> {}", share.from, share.to);
    if (from == to) {
      return InvalidArgument("{}: a region's load goes back to itself: expected another region",
                             what);
    }
    if (declared[cell]) return InvalidArgument("{}: declared twice: expected once", what);
    RETURN_IF_ERROR(CheckRatio({{what, share.share}}));
    declared[cell] = true;
    result.cells_[cell] = share.share;
    sums[from] += share.share;
  }
  for (size_t from = 0; from < regions.size(); ++from) {
    const bool any = std::any_of(shares.begin(), shares.end(),
                                 [&](const Share& share) { return share.from == regions[from]; });
    if (any && std::abs(sums[from] - 1) > 1e-6) {
      return InvalidArgument("weights of region {}: add up to {}: expected 1",
                             GoQuote(regions[from]), GoFloatG(sums[from]));
    }
  }
  return result;
}

}  // namespace synoptic::domain
