// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/shard_steps.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "aggregator/query/evaluate_here.h"
#include "aggregator/query/grid_cuts.h"
#include "base/status.h"
#include "net/async/fan_out.h"

namespace synoptic::aggregator {
namespace {

using promql::StepSeries;

// With more cuts than this, samples of all replicas cost less than so many questions.
constexpr size_t kMostPieces = 12;

// One piece, asked of those who are whole there. When none of them answers, what the others have is
// better than nothing: AskRawWhole says what is missing.
Task<StepAnswer> AskPiece(WholeShard shard, StepRequest request, Deadline deadline,
                          FetchEnvironment environment) {
  if (!request.only.empty()) {
    absl::StatusOr<StepAnswer> answer =
        co_await shard.client->Steps(request, deadline, &shard.memory->leg);
    if (answer.ok() || FinalError(answer.status())) co_return answer;
    if (deadline.Expired(environment.clock)) co_return answer;
    request.only.clear();
  }
  co_return co_await EvaluateHere(std::move(shard), std::move(request), deadline, environment);
}

void AddText(const std::vector<std::string>& from, std::vector<std::string>& to) {
  for (const std::string& text : from) {
    if (std::find(to.begin(), to.end(), text) == to.end()) to.push_back(text);
  }
}

StepAnswer Join(const std::vector<GridPiece>& pieces, std::vector<StepAnswer> answers,
                size_t steps) {
  StepAnswer out;
  std::map<promql::Labels, size_t> index;
  for (size_t i = 0; i < pieces.size(); ++i) {
    for (StepSeries& part : answers[i].series) {
      const auto [at, fresh] = index.try_emplace(part.labels, out.series.size());
      if (fresh) {
        out.series.push_back(
            {std::move(part.labels), std::vector<double>(steps, promql::Absent())});
      }
      std::copy(
          part.values.begin(), part.values.end(),
          out.series[at->second].values.begin() + static_cast<std::ptrdiff_t>(pieces[i].first));
    }
    const AnswerInfo& info = answers[i].info;
    if (out.info.replica.empty()) out.info.replica = info.replica;
    out.info.bytes += info.bytes;
    out.info.duration = std::max(out.info.duration, info.duration);
    out.info.charged_bytes += info.charged_bytes;
    AddText(info.warnings, out.info.warnings);
    AddText(info.infos, out.info.infos);
    const std::string who =
        pieces[i].whole == 0 ? "here: no replica is whole" : "by " + info.replica;
    out.info.notes.push_back(
        absl::StrCat("steps ", pieces[i].grid.start, "..", pieces[i].grid.end, " ", who));
  }
  std::sort(out.series.begin(), out.series.end(),
            [](const StepSeries& a, const StepSeries& b) { return a.labels < b.labels; });
  return out;
}

}  // namespace

Task<StepAnswer> AskStepsWhole(WholeShard shard, const promql::Fetch& fetch, StepRequest request,
                               Deadline deadline, FetchEnvironment environment) {
  MemoryBudget* budget = &shard.memory->leg;
  if (shard.availability == nullptr) {
    co_return co_await shard.client->Steps(std::move(request), deadline, budget);
  }
  const TimeSpan times = TimesOf(fetch);
  CO_ASSIGN_OR_RETURN(const ReplicaGaps known,
                      co_await shard.availability->GapsIn(times.from, times.until, deadline));
  if (known.AllWhole()) {
    co_return co_await shard.client->Steps(std::move(request), deadline, budget);
  }
  std::vector<GridPiece> pieces = CutGrid(fetch, known);
  if (pieces.size() > kMostPieces) pieces = {{fetch.grid, 0, 0}};
  std::vector<Leg<StepAnswer>> legs;
  for (const GridPiece& piece : pieces) {
    request.grid = piece.grid;
    request.instant = piece.grid.size() == 1;
    request.only = known.NamesOf(piece.whole);
    legs.push_back({AskPiece(shard, request, deadline, environment), deadline});
  }
  std::vector<StepAnswer> answers;
  for (auto& answer :
       co_await FanOut<StepAnswer>(environment.legs, environment.clock, std::move(legs))) {
    if (!answer.ok()) co_return answer.status();
    answers.push_back(*std::move(answer));
  }
  co_return Join(pieces, std::move(answers), fetch.grid.size());
}

}  // namespace synoptic::aggregator
