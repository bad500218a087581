// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/shard_lists.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "base/status.h"

namespace synoptic::aggregator {
namespace {

constexpr MonoDuration kRefreshTime = std::chrono::seconds(30);

// Cut off at the limit that it was asked with, which is in its key: that is all there is to know.
constexpr std::string_view kTruncated = "results truncated due to limit";

bool IsWhole(const AnswerInfo& info) {
  return !info.coverage.starts_with("partial") &&
         std::all_of(info.warnings.begin(), info.warnings.end(),
                     [](const std::string& text) { return text == kTruncated; });
}

bool IsNothing(const SeriesList& list) { return list.items.empty(); }
bool IsNothing(const ListOf<std::string>& list) { return list.items.empty(); }
bool IsNothing(const JsonAnswer& answer) { return answer.data.empty() || answer.data == "{}"; }

// What a copy takes.
int64_t BytesOf(const SeriesList& list) {
  return LabelTexts::BytesFor(list.items.text().size(), list.items.size());
}
int64_t BytesOf(const ListOf<std::string>& list) {
  int64_t bytes = 0;
  for (const std::string& item : list.items) {
    bytes += static_cast<int64_t>(sizeof(std::string) + item.size() + 1);
  }
  return bytes;
}
int64_t BytesOf(const JsonAnswer& answer) { return static_cast<int64_t>(answer.data.size()); }

}  // namespace

void ShardLists::Forget() {
  ++forgotten_;
  if (std::exchange(knows_, false)) memory_->Drop(shard_.region, shard_.shard);
}

void ShardLists::Leave() {
  if (!std::exchange(away_, true)) Forget();
}

void ShardLists::Learn(const std::string& key, const absl::Status& failure, Deadline deadline) {
  if (absl::IsCancelled(failure) || absl::IsResourceExhausted(failure)) return;
  if (absl::IsDeadlineExceeded(failure) && deadline.Expired(clock_)) {
    // Whoever has little time says nothing about the shard.
    return;
  }
  if (absl::IsUnavailable(failure) || absl::IsDeadlineExceeded(failure)) {
    Forget();
  } else {
    memory_->Erase(key);
  }
}

template <class List>
absl::StatusOr<List> ShardLists::CopyOf(const KeptList& kept, MemoryBudget* budget) const {
  const List& list = *std::get<std::shared_ptr<const List>>(kept.data);
  Reservation held(budget);
  RETURN_IF_ERROR(held.Grow(BytesOf(list)));
  List copy = list;
  copy.info.charged_bytes = held.Detach();
  const int64_t age_ms = clock_.WallMillis() - kept.asked_ms;
  copy.info.notes.push_back(fmt::format("cache: as it was asked for {} ms ago", age_ms));
  return copy;
}

template <class List>
Task<List> ShardLists::AskAnew(std::string key, const Ask<List>& ask, Landing& landing,
                               Deadline deadline, MemoryBudget* budget) {
  const int64_t asked_ms = clock_.WallMillis();
  const auto era = Era();
  absl::StatusOr<List> answer = co_await ask(deadline, budget);
  if (!answer.ok()) {
    Learn(key, answer.status(), deadline);
    co_return answer.status();
  }
  if (IsWhole(answer->info) && era == Era()) {
    auto list = std::make_shared<List>(*answer);
    list->info.charged_bytes = 0;
    list->info.bytes = 0;
    list->info.duration = {};
    const int64_t bytes = BytesOf(*list);
    const KeptList kept{std::shared_ptr<const List>(std::move(list)), asked_ms, IsNothing(*answer)};
    landing.Share(kept);
    knows_ = true;
    memory_->Put(key, shard_.region, shard_.shard, kept, bytes);
  }
  co_return answer;
}

template <class List>
Task<> ShardLists::Refresh(std::shared_ptr<ShardLists> self, std::string key, Ask<List> ask,
                           std::shared_ptr<Landing> landing) {
  // What is too large to be kept need not come whole.
  MemoryBudget budget("asking anew for a list", self->memory_->stats().max_bytes);
  // Who fails has been forgotten; whoever asks next hears why.
  const absl::StatusOr<List> answer = co_await self->AskAnew<List>(
      std::move(key), ask, *landing, Deadline::After(self->clock_, kRefreshTime), &budget);
  if (absl::IsCancelled(answer.status())) co_return answer.status();
  co_return absl::OkStatus();
}

template <class List>
Task<List> ShardLists::Get(ListQuestion question, Ask<List> ask, bool reachable,
                           TaskGroup& background, Deadline deadline, MemoryBudget* budget) {
  const auto self = shared_from_this();
  const std::string key = ListKey(shard_, question, clock_.WallMillis());
  reachable ? void(away_ = false) : Leave();
  while (reachable) {
    const auto flight = flights_.Find(key);
    if (const std::optional<KeptList> kept = memory_->Get(key)) {
      const int64_t age = clock_.WallMillis() - kept->asked_ms;
      const bool fresh =
          age >= 0 && age < (kept->nothing ? options_.nothing_ms : options_.fresh_ms);
      const bool stale = age >= 0 && !kept->nothing && age < options_.stale_ms;
      if (fresh || stale) {
        if (!fresh && flight == nullptr) {
          std::shared_ptr<Landing> landing(new Landing(flights_.Lead(key, executor_)));
          background.Spawn(executor_, "list asked for anew",
                           Refresh<List>(self, key, std::move(ask), std::move(landing)));
        }
        memory_->CountHit(!fresh);
        co_return CopyOf<List>(*kept, budget);
      }
    }
    if (flight == nullptr) break;
    CO_RETURN_IF_ERROR(co_await flight->done.WaitUntil(clock_, deadline.at()));
    if (flight->result != nullptr) {
      memory_->CountHit(false);
      co_return CopyOf<List>(*flight->result, budget);
    }
  }
  memory_->CountMiss();
  if (flights_.Find(key) != nullptr) co_return co_await ask(deadline, budget);
  Landing landing = flights_.Lead(key, executor_);
  co_return co_await AskAnew<List>(key, ask, landing, deadline, budget);
}

template Task<SeriesList> ShardLists::Get<SeriesList>(ListQuestion, Ask<SeriesList>, bool,
                                                      TaskGroup&, Deadline, MemoryBudget*);
template Task<ListOf<std::string>> ShardLists::Get<ListOf<std::string>>(ListQuestion,
                                                                        Ask<ListOf<std::string>>,
                                                                        bool, TaskGroup&, Deadline,
                                                                        MemoryBudget*);
template Task<JsonAnswer> ShardLists::Get<JsonAnswer>(ListQuestion, Ask<JsonAnswer>, bool,
                                                      TaskGroup&, Deadline, MemoryBudget*);

}  // namespace synoptic::aggregator
