// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/availability/availability.h"

#include <algorithm>
#include <utility>

#include "aggregator/merge/missed_scrapes.h"
#include "aggregator/upstream/selector_text.h"
#include "base/budget.h"
#include "base/status.h"
#include "net/async/fan_out.h"

namespace synoptic::aggregator {
namespace {

constexpr int64_t kBlockMs = 600'000;
constexpr int64_t kMostBlocksARead = 144;  // a day
constexpr size_t kMostBlocks = 200'000;    // almost four years
// A block is final when nothing of it can still be on the way.
constexpr int64_t kSettledMs = 120'000;
constexpr int64_t kFreshMs = 15'000;   // young blocks are read again after that
constexpr int64_t kUsableMs = 60'000;  // and until then good enough to answer with meanwhile
constexpr int64_t kRetryMs = 30'000;   // some replica did not answer
constexpr MonoDuration kReadTimeout = std::chrono::seconds(10);
constexpr int64_t kMostBytes = int64_t{256} << 20;  // of canaries a read

int64_t BlockOf(int64_t t) { return t >= 0 ? t / kBlockMs : (t + 1) / kBlockMs - 1; }

// Owns its budget: it may outlive the query that wanted to know.
Task<CanarySeries> ReadCanary(std::shared_ptr<ShardClient> client, RawRequest request,
                              Deadline deadline) {
  MemoryBudget budget("canary series", kMostBytes);
  CO_ASSIGN_OR_RETURN(RawAnswer answer,
                      co_await client->Raw(std::move(request), deadline, &budget));
  co_return CanarySeries(std::move(answer.series));
}

// Marks the read under way for as long as it lives, cancelled or not.
class Reading {
 public:
  Reading(std::shared_ptr<Event>& slot, const boost::asio::any_io_executor& executor)
      : slot_(slot) {
    slot_ = std::make_shared<Event>(executor);
  }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  ~Reading() { std::exchange(slot_, nullptr)->Set(); }

