// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/outcome.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "aggregator/upstream/reason.h"
#include "base/status.h"

namespace synoptic::aggregator {
namespace {

// Budgets name themselves in their errors (base/budget.h); an upstream's answer that is over its
// own limit says so in other words.
bool IsOwnBudget(const absl::Status& status) {
  const std::string_view message = MessageOf(status);
  return absl::IsResourceExhausted(status) &&
         (message.find("query memory: ") != std::string_view::npos ||
          message.find("memory of all queries: ") != std::string_view::npos);
}

absl::Status Named(const ReachableShard& shard, const absl::Status& status) {
  const std::string source = SourceName(shard.place);
  return MessageOf(status).starts_with(source) ? status : Annotate(status, source);
}

}  // namespace

Coverage NotAsked(const Reach& reach) {
  Coverage coverage;
  for (size_t i = 0; i < reach.shards.size(); ++i) {
    const ReachableShard& shard = reach.shards[i];
    // Our own series are a part of what may hold them, and of nothing else.
    if (!shard.asked || reach.IsOwn(i)) continue;
    PartCoverage part;
    part.region = shard.place.region;
    part.shard = shard.place.shard;
    part.state = PartState::kSkipped;
    coverage.Add(std::move(part));
  }
  return coverage;
}

PartCoverage AnsweredPart(const ReachableShard& shard, const AnswerInfo& info) {
  PartCoverage part;
  part.region = shard.place.region;
  part.shard = shard.place.shard;
  part.replica = info.replica;
  part.state = PartState::kAnswered;
  part.optional = shard.optional;
  SetInner(ParseCoverageHeader(info.coverage), part);
  return part;
}

absl::Status FailsTheQuery(const ReachableShard& shard, const absl::Status& status) {
  if (absl::IsCancelled(status)) return absl::CancelledError("query was canceled");
  if (IsOwnBudget(status)) return status;
  const std::string reason = ReasonOf(status);
  if (reason == "query") {
    // Whatever the upstream called it, here it is evaluation that failed.
    return Named(shard, absl::Status(absl::StatusCode::kFailedPrecondition, status.message()));
  }
  if (reason == "unsupported") return Named(shard, status);
  return absl::OkStatus();
}

absl::Status CheckAnswered(const Reach& reach, const Coverage& coverage) {
  RETURN_IF_ERROR(CheckRequired(reach, coverage));
  const auto missing = [](const PartCoverage& part) {
    return !part.reason.empty() && part.state != PartState::kPartial &&
           part.state != PartState::kStale;
  };
  const auto& parts = coverage.parts();
  if (parts.empty() || !std::all_of(parts.begin(), parts.end(), missing)) return absl::OkStatus();
  std::string who;
  for (const PartCoverage& part : parts) {
    absl::StrAppend(&who, who.empty() ? "" : ", ", part.region, "/", part.shard, " (", part.reason,
                    ")");
  }
  return MakeStatus(absl::StatusCode::kUnavailable, "no region answered: {}", who);
}

}  // namespace synoptic::aggregator
