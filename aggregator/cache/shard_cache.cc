// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/shard_cache.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace synoptic::aggregator {
namespace {

// Where a stream's unsettled end is kept, beside its blocks.
constexpr int64_t kTail = std::numeric_limits<int64_t>::max();
// More holes than this, and asking for everything is cheaper.
constexpr size_t kMostGaps = 8;
constexpr size_t kMostTexts = 4096;

// Notes of PromQL say something of the expression; any other warning, of the answer: that it is not
// whole.
bool IsWhole(const AnswerInfo& info) {
  // Another Synoptic that lacks regions of its own.
  if (info.coverage.starts_with("partial")) return false;
  return std::all_of(info.warnings.begin(), info.warnings.end(),
                     [](const std::string& text) { return text.starts_with("PromQL warning:"); });
}

// What comes from outside of the process is looked at: a block's fragment lies within it, on its
// points.
bool FitsBlock(const BlockLayout& layout, int64_t block, const Fragment& fragment) {
  const auto on_point = [&](int64_t t) { return layout.PointAtOrBefore(t) == t; };
  return fragment.first() >= layout.FirstOf(block) && fragment.last() <= layout.LastOf(block) &&
         on_point(fragment.first()) && on_point(fragment.last());
}

// Those that reach into `span`.
std::vector<FragmentPtr> Within(const Span& span, std::vector<FragmentPtr> blocks) {
  std::erase_if(blocks, [&](const FragmentPtr& fragment) {
    return fragment == nullptr || fragment->last() < span.first || fragment->first() > span.last;
  });
  return blocks;
}

void AddOnce(const std::vector<std::string>& from, std::vector<std::string>& to) {
  for (const std::string& text : from) {
    if (std::find(to.begin(), to.end(), text) == to.end()) to.push_back(text);
  }
}

}  // namespace

ShardCache::ShardCache(ShardIdentity shard, std::shared_ptr<TierStack> tiers,
                       const ShardCacheOptions& options, const Clock& clock, ComputePool& pool,
                       boost::asio::any_io_executor executor)
    : shard_(std::move(shard)),
      tiers_(std::move(tiers)),
      memory_(&tiers_->memory()),
      options_(options),
      clock_(clock),
      pool_(pool),
      executor_(std::move(executor)),
      lag_ms_(options.recent_ms) {}

DataReach ShardCache::ReachOfText(const std::string& text, int64_t lookback_ms) {
  const std::string key = absl::StrCat(lookback_ms, " ", text);
  if (const auto found = reaches_.find(key); found != reaches_.end()) return found->second;
  if (reaches_.size() >= kMostTexts) reaches_.clear();
  DataReach reach;
  const auto expr = promql::ParseExpr(text, options_.language);
  // What we cannot read ourselves may look anywhere.
  reach.fixed_ms = DataReach::kForever;
  if (expr.ok()) reach = ReachOf(**expr, lookback_ms);
  reaches_.emplace(key, reach);
  return reach;
}

void ShardCache::UseTail(const Question& question, int64_t arrived_ms, Found& found) const {
  if (found.gaps.empty()) return;
  const Span gap = found.gaps.back();
  const FragmentPtr tail = memory_->Get(question.stream, kTail);
  if (tail == nullptr || tail->first() > gap.first || tail->last() < gap.last) return;
  const int64_t oldest = std::min(arrived_ms, clock_.WallMillis() - question.shared_ms);
  if (tail->origin().fetched_ms < oldest) return;
  const absl::StatusOr<FragmentPtr> part = CutFragment(tail, gap.first, gap.last);
  if (!part.ok()) return;
  found.gaps.pop_back();
  found.parts.push_back(*part);
}

int64_t ShardCache::SettledUntil(const Question& question, int64_t asked_ms) const {
  return question.reach.SettledUntil(asked_ms - lag_ms_);
}

FragmentPtr ShardCache::BlockOf(const Question& question, int64_t block,
                                const Restored& restored) const {
  FragmentPtr fragment = memory_->Get(question.stream, block);
  if (fragment != nullptr) return fragment;
  const auto found = restored.find(block);
  return found == restored.end() ? nullptr : found->second.fragment;
}

