// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/shard_raw.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "aggregator/merge/missed_scrapes.h"
#include "aggregator/merge/replica.h"
#include "aggregator/upstream/reason.h"
#include "aggregator/upstream/series_set.h"
#include "base/status.h"

namespace synoptic::aggregator {
namespace {

// Gaps further apart than this are asked for by themselves.
constexpr int64_t kTogetherMs = 8 * kNearMs;
constexpr MonoDuration kLeastPatience = std::chrono::seconds(1);

int64_t HeldBytes(const std::vector<promql::RawSeries>& series) {
  int64_t bytes = 0;
  for (const promql::RawSeries& one : series) bytes += aggregator::HeldBytes(one);
  return bytes;
}

std::vector<TimeSpans> Clusters(const TimeSpans& gaps) {
  std::vector<TimeSpans> out;
  for (const TimeSpan& gap : gaps) {
    if (out.empty() || gap.from - out.back().back().until > kTogetherMs) out.emplace_back();
    out.back().push_back(gap);
  }
  return out;
}

std::string Time(int64_t ms) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixMillis(ms), absl::UTCTimeZone());
}

std::string MayLack(const WholeShard& shard, const std::string& replica, const TimeSpans& gaps) {
  return absl::StrCat(SourceName(shard.place), ": ", replica, " may lack samples between ",
                      Time(gaps.front().from), " and ", Time(gaps.back().until),
                      gaps.size() > 1 ? " now and then" : "", ", and no other replica answered");
}

// What one sibling has of the gaps is filled in.
Task<> FillFromSibling(const WholeShard& shard, RawRequest request, const TimeSpans& gaps,
                       Deadline deadline, const FetchEnvironment& environment, RawAnswer& answer) {
  for (const TimeSpans& together : Clusters(gaps)) {
    request.min_t = together.front().from - kNearMs;
    request.max_t = together.back().until + kNearMs;
    CO_ASSIGN_OR_RETURN(RawAnswer sibling,
                        co_await shard.client->Raw(request, deadline, &shard.memory->leg));
    answer.info.bytes += sibling.info.bytes;
    answer.info.duration += sibling.info.duration;
    answer.info.notes.push_back(absl::StrCat("gaps filled from ", sibling.info.replica));
    CO_RETURN_IF_ERROR(co_await RunOn(environment.pool, [&]() -> absl::Status {
      const int64_t before = HeldBytes(answer.series);
      ASSIGN_OR_RETURN(answer.series,
                       FillFrom(std::move(answer.series), std::move(sibling.series), together));
      // What was filled is columns now, beside the chunks that stay charged.
      return shard.memory->leg.Charge(std::max<int64_t>(0, HeldBytes(answer.series) - before));
    }));
  }
  co_return absl::OkStatus();
}

// Who is asked first: in order of configuration, but for those that lately did not answer.
uint64_t Preferred(const ReplicaGaps& known) {
  const uint64_t all = ~uint64_t{0} >> (64 - known.replicas.size());
  const uint64_t candidates = known.silent == all ? all : all & ~known.silent;
  return candidates & (~candidates + 1);
}

}  // namespace

bool FinalError(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  return absl::IsCancelled(status) || absl::IsResourceExhausted(status) || reason == "query" ||
         reason == "unsupported" || reason == kHistogramsReason;
}

Task<RawAnswer> AskRawWhole(WholeShard shard, RawRequest request, Deadline deadline,
                            FetchEnvironment environment) {
  MemoryBudget* budget = &shard.memory->leg;
  if (shard.availability == nullptr) {
    co_return co_await shard.client->Raw(std::move(request), deadline, budget);
  }
  CO_ASSIGN_OR_RETURN(const ReplicaGaps known,
                      co_await shard.availability->GapsIn(request.min_t, request.max_t, deadline));
  if (known.AllWhole()) {
    co_return co_await shard.client->Raw(std::move(request), deadline, budget);
  }
  // Whatever range is asked for, the same replica answers where it is whole.
  const uint64_t whole = known.WholeOver(request.min_t, request.max_t) & ~known.silent;
  if ((whole & Preferred(known)) != 0) {
    request.only = known.NamesOf(whole);
    absl::StatusOr<RawAnswer> answer = co_await shard.client->Raw(request, deadline, budget);
    if (answer.ok() || FinalError(answer.status())) co_return answer;
    if (deadline.Expired(environment.clock)) co_return answer;
    request.only.clear();
  }
  // What is filled in depends on the samples near it, also at the ends.
  request.min_t -= kNearMs;
  request.max_t += kNearMs;
  CO_ASSIGN_OR_RETURN(RawAnswer answer, co_await shard.client->Raw(request, deadline, budget));
  const auto base = std::find(known.replicas.begin(), known.replicas.end(), answer.info.replica);
  if (base == known.replicas.end()) co_return answer;
  const auto own = static_cast<size_t>(base - known.replicas.begin());
  TimeSpans gaps = known.gaps[own];
  const Deadline patience = deadline.Earlier(
      Deadline::After(environment.clock, std::max(kLeastPatience, 4 * answer.info.duration)));
  for (size_t i = 0; i < known.replicas.size() && !gaps.empty(); ++i) {
    if (i == own) continue;
    request.only = {known.replicas[i]};
    const absl::Status status =
        co_await FillFromSibling(shard, request, gaps, patience, environment, answer);
    if (absl::IsCancelled(status) || absl::IsResourceExhausted(status)) co_return status;
    if (status.ok()) gaps = Intersect(gaps, known.gaps[i]);
  }
  // Where all replicas lack something, or nobody knows, all were asked: there is no more to have.
  TimeSpans lost = gaps;
  for (size_t i = 0; i < known.replicas.size(); ++i) lost = Intersect(lost, known.gaps[i]);
  if (gaps != lost) {
    answer.info.warnings.push_back(MayLack(shard, answer.info.replica, gaps));
  }
  co_return answer;
}

}  // namespace synoptic::aggregator
