// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A panel that is zoomed out asks the same text with a coarser step. Where that is a multiple, and
// the points of the coarser grid are points of the finer one, their values are known already: what
// an expression is at a time does not depend on the other times it is asked for.
#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "aggregator/cache/shard_cache.h"
#include "base/status.h"

namespace synoptic::aggregator {
namespace {

constexpr size_t kMostTexts = 4096;
constexpr size_t kMostPaces = 8;
// Of the finer grid, for one gap: more would take longer to read than to ask for.
constexpr int64_t kMostBlocks = 512;

using Run = std::vector<FragmentPtr>;

// Of fragments in order, the longest row without a hole.
Run LongestRun(const std::vector<FragmentPtr>& parts, int64_t step) {
  Run longest;
  Run run;
  const auto length = [](const Run& one) {
    return one.empty() ? -1 : one.back()->last() - one.front()->first();
  };
  for (const FragmentPtr& part : parts) {
    if (!run.empty() && run.back()->last() + step != part->first()) run.clear();
    run.push_back(part);
    if (length(run) > length(longest)) longest = run;
  }
  return longest;
}

FragmentOrigin OriginOf(const Run& run) {
  FragmentOrigin out = run.back()->origin();
  for (const FragmentPtr& part : run) {
    const FragmentOrigin& one = part->origin();
    out.fetched_ms = std::min(out.fetched_ms, one.fetched_ms);
    for (const auto& [from, to] :
         {std::pair(&one.warnings, &out.warnings), {&one.infos, &out.infos}}) {
      for (const std::string& text : *from) {
        if (std::find(to->begin(), to->end(), text) == to->end()) to->push_back(text);
      }
    }
  }
  return out;
}

std::string TextKey(const ShardIdentity& shard, StepRequest request) {
  request.grid.step = 0;
  return StepsKey(shard, request, 0);
}

}  // namespace

void ShardCache::RememberPace(const Question& question, const StepRequest& request) {
  if (paces_.size() >= kMostTexts) paces_.clear();
  std::vector<Pace>& paces = paces_[TextKey(shard_, request)];
  const BlockLayout& layout = question.layout;
  const auto known = std::find_if(paces.begin(), paces.end(), [&](const Pace& one) {
    return one.step == layout.step && one.phase == layout.phase;
  });
  if (known != paces.end()) {
    std::rotate(known, known + 1, paces.end());  // the latest is the last
    return;
  }
  if (paces.size() == kMostPaces) paces.erase(paces.begin());
  paces.push_back({layout.step, layout.phase});
}

Task<bool> ShardCache::FillFromFiner(const Question& question, const StepRequest& request,
                                     const std::vector<Span>& gaps, int64_t purges) {
  // What is worked out from the step itself is another text's value at another step.
  if (absl::StrContains(request.text, "step()")) co_return false;
  const int64_t step = question.layout.step;
  const auto found = paces_.find(TextKey(shard_, request));
  if (found == paces_.end()) co_return false;
  std::vector<Pace> finer = found->second;
  std::erase_if(finer, [&](const Pace& one) {
    return one.step >= step || step % one.step != 0 ||
           (question.layout.phase - one.phase) % one.step != 0;
  });
  // The fewest points first.
  std::sort(finer.begin(), finer.end(),
            [](const Pace& a, const Pace& b) { return a.step > b.step; });
  bool filled = false;
  for (const Span& gap : gaps) {
    // What is not settled is not kept with any step.
    if (gap.first > SettledUntil(question, clock_.WallMillis())) continue;
    for (const Pace& pace : finer) {
      StepRequest like = Within(request, gap);
      like.grid.step = pace.step;
      const Question fine = QuestionOf(shard_, like, question.reach);
      if (fine.layout.BlockOf(gap.last) - fine.layout.BlockOf(gap.first) >= kMostBlocks) continue;
      const Run run = LongestRun(Reaching(fine.span, BlocksOf(fine, {})), pace.step);
      if (run.empty()) continue;
      const Span have{
          std::max(gap.first, question.layout.PointAtOrBefore(run.front()->first() - 1) + step),
          std::min(gap.last, question.layout.PointAtOrBefore(run.back()->last()))};
      if (have.first > have.last) continue;
      CO_RETURN_IF_ERROR(co_await RunOn(pool_, [&]() -> absl::Status {
        const promql::Grid grid{have.first, have.last, step};
        ASSIGN_OR_RETURN(const std::vector<promql::StepSeries> series, UnpackSteps(run, grid));
        const FragmentOrigin origin = OriginOf(run);
        FragmentPtr piece;
        for (int64_t at = have.first; at <= have.last; at = piece->last() + step) {
          const int64_t block = question.layout.BlockOf(at);
          const int64_t last = std::min(have.last, question.layout.LastOf(block));
          piece = PackSteps(series, grid, at, last, origin, piece);
          const FragmentPtr old = BlockOf(question, block, {});
          // Two pieces that do not touch have no room in one block.
          const bool apart = old != nullptr && (old->last() + step < piece->first() ||
                                                piece->last() + step < old->first());
          if (!apart) RETURN_IF_ERROR(KeepBlock(question, block, old, piece, purges));
        }
        return absl::OkStatus();
      }));
      filled = true;
      break;
    }
  }
  co_return filled;
}

}  // namespace synoptic::aggregator
