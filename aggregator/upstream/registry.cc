// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/flavor.h"

namespace synoptic::aggregator {
namespace {

void NoParameters(const Region&, net::Parameters&) {}

// Thanos merges replicas itself when told their labels. Half an answer must be an error here, not a
// warning: coverage tells the two apart.
void ThanosParameters(const Region& region, net::Parameters& parameters) {
  parameters.emplace_back("dedup", "true");
  parameters.emplace_back("partial_response", "false");
  // Stored samples, never downsampled ones.
  parameters.emplace_back("max_source_resolution", "0s");
  for (const std::string& label : region.replica_labels) {
    parameters.emplace_back("replicaLabels[]", label);
  }
}

// VictoriaMetrics moves start and end onto its own grid unless its cache is off.
void VictoriaMetricsParameters(const Region&, net::Parameters& parameters) {
  parameters.emplace_back("nocache", "1");
}

}  // namespace

const std::vector<FlavorTraits>& AllFlavors() {
  static const std::vector<FlavorTraits> flavors = {
      {Flavor::kPrometheus, "prometheus", true, true, false, true, "", NoParameters},
      {Flavor::kThanos, "thanos", false, false, true, true, "", ThanosParameters},
      {Flavor::kMimir, "mimir", true, false, true, true, "", NoParameters},
      {Flavor::kVictoriaMetrics, "victoriametrics", false, false, true, false, "",
       VictoriaMetricsParameters},
      {Flavor::kSynoptic, "synoptic", true, false, true, true, "?partial=policy", NoParameters},
  };
  return flavors;
}

const FlavorTraits& TraitsOf(Flavor flavor) {
  for (const FlavorTraits& traits : AllFlavors()) {
    if (traits.flavor == flavor) return traits;
  }
  return AllFlavors().front();
}

}  // namespace synoptic::aggregator
