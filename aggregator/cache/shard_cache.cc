// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/shard_cache.h"

#include <algorithm>
#include <map>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "aggregator/cache/audit.h"
#include "base/status.h"

namespace synoptic::aggregator {
namespace {

constexpr size_t kMostTexts = 4096;
constexpr int64_t kEverything = std::numeric_limits<int64_t>::min();
// About ten milliseconds' work.
constexpr int64_t kMostTightened = 200'000;

// Notes of PromQL say something of the expression; any other warning, of the answer: that it is not
// whole.
bool IsWhole(const AnswerInfo& info) {
  // Another Synoptic that lacks regions of its own.
  if (info.coverage.starts_with("partial")) return false;
  return std::all_of(info.warnings.begin(), info.warnings.end(),
                     [](const std::string& text) { return text.starts_with("PromQL warning:"); });
}

void AddOnce(const std::vector<std::string>& from, std::vector<std::string>& to) {
  for (const std::string& text : from) {
    if (std::find(to.begin(), to.end(), text) == to.end()) to.push_back(text);
  }
}

// For explain: how many parts each tier had, and how many were asked for.
std::string NoteOf(const std::map<std::string, int>& found, size_t asked) {
  std::string note = "cache:";
  for (const auto& [tier, parts] : found) absl::StrAppend(&note, " ", parts, " from ", tier, ",");
  return absl::StrCat(note, " ", asked, " asked for");
}

}  // namespace

ShardCache::ShardCache(ShardIdentity shard, std::shared_ptr<TierStack> tiers,
                       const ShardCacheOptions& options, const Clock& clock, ComputePool& pool,
                       boost::asio::any_io_executor executor, std::shared_ptr<ListMemory> lists)
    : shard_(std::move(shard)),
      tiers_(std::move(tiers)),
      memory_(&tiers_->memory()),
      options_(options),
      edge_(options.recent_ms),
      clock_(clock),
      pool_(pool),
      executor_(std::move(executor)),
      lists_(lists == nullptr ? nullptr
                              : std::make_shared<ShardLists>(shard_, std::move(lists),
                                                             options.lists, clock, executor_)),
      began_ms_(clock.WallMillis()),
      next_audit_ms_(clock.WallMillis() + options.audit_every_ms),
      next_sample_ms_(clock.WallMillis() + options.sample_every_ms) {}

ShardCache::TextFacts ShardCache::FactsOf(const std::string& text, int64_t lookback_ms) {
  const std::string key = absl::StrCat(lookback_ms, " ", text);
  if (const auto found = facts_.find(key); found != facts_.end()) return found->second;
  if (facts_.size() >= kMostTexts) facts_.clear();
  TextFacts facts;
  const auto expr = promql::ParseExpr(text, options_.language);
  // What we cannot read ourselves may look anywhere.
  facts.reach.fixed_ms = DataReach::kForever;
  if (expr.ok()) facts = {ReachOf(**expr, lookback_ms), SelectsAny(**expr, late_names_)};
  facts_.emplace(key, facts);
  return facts;
}

bool ShardCache::SetLateNames(absl::flat_hash_set<std::string> names) {
  if (names == late_names_) return false;
  const bool more = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return !late_names_.contains(name);
  });
  late_names_ = std::move(names);
  facts_.clear();
  return more;
}

Question ShardCache::QuestionFor(const StepRequest& request) {
  const TextFacts facts = FactsOf(request.text, request.lookback_ms);
  Question question = QuestionOf(shard_, request, facts.reach);
  question.late = facts.late;
  return question;
}

Question ShardCache::QuestionFor(const RawRequest& request) const {
  Question question = QuestionOf(shard_, request);
  question.late = SelectsAny(request.matchers, late_names_);
  return question;
}