 private:
  std::shared_ptr<Event>& slot_;
};

}  // namespace

bool ReplicaGaps::AllWhole() const {
  return std::all_of(gaps.begin(), gaps.end(), [](const TimeSpans& one) { return one.empty(); });
}

uint64_t ReplicaGaps::WholeOver(int64_t from, int64_t until) const {
  uint64_t out = 0;
  for (size_t i = 0; i < gaps.size(); ++i) {
    if (!Overlaps(gaps[i], from, until)) out |= uint64_t{1} << i;
  }
  return out;
}

std::vector<std::string> ReplicaGaps::NamesOf(uint64_t bits) const {
  std::vector<std::string> out;
  for (size_t i = 0; i < replicas.size(); ++i) {
    if ((bits >> i & 1) != 0) out.push_back(replicas[i]);
  }
  return out;
}

Availability::Availability(std::shared_ptr<ShardClient> client, std::vector<promql::Matcher> canary,
                           const Clock& clock, TaskGroup& group)
    : client_(std::move(client)),
      canary_(std::move(canary)),
      replicas_(client_->replica_names()),
      clock_(clock),
      group_(group) {}

void Availability::TakeOver(const Availability& former) {
  std::vector<size_t> from;  // of each of ours, its place among theirs; their number: it is new
  uint64_t fresh = 0;
  for (const std::string& replica : replicas_) {
    const auto known = std::find(former.replicas_.begin(), former.replicas_.end(), replica);
    if (known == former.replicas_.end()) fresh |= uint64_t{1} << from.size();
    from.push_back(static_cast<size_t>(known - former.replicas_.begin()));
  }
  for (const auto& [number, theirs] : former.blocks_) {
    Block ours;
    ours.read_at = theirs.read_at;
    ours.silent = fresh;  // to be asked again
    for (size_t i = 0; i < from.size(); ++i) {
      const bool known = from[i] < theirs.gaps.size();
      ours.gaps.push_back(known ? theirs.gaps[from[i]]
                                : TimeSpans{{number * kBlockMs, (number + 1) * kBlockMs - 1}});
      if (known && (theirs.silent >> from[i] & 1) != 0) ours.silent |= uint64_t{1} << i;
    }
    blocks_.emplace(number, std::move(ours));
  }
}

bool Availability::IsAbout(const std::vector<std::string>& replicas,
                           const std::vector<promql::Matcher>& canary) const {
  return replicas == replicas_ && SelectorText(canary) == SelectorText(canary_);
}

Availability::Wanted Availability::Needed(int64_t from, int64_t until) const {
  const int64_t now = clock_.WallMillis();
  Wanted wanted;
  // What is to come is nobody's gap.
  until = std::min(until, now);
  if (from > until) return wanted;
  const int64_t last = BlockOf(until);
  auto next = blocks_.lower_bound(BlockOf(from));
  for (int64_t block = BlockOf(from); block <= last; ++block) {
    const bool known = next != blocks_.end() && next->first == block;
    bool wants = !known, must = !known;
    if (known) {
      const Block& have = next->second;
      const int64_t age = now - have.read_at;
      const bool settled = have.read_at >= (block + 1) * kBlockMs + kSettledMs;
      if (!settled) {
        wants = age > kFreshMs;
        // The query asks for times that nobody has looked at.
        must = age > kUsableMs && until > have.read_at - kFreshMs;
      }
      if (have.silent != 0 && age > kRetryMs) wants = true;
      ++next;
    }
    if (!wants) continue;
    if (wanted.first > wanted.last) wanted.first = block;
    wanted.last = block;
    wanted.must = wanted.must || must;
  }
  return wanted;
}

Task<> Availability::ReadOnce(int64_t first, int64_t last, Deadline deadline) {
  const int64_t now = clock_.WallMillis();
  RawRequest request;
  request.matchers = canary_;
  request.lane = Lane::kMetadata;
  request.min_t = first * kBlockMs - kNearMs;
  request.max_t = std::min(now, (last + 1) * kBlockMs + kNearMs);
  std::vector<Leg<CanarySeries>> legs;
  for (const std::string& replica : replicas_) {
    request.only = {replica};
    legs.push_back({ReadCanary(client_, request, deadline), deadline});
  }
  ++reads_;
  std::vector<absl::StatusOr<CanarySeries>> answers =
      co_await FanOut<CanarySeries>(group_, clock_, std::move(legs));
  std::vector<CanarySeries> canaries;
  uint64_t silent = 0;
  for (absl::StatusOr<CanarySeries>& answer : answers) {
    if (absl::IsCancelled(answer.status())) co_return answer.status();
    if (!answer.ok()) silent |= uint64_t{1} << canaries.size();
    canaries.push_back(answer.ok() ? *std::move(answer) : std::nullopt);
  }
  CO_ASSIGN_OR_RETURN(
      const std::vector<TimeSpans> gaps,
      FindGaps(canaries, first * kBlockMs, (last + 1) * kBlockMs - 1, request.max_t));
  if (blocks_.size() > kMostBlocks) blocks_.clear();
  for (int64_t block = first; block <= last; ++block) {
    Block& into = blocks_[block];
    into.read_at = now;
    into.silent = silent;
    into.gaps.clear();
    for (const TimeSpans& one : gaps) {
      into.gaps.push_back(Clip(one, block * kBlockMs, (block + 1) * kBlockMs - 1));
    }
  }
  co_return absl::OkStatus();
}

Task<> Availability::Read(std::shared_ptr<Availability> self, int64_t first, int64_t last,
                          Deadline deadline) {
  if (self->reading_ != nullptr) co_return absl::OkStatus();
  const Reading reading(self->reading_, co_await boost::asio::this_coro::executor);
  // The youngest first: it is what others wait for as well.
  while (first <= last) {
    const int64_t from = std::max(first, last - kMostBlocksARead + 1);
    CO_RETURN_IF_ERROR(co_await self->ReadOnce(from, last, deadline));
    last = from - 1;
  }
  co_return absl::OkStatus();
}

Task<ReplicaGaps> Availability::GapsIn(int64_t from, int64_t until, Deadline deadline) {
  if (canary_.empty() || replicas_.size() < 2) {
    co_return ReplicaGaps{replicas_, std::vector<TimeSpans>(replicas_.size()), 0};
  }
  from = std::max<int64_t>(from, 0);  // nothing is older
  if (BlockOf(until) - BlockOf(from) > static_cast<int64_t>(kMostBlocks)) {
    co_return ReplicaGaps{replicas_, {replicas_.size(), TimeSpans{{from, until}}}, 0};
  }
  const Deadline limit = deadline.Earlier(Deadline::After(clock_, kReadTimeout));
  bool tried = false;
  while (true) {
    const Wanted wanted = Needed(from, until);
    if (wanted.first > wanted.last) break;
    if (!wanted.must) {
      if (reading_ == nullptr) {
        const auto executor = co_await boost::asio::this_coro::executor;
        group_.Spawn(executor, "availability",
                     Read(shared_from_this(), wanted.first, wanted.last,
                          Deadline::After(clock_, kReadTimeout)));
      }
      break;
    }
    if (tried || limit.Expired(clock_)) break;
    if (reading_ != nullptr) {
      const std::shared_ptr<Event> reading = reading_;
      const absl::Status wait = co_await reading->WaitUntil(clock_, limit.at());
      if (absl::IsCancelled(wait)) co_return wait;
      continue;
    }
    tried = true;
    const absl::Status status = co_await Read(shared_from_this(), wanted.first, wanted.last, limit);
    if (absl::IsCancelled(status)) co_return status;
  }
  co_return Collect(from, until);
}

ReplicaGaps Availability::Collect(int64_t from, int64_t until) const {
  ReplicaGaps out{replicas_, {}, 0};
  std::vector<std::vector<TimeSpan>> gaps(replicas_.size());
  until = std::min(until, clock_.WallMillis());
  for (int64_t block = BlockOf(from); from <= until && block <= BlockOf(until); ++block) {
    const auto known = blocks_.find(block);
    if (known != blocks_.end()) out.silent = known->second.silent;
    for (size_t r = 0; r < gaps.size(); ++r) {
      if (known == blocks_.end()) {
        gaps[r].push_back({block * kBlockMs, (block + 1) * kBlockMs - 1});
      } else {
        gaps[r].insert(gaps[r].end(), known->second.gaps[r].begin(), known->second.gaps[r].end());
      }
    }
  }
  for (std::vector<TimeSpan>& one : gaps) {
    out.gaps.push_back(Clip(Unite(std::move(one)), from, until));
  }
  return out;
}

}  // namespace synoptic::aggregator
