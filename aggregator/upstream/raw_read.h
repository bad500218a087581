// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Original samples from one replica, in whichever form it offers and the configuration allows:
//   remote read, streamed chunks first; where that is not offered, or could not agree with the
//   query API (external labels that are not known, or that a matcher names), the range-selector
//   query. That one leaves stale markers out, as the API does.
// Internal to this library.
#pragma once

#include <memory>

#include "aggregator/upstream/replica.h"

namespace synoptic::aggregator {

Task<RawAnswer> ReadRaw(std::shared_ptr<ShardState> shard, std::shared_ptr<ReplicaState> replica,
                        RawRequest request, MemoryBudget* budget, Deadline deadline,
                        ExchangeInfo& exchange);

}  // namespace synoptic::aggregator