Task<ShardCache::Restored> ShardCache::Restore(const Question& question,
                                               std::vector<int64_t> missing,
                                               Deadline deadline) const {
  Restored out;
  CO_ASSIGN_OR_RETURN(std::vector<FoundBlock> found,
                      co_await tiers_->FetchLower(question.stream, missing, deadline));
  for (size_t i = 0; i < missing.size(); ++i) {
    FoundBlock& one = found[i];
    if (one.fragment == nullptr || !FitsBlock(question.layout, missing[i], *one.fragment)) continue;
    // Who wrote it may have trusted newer data than we do.
    const int64_t settled =
        question.layout.PointAtOrBefore(SettledUntil(question, one.fragment->origin().fetched_ms));
    if (settled < one.fragment->first()) continue;
    auto cut = CutFragment(one.fragment, one.fragment->first(), settled);
    if (!cut.ok()) continue;
    out[missing[i]] = {*std::move(cut), one.tier};
  }
  co_return out;
}

std::vector<FragmentPtr> ShardCache::BlocksOf(const Question& question,
                                              const Restored& restored) const {
  std::vector<FragmentPtr> blocks;
  const int64_t last_block = question.layout.BlockOf(question.span.last);
  for (int64_t block = question.layout.BlockOf(question.span.first); block <= last_block; ++block) {
    blocks.push_back(BlockOf(question, block, restored));
  }
  return blocks;
}

std::vector<int64_t> ShardCache::MissingOf(const Question& question,
                                           const std::vector<FragmentPtr>& blocks,
                                           int64_t asked_ms) const {
  std::vector<int64_t> missing;
  const int64_t settled = SettledUntil(question, asked_ms);
  int64_t block = question.layout.BlockOf(question.span.first);
  for (const FragmentPtr& one : blocks) {
    if (one == nullptr && question.layout.FirstOf(block) <= settled) missing.push_back(block);
    ++block;
  }
  return missing;
}

ShardCache::Found ShardCache::LookUp(const Question& question, int64_t arrived_ms,
                                     const Restored& restored) const {
  std::vector<FragmentPtr> have = BlocksOf(question, restored);
  Found found;
  found.missing = MissingOf(question, have, arrived_ms);
  found.gaps = GapsOf(question.layout, question.span.first, question.span.last, have);
  if (found.gaps.size() > kMostGaps) {
    found.gaps = {question.span};
    return found;
  }
  found.parts = Within(question.span, std::move(have));
  UseTail(question, arrived_ms, found);
  return found;
}

absl::Status ShardCache::KeepBlock(const Question& question, int64_t block, const FragmentPtr& old,
                                   const FragmentPtr& piece) {
  FragmentPtr whole = piece;
  if (old != nullptr) {
    const int64_t step = question.layout.step;
    // What is new is right where both know something.
    if (old->last() + step < piece->first() || piece->last() + step < old->first()) {
      // A hole between them: what others kept meanwhile goes.
    } else {
      if (old->first() < piece->first()) {
        ASSIGN_OR_RETURN(const FragmentPtr before,
                         CutFragment(old, old->first(), piece->first() - step));
        ASSIGN_OR_RETURN(whole, JoinFragments(before, whole));
      }
      if (old->last() > piece->last()) {
        ASSIGN_OR_RETURN(const FragmentPtr after,
                         CutFragment(old, piece->last() + step, old->last()));
        ASSIGN_OR_RETURN(whole, JoinFragments(whole, after));
      }
    }
  }
  tiers_->Put(question.stream, block, std::move(whole));
  return absl::OkStatus();
}