absl::Status ShardCache::KeepBlock(const Question& question, int64_t block, const FragmentPtr& old,
                                   const FragmentPtr& piece, int64_t purges) {
  FragmentPtr whole = piece;
  if (old != nullptr) {
    const int64_t step = question.layout.step;
    // What is new is right where both know something.
    if (old->last() + step < piece->first() || piece->last() + step < old->first()) {
      // A hole between them: what others kept meanwhile goes.
    } else {
      if (old->first() < piece->first()) {
        ASSIGN_OR_RETURN(const FragmentPtr tight, CompactFragment(old));
        ASSIGN_OR_RETURN(const FragmentPtr before,
                         CutFragment(tight, tight->first(), piece->first() - step));
        ASSIGN_OR_RETURN(whole, JoinFragments(before, whole));
      }
      if (old->last() > piece->last()) {
        ASSIGN_OR_RETURN(const FragmentPtr after,
                         CutFragment(old, piece->last() + step, old->last()));
        ASSIGN_OR_RETURN(whole, JoinFragments(whole, after));
      }
    }
  }
  PutUnpurged(*tiers_, question, block, std::move(whole), purges);
  return absl::OkStatus();
}

// Purging counts first and drops then: whatever was put meanwhile is dropped, there or here.
void ShardCache::PutUnpurged(Tier& where, const Question& question, int64_t block,
                             FragmentPtr fragment, int64_t purges) {
  if (tiers_->purges() != purges) return;
  where.Put(question.stream, block, std::move(fragment));
  if (tiers_->purges() != purges) where.Put(question.stream, block, nullptr);
}

template <class Answer>
absl::StatusOr<std::vector<FragmentPtr>> ShardCache::Keep(const Question& question,
                                                          const Span& asked, int64_t from,
                                                          const Answer& answer, int64_t asked_ms,
                                                          const Restored& restored,
                                                          int64_t purges) {
  const BlockLayout& layout = question.layout;
  const FragmentOrigin origin{answer.info.replica, asked_ms, answer.info.warnings,
                              answer.info.infos};
  int64_t settled = SettledUntil(question, asked_ms);
  settled =
      settled < from ? from - layout.step : std::min(asked.last, layout.PointAtOrBefore(settled));
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
    ASSIGN_OR_RETURN(FragmentPtr nothing,
                     Pack(answer, question, asked, {from, asked.last}, origin, nullptr));
    PutUnpurged(*memory_, question, kTailBlock, nothing, purges);
    return std::vector<FragmentPtr>{std::move(nothing)};
  }
  FragmentPtr like = BlockOf(question, layout.BlockOf(from) - 1, restored);
  for (int64_t at = from; at <= settled;) {
    const int64_t block = layout.BlockOf(at);
    const Span span{at, std::min(settled, layout.LastOf(block))};
    const FragmentPtr old = BlockOf(question, block, restored);
    if (old != nullptr) like = old;
    RETURN_IF_ERROR(pack(span, like));
    like = pieces.back();
    if (whole) RETURN_IF_ERROR(KeepBlock(question, block, old, like, purges));
    at = span.last + layout.step;
  }
  if (settled < asked.last) {
    RETURN_IF_ERROR(pack({settled + layout.step, asked.last}, like));
    if (whole) PutUnpurged(*memory_, question, kTailBlock, pieces.back(), purges);
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
    AddOnce(one.info.notes, answer.info.notes);
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

Task<> ShardCache::Tighten(const Question& question, std::vector<FragmentPtr> used) {
  std::erase_if(used, [](const FragmentPtr& one) { return !one->loose(); });
  if (used.empty()) co_return absl::OkStatus();
  co_return co_await RunOn(pool_, [&]() -> absl::Status {
    int64_t left = kMostTightened;
    for (const FragmentPtr& one : used) {
      left -= one->samples();
      if (left < 0) break;
      ASSIGN_OR_RETURN(FragmentPtr tight, CompactFragment(one));
      memory_->Replace(question.stream, question.layout.BlockOf(one->first()), one,
                       std::move(tight));
    }
    return absl::OkStatus();
  });
}

template <class Answer>
Task<bool> ShardCache::Agrees(const Question& question, const Span& span, const Span& asked,
                              const Answer& answer, const std::vector<FragmentPtr>& known) {
  if (!IsWhole(answer.info)) co_return true;
  constexpr Compare kCompare =
      std::is_same_v<Answer, RawAnswer> ? Compare::kBits : Compare::kComputed;
  const FragmentOrigin origin{answer.info.replica, clock_.WallMillis()};
  co_return co_await RunOn(pool_, [&]() -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(const FragmentPtr now, Pack(answer, question, asked, span, origin, nullptr));
    return SameWithin(span, known, now, kCompare);
  });
}

