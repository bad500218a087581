// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// One shard's door for lists (series, label names, label values, metadata), with a memory: what was
// answered a moment ago is answered again; what is older, but not old, is answered while it is
// asked for anew in the background. Those who need the same list at once share one asking.
//
// Only whole answers are kept, and that there is nothing only for a moment. Everything is forgotten
// when the shard fails to answer, began anew, or turned out to have changed: what is known of a
// shard from before it was away is not shown as today's. Who asks afterwards does not share
// what was asked for before. Lives on one serial executor.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "aggregator/cache/list_key.h"
#include "aggregator/cache/list_memory.h"
#include "base/budget.h"
#include "base/clock.h"
#include "net/async/flights.h"
#include "net/async/task_group.h"

namespace synoptic::aggregator {

struct ListOptions {
  int64_t fresh_ms = 10'000;   // how long an answer is not asked for again; 0: nothing is kept
  int64_t stale_ms = 60'000;   // how long it is shown while it is asked for again
  int64_t nothing_ms = 1'000;  // how long it serves that there was nothing
};

class ShardLists : public std::enable_shared_from_this<ShardLists> {
 public:
  // Asks the shard. May be called after the one who gave it is gone; the budget may be null.
  template <class List>
  using Ask = std::function<Task<List>(Deadline, MemoryBudget*)>;

  // References outlive the door and its tasks.
  ShardLists(ShardIdentity shard, std::shared_ptr<ListMemory> memory, const ListOptions& options,
             const Clock& clock, boost::asio::any_io_executor executor)
      : shard_(std::move(shard)),
        memory_(std::move(memory)),
        options_(options),
        clock_(clock),
        executor_(std::move(executor)) {}

  // What `ask` answers, or answered lately. Notes of the answer say which. `reachable`: whether
  // asking can be worth it; what was known is not shown else. `background` owns what asks anew.
  // List: SeriesList, ListOf<std::string> or JsonAnswer.
  template <class List>
  Task<List> Get(ListQuestion question, Ask<List> ask, bool reachable, TaskGroup& background,
                 Deadline deadline, MemoryBudget* budget);

  // Nothing that was known of the shard is believed any more, nor what is being asked for.
  void Forget();
  // The shard cannot be reached: it may come back with other data.
  void Leave();

 private:
  using Landing = Flights<KeptList>::Landing;
  // Differs once something was forgotten or purged.
  std::pair<int64_t, int64_t> Era() const { return {forgotten_, memory_->purges()}; }
  void Learn(const std::string& key, const absl::Status& failure, Deadline deadline);

  template <class List>
  Task<List> AskAnew(std::string key, const Ask<List>& ask, Landing& landing, Deadline deadline,
                     MemoryBudget* budget);
  template <class List>
  static Task<> Refresh(std::shared_ptr<ShardLists> self, std::string key, Ask<List> ask,
                        std::shared_ptr<Landing> landing);
  template <class List>
  absl::StatusOr<List> CopyOf(const KeptList& kept, MemoryBudget* budget) const;

  const ShardIdentity shard_;
  const std::shared_ptr<ListMemory> memory_;
  const ListOptions options_;
  const Clock& clock_;
  const boost::asio::any_io_executor executor_;
  Flights<KeptList> flights_;
  int64_t forgotten_ = 0;
  bool knows_ = true;  // something may have been kept since all was forgotten
  bool away_ = false;
};

}  // namespace synoptic::aggregator