template <class Answer>
absl::StatusOr<std::vector<FragmentPtr>> ShardCache::Keep(const Question& question,
                                                          const Span& asked, const Answer& answer,
                                                          int64_t asked_ms,
                                                          const Restored& restored) {
  const BlockLayout& layout = question.layout;
  const FragmentOrigin origin{answer.info.replica, asked_ms, answer.info.warnings,
                              answer.info.infos};
  int64_t settled = SettledUntil(question, asked_ms);
  settled = settled < asked.first ? asked.first - layout.step
                                  : std::min(asked.last, layout.PointAtOrBefore(settled));
  std::vector<FragmentPtr> pieces;
  const auto pack = [&](const Span& span, const FragmentPtr& like) -> absl::Status {
    ASSIGN_OR_RETURN(FragmentPtr piece, Pack(answer, question, asked, span, origin, like));
    pieces.push_back(std::move(piece));
    return absl::OkStatus();
  };
  const bool whole = IsWhole(answer.info);
  if (whole && answer.series.empty()) {
    // That there is nothing at all may soon be wrong: a server that has just been filled. It serves
    // as what is not settled does.
    ASSIGN_OR_RETURN(FragmentPtr nothing, Pack(answer, question, asked, asked, origin, nullptr));
    memory_->Put(question.stream, kTail, nothing);
    return std::vector<FragmentPtr>{std::move(nothing)};
  }
  FragmentPtr like = BlockOf(question, layout.BlockOf(asked.first) - 1, restored);
  for (int64_t at = asked.first; at <= settled;) {
    const int64_t block = layout.BlockOf(at);
    const Span span{at, std::min(settled, layout.LastOf(block))};
    const FragmentPtr old = BlockOf(question, block, restored);
    if (old != nullptr) like = old;
    RETURN_IF_ERROR(pack(span, like));
    like = pieces.back();
    if (whole) RETURN_IF_ERROR(KeepBlock(question, block, old, like));
    at = span.last + layout.step;
  }
  if (settled < asked.last) {
    RETURN_IF_ERROR(pack({settled + layout.step, asked.last}, like));
    if (whole) memory_->Put(question.stream, kTail, pieces.back());
  }
  return pieces;
}

template <class Answer>
Task<Answer> ShardCache::Assemble(const Question& question, std::vector<FragmentPtr> parts,
                                  std::vector<Answer> fresh, MemoryBudget* budget) {
  std::sort(parts.begin(), parts.end(),
            [](const FragmentPtr& a, const FragmentPtr& b) { return a->first() < b->first(); });
  Answer answer;
  answer.info.replica = parts.back()->origin().replica;
  for (const FragmentPtr& part : parts) {
    AddOnce(part->origin().warnings, answer.info.warnings);
    AddOnce(part->origin().infos, answer.info.infos);
  }
  int64_t charged = 0;
  for (const Answer& one : fresh) {
    answer.info.replica = one.info.replica;
    AddOnce(one.info.warnings, answer.info.warnings);
    AddOnce(one.info.infos, answer.info.infos);
    if (one.info.coverage.starts_with("partial")) answer.info.coverage = one.info.coverage;
    answer.info.bytes += one.info.bytes;
    answer.info.duration += one.info.duration;
    charged += one.info.charged_bytes;
  }
  Reservation held(budget);
  CO_RETURN_IF_ERROR(held.Grow(UnpackedBytes(answer, question, parts)));
  CO_RETURN_IF_ERROR(
      co_await RunOn(pool_, [&]() -> absl::Status { return Unpack(question, parts, answer); }));
  answer.info.charged_bytes = held.Detach();
  if (budget != nullptr) budget->Release(charged);
  co_return answer;
}

template <class Request, class Answer>
Task<Answer> ShardCache::Complete(Question question, Request request, Ask<Request, Answer> ask,
                                  Deadline deadline, MemoryBudget* budget) {
  const auto self = shared_from_this();
  const int64_t arrived_ms = clock_.WallMillis();
  Restored restored;
  Found found = LookUp(question, arrived_ms, restored);
  while (!found.gaps.empty()) {
    const auto flight = flights_.Find(question.stream);
    if (flight == nullptr) break;
    CO_RETURN_IF_ERROR(co_await flight->done.WaitUntil(clock_, deadline.at()));
    found = LookUp(question, arrived_ms, restored);
  }
  if (found.gaps.empty()) {
    co_return co_await Assemble<Answer>(question, std::move(found.parts), {}, budget);
  }
  const auto landing = flights_.Lead(question.stream, executor_);
  if (!found.missing.empty() && !tiers_->lower().empty()) {
    CO_ASSIGN_OR_RETURN(restored, co_await Restore(question, found.missing, deadline));
    if (!restored.empty()) found = LookUp(question, arrived_ms, restored);
  }
  std::vector<Answer> fresh;
  for (const Span& gap : found.gaps) {
    const int64_t asked_ms = clock_.WallMillis();
    CO_ASSIGN_OR_RETURN(Answer answer, co_await ask(Within(request, gap)));
    CO_ASSIGN_OR_RETURN(std::vector<FragmentPtr> pieces, co_await RunOn(pool_, [&] {
                          return Keep(question, gap, answer, asked_ms, restored);
                        }));
    if (gap == question.span) co_return answer;
    found.parts.insert(found.parts.end(), std::make_move_iterator(pieces.begin()),
                       std::make_move_iterator(pieces.end()));
    fresh.push_back(std::move(answer));
  }
  co_return co_await Assemble(question, std::move(found.parts), std::move(fresh), budget);
}

