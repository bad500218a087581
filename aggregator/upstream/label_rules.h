// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What becomes of the labels an upstream sends: the topology's labels are set by us and never
// believed, replica labels are dropped, and the external labels that a Prometheus adds to remote
// read (and to nothing else) are taken off again, so that both ways of reading agree.
//
// For an incoming label, in this order:
//   1. equal to one of `external` in name and value: taken off;
//   2. a replica label: dropped;
//   3. a topology label: renamed exported_<name> (again, while that name is taken), unless the
//      upstream is one that sets such labels itself (`trusts_equal`) and the value is ours anyway;
//   4. kept. Then our own labels are added.
//
// Immutable, thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "promql/model/labels.h"

namespace synoptic::aggregator {

class LabelRules {
 public:
  // `own`: set on every series of this shard. `topology_names`: label names that any shard of the
  // topology sets, own or not. `replica_labels`: dropped.
  LabelRules(promql::Labels own, std::vector<std::string> topology_names,
             std::vector<std::string> replica_labels, bool trusts_equal = false);

  // `labels` sorted by name, unique; empty values count as absent.
  promql::Labels Apply(std::span<const promql::Label> labels,
                       const promql::Labels& external = promql::Labels()) const;

  // The names an answer of `labels` (API) has after the rules, sorted and unique.
  std::vector<std::string> ApplyToNames(const std::vector<std::string>& names) const;

  const promql::Labels& own() const { return own_; }
  // How many names the rules say something about.
  size_t CountNames() const { return topology_names_.size() + replica_labels_.size(); }
  bool IsTopologyName(std::string_view name) const;
  bool IsReplicaLabel(std::string_view name) const;

 private:
  const promql::Labels own_;
  const std::vector<std::string> topology_names_;  // sorted, our own among them
  const std::vector<std::string> replica_labels_;  // sorted
  const bool trusts_equal_;
  const uint64_t topology_lengths_;  // of the names, as bits
  const uint64_t replica_lengths_;
};

}  // namespace synoptic::aggregator
