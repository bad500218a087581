// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/api/query_run.h"
#include "base/status.h"

namespace synoptic::aggregator {

Task<Answer> QueryEndpoint(const Call& call) {
  QueryRun run;
  CO_ASSIGN_OR_RETURN(run.request.limit, call.params.Limit());
  CO_ASSIGN_OR_RETURN(const int64_t time,
                      call.params.TimeOr("time", call.api.deps.clock.WallMillis()));
  run.request.grid = promql::Grid::Instant(time);
  CO_RETURN_IF_ERROR(ReadQueryOptions(call, &run));
  co_return co_await RunQuery(call, std::move(run));
}

}  // namespace synoptic::aggregator
