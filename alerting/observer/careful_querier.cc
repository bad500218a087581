// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/observer/careful_querier.h"

#include <algorithm>

#include "base/status.h"

namespace synoptic::alerting {
namespace {

// The region that a part is of; what else there is to call it by.
std::string NameOf(const promql::Labels& part, const promql::Topology* world) {
  if (world != nullptr) {
    for (const promql::TopologyShard& shard : world->shards) {
      if (shard.labels == part) return shard.region;
    }
  }
  return part.ToString();
}

}  // namespace

void CarefulQuerier::Amend(const std::vector<DoubtfulPart>& doubtful, RuleAnswer& answer) const {
  for (const DoubtfulPart& part : doubtful) {
    const auto is_it = [&part](const promql::Labels& labels) { return labels == part.labels; };
    if (std::none_of(answer.seen_parts.begin(), answer.seen_parts.end(), is_it)) continue;
    std::erase_if(answer.seen_parts, is_it);
    answer.missing_parts.push_back(part.labels);
    answer.complete = false;
    answer.missing += fmt::format("{}{} ({})", answer.missing.empty() ? "" : ", ",
                                  NameOf(part.labels, World().get()), part.reason);
  }
}

Task<RuleAnswer> CarefulQuerier::Instant(std::string expr, int64_t time_ms, Deadline deadline) {
  CO_ASSIGN_OR_RETURN(RuleAnswer answer,
                      co_await world_.Instant(std::move(expr), time_ms, deadline));
  // What the answer itself tells of a clock is known by now.
  Amend(doubts_(), answer);
  co_return answer;
}

Task<std::vector<std::optional<absl::StatusOr<RuleAnswer>>>> CarefulQuerier::Together(
    std::vector<std::string> exprs, int64_t time_ms, Deadline deadline, MonoDuration gather) {
  CO_ASSIGN_OR_RETURN(auto answers,
                      co_await world_.Together(std::move(exprs), time_ms, deadline, gather));
  const std::vector<DoubtfulPart> doubtful = doubts_();
  if (doubtful.empty()) co_return answers;
  for (auto& answer : answers) {
    if (answer.has_value() && answer->ok()) Amend(doubtful, **answer);
  }
  co_return answers;
}

}  // namespace synoptic::alerting
