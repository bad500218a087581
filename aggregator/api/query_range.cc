// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/api/query_run.h"
#include "aggregator/api/times.h"
#include "base/status.h"

namespace synoptic::aggregator {
namespace {

constexpr int64_t kMaxPoints = 11'000;

absl::StatusOr<promql::Grid> ReadGrid(const Params& params) {
  promql::Grid grid;
  ASSIGN_OR_RETURN(grid.start, params.RequiredTime("start"));
  ASSIGN_OR_RETURN(grid.end, params.RequiredTime("end"));
  if (grid.end < grid.start) {
    return InvalidParameter("end", "end timestamp must not be before start time");
  }
  const auto step_ns = ParseApiDuration(params.Get("step"));
  if (!step_ns.ok()) return InvalidParameter("step", MessageOf(step_ns.status()));
  grid.step = *step_ns / 1'000'000;
  // Below a millisecond is zero: Prometheus' own grid would not move.
  if (grid.step <= 0) {
    return InvalidParameter("step",
                            "zero or negative query resolution step widths are not accepted. Try "
                            "a positive integer");
  }
  const __int128 range_ns = (static_cast<__int128>(grid.end) - grid.start) * 1'000'000;
  if (range_ns / *step_ns > kMaxPoints) {
    return InvalidArgument(
        "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query "
        "resolution (?step=XX)");
  }
  return grid;
}

}  // namespace

Task<Answer> QueryRangeEndpoint(const Call& call) {
  QueryRun run;
  run.request.range_query = true;
  CO_ASSIGN_OR_RETURN(run.request.limit, call.params.Limit());
  CO_ASSIGN_OR_RETURN(run.request.grid, ReadGrid(call.params));
  CO_RETURN_IF_ERROR(ReadQueryOptions(call, &run));
  co_return co_await RunQuery(call, std::move(run));
}

}  // namespace synoptic::aggregator
