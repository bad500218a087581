// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Stored samples as they are, for those who pass them on: /federate and remote read. The way is
// that of a query that reads everything raw, so that replicas fill each other's holes and matchers
// on topology labels are decided here.
#pragma once

#include <memory>

#include "aggregator/query/fetch_stage.h"
#include "aggregator/query/label_queries.h"
#include "aggregator/query/query_service.h"

namespace synoptic::aggregator {

// Errors as QueryService's.
Task<RawQueryAnswer> RawOf(RawQuery query, UpstreamsRef upstreams, FetchEnvironment environment,
                           std::shared_ptr<MemoryBudget> all_memory, QueryServiceOptions options);

}  // namespace synoptic::aggregator
