// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// series, labels, label values and merged documents: the questions that need no evaluation.
#pragma once

#include <memory>
#include <string>

#include "aggregator/query/fetch_stage.h"
#include "aggregator/query/query_service.h"
#include "aggregator/query/service.h"

namespace synoptic::aggregator {

using UpstreamsRef = std::shared_ptr<const Upstreams>;

// Errors as QueryService's. Matchers on topology labels are decided here: a shard that cannot match
// is not asked.
Task<SeriesAnswer> SeriesOf(LabelsQuery query, UpstreamsRef upstreams, FetchEnvironment environment,
                            std::shared_ptr<MemoryBudget> all_memory, QueryServiceOptions options);
Task<ListAnswer<std::string>> LabelNamesOf(LabelsQuery query, UpstreamsRef upstreams,
                                           FetchEnvironment environment);
Task<ListAnswer<std::string>> LabelValuesOf(std::string name, LabelsQuery query,
                                            UpstreamsRef upstreams, FetchEnvironment environment);
Task<ListAnswer<ShardDocument>> DocumentsOf(DocumentsQuery query, UpstreamsRef upstreams,
                                            FetchEnvironment environment);

}  // namespace synoptic::aggregator
