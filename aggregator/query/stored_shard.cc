// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/stored_shard.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "aggregator/merge/ages.h"
#include "aggregator/query/evaluate_here.h"
#include "aggregator/query/shard_steps.h"
#include "aggregator/upstream/series_set.h"
#include "base/status.h"
#include "net/async/fan_out.h"

namespace synoptic::aggregator {
namespace {

WholeShard At(const StoredShard& shard, size_t store) {
  const Store& one = shard.stores[store];
  return {one.client, one.availability, shard.place, shard.memory};
}

bool IsOne(const StoredShard& shard) {
  const Store& one = shard.stores[0];
  return shard.stores.size() == 1 && one.min_age_ms == 0 && one.max_age_ms == 0;
}

int64_t HeldBytes(const std::vector<promql::RawSeries>& series) {
  int64_t bytes = 0;
  for (const promql::RawSeries& one : series) bytes += aggregator::HeldBytes(one);
  return bytes;
}

// One store's share of a question.
struct Share {
  size_t store = 0;
  TimeSpan span;
};

// The oldest first.
std::vector<Share> SharesOf(const StoredShard& shard, const RawRequest& request, int64_t now_ms) {
  const StoreTimes times(shard.stores, now_ms);
  std::vector<Share> shares;
  for (size_t i = shard.stores.size(); i-- > 0;) {
    const TimeSpan own = times.Own(i);
    const TimeSpan span{std::max(own.from, request.min_t), std::min(own.until, request.max_t)};
    if (span.from <= span.until && times.MayHold(i, span)) shares.push_back({i, span});
  }
  return shares;
}

Task<StepAnswer> AskPiece(StoredShard shard, uint64_t owner, std::vector<promql::Look> looks,
                          StepRequest request, Deadline deadline, FetchEnvironment environment) {
  for (size_t i = 0; i < shard.stores.size(); ++i) {
    if (owner != uint64_t{1} << i) continue;
    co_return co_await AskStepsWhole(At(shard, i), std::move(looks), std::move(request), deadline,
                                     environment);
  }
  const RawSource source = [shard, deadline, environment](RawRequest wanted) {
    return AskRawOf(shard, std::move(wanted), deadline, environment);
  };
  co_return co_await EvaluateHere(shard.place, shard.memory, source, std::move(request),
                                  environment);
}

}  // namespace

Task<RawAnswer> AskRawOf(StoredShard shard, RawRequest request, Deadline deadline,
                         FetchEnvironment environment) {
  if (IsOne(shard)) {
    co_return co_await AskRawWhole(At(shard, 0), std::move(request), deadline, environment);
  }
  const std::vector<Share> shares = SharesOf(shard, request, environment.clock.WallMillis());
  std::vector<Leg<RawAnswer>> legs;
  for (const Share& share : shares) {
    request.min_t = share.span.from;
    request.max_t = share.span.until;
    legs.push_back({AskRawWhole(At(shard, share.store), request, deadline, environment), deadline});
  }
  RawAnswer out;
  std::vector<AgePart> parts;
  std::vector<absl::StatusOr<RawAnswer>> answers =
      co_await FanOut<RawAnswer>(environment.legs, environment.clock, std::move(legs));
  for (size_t i = 0; i < answers.size(); ++i) {
    // What the others charged goes with the leg's memory.
    if (!answers[i].ok()) co_return answers[i].status();
    AddInfo(answers[i]->info, out.info);
    out.info.notes.push_back(absl::StrCat("samples ", shares[i].span.from, "..",
                                          shares[i].span.until, " of ", answers[i]->info.replica));
    parts.push_back({shares[i].span, std::move(answers[i]->series)});
  }
  if (parts.size() == 1) {
    out.series = std::move(parts[0].series);
    co_return out;
  }
  MemoryBudget& budget = shard.memory->leg;
  CO_RETURN_IF_ERROR(co_await RunOn(environment.pool, [&]() -> absl::Status {
    int64_t before = 0;
    for (const AgePart& part : parts) before += HeldBytes(part.series);
    ASSIGN_OR_RETURN(out.series, JoinAges(std::move(parts)));
    const int64_t more = std::max<int64_t>(0, HeldBytes(out.series) - before);
    RETURN_IF_ERROR(budget.Charge(more));
    out.info.charged_bytes += more;
    return absl::OkStatus();
  }));
  co_return out;
}

Task<StepAnswer> AskStepsOf(StoredShard shard, std::vector<promql::Look> looks, StepRequest request,
                            Deadline deadline, FetchEnvironment environment) {
  if (IsOne(shard)) {
    co_return co_await AskStepsWhole(At(shard, 0), std::move(looks), std::move(request), deadline,
                                     environment);
  }
  const promql::Grid grid = request.grid;
  const std::vector<GridPiece> pieces =
      StoreTimes(shard.stores, environment.clock.WallMillis()).Cut(grid, looks);
  if (pieces.size() == 1) {
    co_return co_await AskPiece(std::move(shard), pieces[0].whole, std::move(looks),
                                std::move(request), deadline, environment);
  }
  std::vector<Leg<StepAnswer>> legs;
  for (const GridPiece& piece : pieces) {
    request.grid = piece.grid;
    request.instant = piece.grid.size() == 1;
    legs.push_back({AskPiece(shard, piece.whole, looks, request, deadline, environment), deadline});
  }
  std::vector<StepAnswer> answers;
  for (auto& answer :
       co_await FanOut<StepAnswer>(environment.legs, environment.clock, std::move(legs))) {
    if (!answer.ok()) co_return answer.status();
    answers.push_back(*std::move(answer));
  }
  co_return JoinPieces(pieces, std::move(answers), grid.size(), "no store holds all of it");
}

}  // namespace synoptic::aggregator
