// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Asks the configured servers what live_facts.h judges: a handful of cheap questions each, nothing
// that a running Synoptic would not ask, all servers at once.
#pragma once

#include <utility>
#include <vector>

#include "app/http_clients.h"
#include "app/live_facts.h"
#include "base/clock.h"
#include "net/async/task_group.h"

namespace synoptic::app {

struct LiveAnswers {
  std::vector<LiveReplica> replicas;  // in order of configuration
  std::vector<LiveOverlap> overlaps;
};

// Servers that do not answer say so in their LiveReplica. `group` owns what runs: everything else
// given must outlive it.
Task<LiveAnswers> ProbeAll(const aggregator::Inventory& inventory, HttpClients& clients,
                           const Clock& clock, TaskGroup& group);

}  // namespace synoptic::app
