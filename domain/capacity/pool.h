// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// One resource in several regions, and where a lost region's load goes. Capacity and load are in
// one unit (requests/s, cores, connections, ...), regions are known by their index. Zones within a
// region are a pool as well.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace synoptic::domain {

struct Pool {
  std::vector<std::string> regions;
  std::vector<double> capacity;     // usable limit
  std::vector<double> load;         // now, or a quantile of a forecast
  double target_utilisation = 0.8;  // of capacity, in (0, 1]

  size_t size() const { return regions.size(); }
  double usable(size_t region) const { return target_utilisation * capacity[region]; }
};

// Errors: sizes that differ, regions named twice, negative or no numbers, a target outside (0, 1].
absl::Status CheckPool(const Pool& pool);

// The index of a region by name. Errors: NotFound, with the names there are.
absl::StatusOr<size_t> FindRegion(std::span<const std::string> regions, std::string_view name);

// Who takes a lost region's load: a row a lost region, a column a survivor. Only the proportions
// within a row matter, over those that survive. Which model it is decides whether a loss fits, so
// it is to be shown beside every number made from it.
class Weights {
 public:
  // Everyone the same.
  static absl::StatusOr<Weights> Equal(size_t regions);
  // By one number a region, its capacity for example.
  static absl::StatusOr<Weights> Proportional(std::span<const double> weights);

  // Shares declared or measured in a drill, `share` of `from`'s load to `to`.
  struct Share {
    std::string from;
    std::string to;
    double share = 0;
  };
  // Errors: unknown regions, a share from a region to itself (its load would go round in a circle),
  // one declared twice, shares outside [0, 1], shares of a region that do not add up to 1 (within
  // 1e-6). A region without any share passes nothing on.
  static absl::StatusOr<Weights> Affinity(std::span<const std::string> regions,
                                          std::span<const Share> shares);

  size_t size() const { return size_; }
  double at(size_t lost, size_t survivor) const { return cells_[lost * size_ + survivor]; }

 private:
  explicit Weights(size_t regions) : size_(regions), cells_(regions * regions) {}

  size_t size_;
  std::vector<double> cells_;  // diagonal 0
};

}  // namespace synoptic::domain