template <class Answer>
Task<Known<Answer>> ShardCache::Recall(const Question& question, Deadline deadline,
                                       MemoryBudget* budget) {
  const auto self = shared_from_this();
  Known<Answer> known;
  Restored restored;
  std::vector<FragmentPtr> blocks = BlocksOf(question, restored);
  const auto missing = MissingOf(question, blocks, clock_.WallMillis());
  if (!missing.empty() && !tiers_->lower().empty()) {
    CO_ASSIGN_OR_RETURN(restored, co_await Restore(question, missing, deadline));
    blocks = BlocksOf(question, restored);
  }
  std::vector<FragmentPtr> parts = Within(question.span, std::move(blocks));
  if (parts.empty()) co_return known;
  for (const FragmentPtr& part : parts) {
    known.fetched_ms = std::max(known.fetched_ms, part->origin().fetched_ms);
    const Span span{std::max(part->first(), question.span.first),
                    std::min(part->last(), question.span.last)};
    if (!known.spans.empty() && known.spans.back().last + question.layout.step == span.first) {
      known.spans.back().last = span.last;
    } else {
      known.spans.push_back(span);
    }
  }
  CO_ASSIGN_OR_RETURN(known.answer,
                      co_await Assemble<Answer>(question, std::move(parts), {}, budget));
  co_return known;
}

int64_t ShardCache::SharedMs(Lane lane, int64_t step_ms) const {
  if (lane == Lane::kRules) return 0;
  return std::min(std::max(step_ms, options_.least_shared_ms), options_.most_shared_ms);
}

Task<StepAnswer> ShardCache::Steps(StepRequest request, AskSteps ask, Deadline deadline,
                                   MemoryBudget* budget) {
  // One point in time is asked for once.
  if (request.instant) co_return co_await ask(std::move(request));
  const DataReach reach = ReachOfText(request.text, request.lookback_ms);
  Question question = QuestionOf(shard_, request, reach);
  question.shared_ms = SharedMs(request.lane, request.grid.step);
  co_return co_await Complete<StepRequest, StepAnswer>(std::move(question), std::move(request),
                                                       std::move(ask), deadline, budget);
}

Task<RawAnswer> ShardCache::Raw(RawRequest request, AskRaw ask, Deadline deadline,
                                MemoryBudget* budget) {
  Question question = QuestionOf(shard_, request);
  question.shared_ms = SharedMs(request.lane, request.hint_step_ms);
  co_return co_await Complete<RawRequest, RawAnswer>(std::move(question), std::move(request),
                                                     std::move(ask), deadline, budget);
}

Task<Known<StepAnswer>> ShardCache::KnownSteps(StepRequest request, Deadline deadline,
                                               MemoryBudget* budget) {
  if (request.instant) co_return Known<StepAnswer>();
  const DataReach reach = ReachOfText(request.text, request.lookback_ms);
  const Question question = QuestionOf(shard_, request, reach);
  co_return co_await Recall<StepAnswer>(question, deadline, budget);
}

Task<Known<RawAnswer>> ShardCache::KnownRaw(RawRequest request, Deadline deadline,
                                            MemoryBudget* budget) {
  const Question question = QuestionOf(shard_, request);
  co_return co_await Recall<RawAnswer>(question, deadline, budget);
}

}  // namespace synoptic::aggregator
