// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/shard_steps.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "aggregator/query/evaluate_here.h"
#include "aggregator/query/grid_cuts.h"
#include "aggregator/upstream/reason.h"
#include "base/status.h"
#include "base/strings.h"
#include "net/async/fan_out.h"

namespace synoptic::aggregator {
namespace {

using promql::StepSeries;

// With more cuts than this, samples of all replicas cost less than so many questions.
constexpr size_t kMostPieces = 12;

// Asks; what a server computes by other windows than ours is computed here.
Task<StepAnswer> Ask(WholeShard shard, StepRequest request, Deadline deadline,
                     FetchEnvironment environment) {
  absl::StatusOr<StepAnswer> answer =
      co_await shard.client->Steps(request, deadline, &shard.memory->leg);
  if (ReasonOf(answer.status()) != kWindowsReason) co_return answer;
  const std::string note =
      absl::StrCat("here: by ", request.windows ? "windows" : "lookback", " unlike the server's");
  const RawSource source = [shard, deadline, environment](RawRequest wanted) {
    return AskRawWhole(shard, std::move(wanted), deadline, environment);
  };
  answer =
      co_await EvaluateHere(shard.place, shard.memory, source, std::move(request), environment);
  if (answer.ok()) answer->info.notes.push_back(note);
  co_return answer;
}

// One piece, asked of those who are whole there. When none of them answers, what the others have is
// better than nothing: AskRawWhole says what is missing.
Task<StepAnswer> AskPiece(WholeShard shard, StepRequest request, Deadline deadline,
                          FetchEnvironment environment) {
  if (!request.only.empty()) {
    absl::StatusOr<StepAnswer> answer = co_await Ask(shard, request, deadline, environment);
    if (answer.ok() || FinalError(answer.status())) co_return answer;
    if (deadline.Expired(environment.clock)) co_return answer;
    request.only.clear();
  }
  const RawSource source = [shard, deadline, environment](RawRequest wanted) {
    return AskRawWhole(shard, std::move(wanted), deadline, environment);
  };
  co_return co_await EvaluateHere(shard.place, shard.memory, source, std::move(request),
                                  environment);
}

void AddText(const std::vector<std::string>& from, std::vector<std::string>& to) {
  for (const std::string& text : from) {
    if (std::find(to.begin(), to.end(), text) == to.end()) to.push_back(text);
  }
}

}  // namespace

void AddInfo(const AnswerInfo& from, AnswerInfo& to) {
  if (to.replica.empty()) to.replica = from.replica;
  to.bytes += from.bytes;
  to.duration = std::max(to.duration, from.duration);
  to.charged_bytes += from.charged_bytes;
  AddText(from.warnings, to.warnings);
  AddText(from.infos, to.infos);
  to.notes.insert(to.notes.end(), from.notes.begin(), from.notes.end());
  if (from.coverage.starts_with("partial")) to.coverage = from.coverage;
}

StepAnswer JoinPieces(const std::vector<GridPiece>& pieces, std::vector<StepAnswer> answers,
                      size_t steps, std::string_view nobody) {
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
    AddInfo(answers[i].info, out.info);
    const std::string who = pieces[i].whole == 0 ? absl::StrCat("here: ", ToAbsl(nobody))
                                                 : absl::StrCat("by ", answers[i].info.replica);
    out.info.notes.push_back(
        absl::StrCat("steps ", pieces[i].grid.start, "..", pieces[i].grid.end, " ", who));
  }
  std::sort(out.series.begin(), out.series.end(),
            [](const StepSeries& a, const StepSeries& b) { return a.labels < b.labels; });
  return out;
}

Task<StepAnswer> AskStepsWhole(WholeShard shard, std::vector<promql::Look> looks,
                               StepRequest request, Deadline deadline,
                               FetchEnvironment environment) {
  if (shard.availability == nullptr) {
    co_return co_await Ask(shard, std::move(request), deadline, environment);
  }
  promql::Fetch fetch;
  fetch.grid = request.grid;
  fetch.looks = std::move(looks);
  const TimeSpan times = TimesOf(fetch);
  CO_ASSIGN_OR_RETURN(const ReplicaGaps known,
                      co_await shard.availability->GapsIn(times.from, times.until, deadline));
  if (known.AllWhole()) {
    co_return co_await Ask(shard, std::move(request), deadline, environment);
  }
  request.as_text = false;  // pieces are put together as numbers
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
  co_return JoinPieces(pieces, std::move(answers), fetch.grid.size(), "no replica is whole");
}

}  // namespace synoptic::aggregator
