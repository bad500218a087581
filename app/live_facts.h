// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What `check config --live` finds out about the configured servers, and what follows from it.
// Asking is in live_probe.cc; judging is pure, here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "aggregator/upstream/inventory.h"
#include "promql/model/labels.h"

namespace synoptic::app {

// One replica, as it answered.
struct LiveReplica {
  std::string region;
  std::string shard;
  std::string url;
  std::string error;          // why there is no answer; then nothing below is known
  std::string version;        // "3.15.0", as it says
  std::string flavor;         // as far as its answers tell it: one of the configuration's words
  int64_t skew_ms = 0;        // its clock less ours
  int64_t skew_error_ms = 0;  // by how much that may be wrong
  std::optional<bool> remote_read;         // unset: not asked, the configuration does without
  std::optional<promql::Labels> external;  // its external labels, where it tells them
  std::vector<std::string> label_names;    // of the last minutes
  bool has_canary = true;                  // has series that tell when it was whole
  size_t series = 0;                       // of `up` (or any, without it) in the last minutes
  std::vector<promql::Labels> sample;      // some of them, to be looked for at others
};

// How many of `from`'s sample another replica holds. Indexes into the list of replicas.
struct LiveOverlap {
  size_t from = 0;
  size_t at = 0;
  size_t asked = 0;
  size_t held = 0;
};

struct LiveFinding {
  enum class Level { kNote, kWarning, kError };
  Level level = Level::kNote;
  std::string where;  // region "eu" shard "main" http://...
  std::string what;   // one stable word: reach, version, flavor, clock, remote_read, labels,
                      // same_series, replicas_differ, canary
  std::string text;
};

// In order of configuration.
std::vector<LiveFinding> Judge(const aggregator::Inventory& inventory,
                               const std::vector<LiveReplica>& replicas,
                               const std::vector<LiveOverlap>& overlaps);

}  // namespace synoptic::app