template <class Request, class Answer>
Task<bool> ShardCache::StillSo(const Question& question, const Request& request,
                               const Ask<Request, Answer>& ask,
                               const std::vector<FragmentPtr>& used, Deadline deadline,
                               MemoryBudget* budget) {
  // Rules wait for nobody.
  if (request.lane == Lane::kRules) co_return true;
  const std::optional<Span> sample = NextSample(question, used);
  if (!sample) co_return true;
  const absl::StatusOr<Answer> answer = co_await ask(Within(request, *sample));
  if (absl::IsCancelled(answer.status())) co_return answer.status();
  // What is not heard says nothing.
  if (!answer.ok()) co_return true;
  if (budget != nullptr) budget->Release(answer->info.charged_bytes);
  CO_ASSIGN_OR_RETURN(const bool same, co_await Agrees(question, *sample, *sample, *answer, used));
  // What was rewritten long ago: how much more, and where, is not known.
  if (!same) CO_RETURN_IF_ERROR(co_await Contradicted(question, kEverything, deadline));
  co_return same;
}

template <class Request, class Answer>
Task<Answer> ShardCache::AskAnew(const Question& question, const Request& request,
                                 const Ask<Request, Answer>& ask) {
  const int64_t asked_ms = clock_.WallMillis();
  const int64_t purges = tiers_->purges();
  CO_ASSIGN_OR_RETURN(Answer answer, co_await ask(Within(request, question.span)));
  CO_RETURN_IF_ERROR((co_await RunOn(pool_, [&] {
                       return Keep(question, question.span, question.span.first, answer, asked_ms,
                                   {}, purges);
                     })).status());
  co_return answer;
}

