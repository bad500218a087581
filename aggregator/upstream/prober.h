// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The health probe of one replica: `vector(1)` every few seconds, at once when a request waits for
// too long (ReplicaState::kick), and when an open breaker may be tried again. Internal to this
// library.
#pragma once

#include <memory>

#include "aggregator/upstream/replica.h"

namespace synoptic::aggregator {

// Runs until cancelled.
Task<> ProbeForever(std::shared_ptr<ShardState> shard, std::shared_ptr<ReplicaState> replica,
                    uint64_t seed);

// Learns the external labels and the windows whenever the prober finds them stale. Runs until
// cancelled.
Task<> LearnForever(std::shared_ptr<ShardState> shard, std::shared_ptr<ReplicaState> replica);

// Makes replica->external known and fresh. OK also when the replica does not tell; an error when it
// could not be asked.
Task<> LearnExternalLabels(std::shared_ptr<ShardState> shard, std::shared_ptr<ReplicaState> replica,
                           Deadline deadline);

// Makes replica->windows known and fresh; an error when it could not be asked.
Task<> LearnWindowEnds(std::shared_ptr<ShardState> shard, std::shared_ptr<ReplicaState> replica,
                       Deadline deadline);

}  // namespace synoptic::aggregator
