// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// POST /api/v1/synoptic/backfill: recording rules are evaluated over the past, where nothing is
// recorded yet.
#include "aggregator/api/endpoints.h"
#include "base/status.h"

namespace synoptic::aggregator {

Task<Answer> BackfillEndpoint(const Call& call) {
  if (call.api.deps.rules == nullptr) {
    co_return absl::FailedPreconditionError("there are no rules here");
  }
  CO_ASSIGN_OR_RETURN(const int64_t start, call.params.RequiredTime("start"));
  CO_ASSIGN_OR_RETURN(const int64_t end, call.params.RequiredTime("end"));
  if (end < start) co_return InvalidParameter("end", "end timestamp must not be before start time");
  CO_ASSIGN_OR_RETURN(const BackfillInfo info,
                      call.api.deps.rules->Backfill(start, end, call.params.Get("group")));
  Answer answer;
  answer.body += fmt::format(R"({{"rules":{},"slots":{}}})", info.rules, info.slots);
  co_return answer;
}

}  // namespace synoptic::aggregator