template <class Request, class Answer>
Task<Answer> ShardCache::Complete(Question question, Request request, Ask<Request, Answer> ask,
                                  Deadline deadline, MemoryBudget* budget) {
  const auto self = shared_from_this();
  const int64_t arrived_ms = clock_.WallMillis();
  int64_t purges = tiers_->purges();
  Restored restored;
  Found found = LookUp(question, arrived_ms, restored);
  while (!found.gaps.empty()) {
    const auto flight = flights_.Find(question.stream);
    if (flight == nullptr) break;
    CO_RETURN_IF_ERROR(co_await flight->done.WaitUntil(clock_, deadline.at()));
    purges = tiers_->purges();
    found = LookUp(question, arrived_ms, restored);
  }
  if (found.gaps.empty()) {
    CO_RETURN_IF_ERROR(co_await Tighten(question, found.parts));
    const std::string note = NoteOf({{"memory", static_cast<int>(found.parts.size())}}, 0);
    CO_ASSIGN_OR_RETURN(Answer answer,
                        co_await Assemble<Answer>(question, std::move(found.parts), {}, budget));
    answer.info.notes.push_back(note);
    co_return answer;
  }
  const auto landing = flights_.Lead(question.stream, executor_);
  if (const auto below = WantedBelow(question, found.missing); !below.empty()) {
    CO_ASSIGN_OR_RETURN(restored, co_await Restore(question, below, deadline));
    found = LookUp(question, arrived_ms, restored);
  }
  if constexpr (std::is_same_v<Request, StepRequest>) {
    CO_ASSIGN_OR_RETURN(const bool filled,
                        co_await FillFromFiner(question, request, found.gaps, purges));
    if (filled) found = LookUp(question, arrived_ms, restored);
  }
  const std::vector<FragmentPtr> used = found.parts;
  std::vector<Answer> fresh;
  std::optional<Span> audit = NextAudit(question, found);
  for (const Span& gap : found.gaps) {
    const Span wide{audit ? audit->first : gap.first, gap.last};
    const int64_t asked_ms = clock_.WallMillis();
    CO_ASSIGN_OR_RETURN(Answer answer, co_await ask(Within(request, wide)));
    if (const auto overlap = std::exchange(audit, std::nullopt)) {
      CO_ASSIGN_OR_RETURN(const bool same,
                          co_await Agrees(question, *overlap, wide, answer, found.parts));
      if (!same) {
        // Nothing of what was found is believed.
        CO_RETURN_IF_ERROR(co_await Contradicted(question, overlap->first, deadline));
        if (budget != nullptr) budget->Release(answer.info.charged_bytes);
        co_return co_await (AskAnew<Request, Answer>(question, request, ask));
      }
    }
    CO_ASSIGN_OR_RETURN(std::vector<FragmentPtr> pieces, co_await RunOn(pool_, [&] {
                          return Keep(question, wide, gap.first, answer, asked_ms, restored,
                                      purges);
                        }));
    if (gap == question.span) co_return answer;
    found.parts.insert(found.parts.end(), std::make_move_iterator(pieces.begin()),
                       std::make_move_iterator(pieces.end()));
    fresh.push_back(std::move(answer));
  }
  CO_ASSIGN_OR_RETURN(const bool believed, (co_await StillSo<Request, Answer>(
                                               question, request, ask, used, deadline, budget)));
  if (!believed) {
    for (const Answer& one : fresh) {
      if (budget != nullptr) budget->Release(one.info.charged_bytes);
    }
    co_return co_await (AskAnew<Request, Answer>(question, request, ask));
  }
  CO_RETURN_IF_ERROR(co_await Tighten(question, used));
  std::map<std::string, int> tiers;
  for (const FragmentPtr& part : used) {
    const auto lower = restored.find(question.layout.BlockOf(part->first()));
    ++tiers[lower == restored.end() ? "memory" : std::string(lower->second.tier)];
  }
  const std::string note = NoteOf(tiers, fresh.size());
  CO_ASSIGN_OR_RETURN(
      Answer answer, co_await Assemble(question, std::move(found.parts), std::move(fresh), budget));
  answer.info.notes.push_back(note);
  co_return answer;
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
  std::vector<FragmentPtr> parts = Reaching(question.span, std::move(blocks));
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
  Question question = QuestionFor(request);
  question.shared_ms = SharedMs(request.lane, request.grid.step);
  RememberPace(question, request);
  co_return co_await Complete<StepRequest, StepAnswer>(std::move(question), std::move(request),
                                                       std::move(ask), deadline, budget);
}

Task<RawAnswer> ShardCache::Raw(RawRequest request, AskRaw ask, Deadline deadline,
                                MemoryBudget* budget) {
  Question question = QuestionFor(request);
  question.shared_ms = SharedMs(request.lane, request.hint_step_ms);
  co_return co_await Complete<RawRequest, RawAnswer>(std::move(question), std::move(request),
                                                     std::move(ask), deadline, budget);
}

Task<Known<StepAnswer>> ShardCache::KnownSteps(StepRequest request, Deadline deadline,
                                               MemoryBudget* budget) {
  if (request.instant) co_return Known<StepAnswer>();
  const Question question = QuestionFor(request);
  co_return co_await Recall<StepAnswer>(question, deadline, budget);
}

Task<Known<RawAnswer>> ShardCache::KnownRaw(RawRequest request, Deadline deadline,
                                            MemoryBudget* budget) {
  const Question question = QuestionFor(request);
  co_return co_await Recall<RawAnswer>(question, deadline, budget);
}

}  // namespace synoptic::aggregator
