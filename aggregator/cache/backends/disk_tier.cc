// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/backends/disk_tier.h"

#include <atomic>
#include <thread>

#include "absl/synchronization/notification.h"
#include "aggregator/cache/backends/disk_blocks.h"
#include "aggregator/cache/backends/tier_breaker.h"
#include "aggregator/cache/stream_key.h"
#include "base/log.h"
#include "base/status.h"
#include "net/async/compute_pool.h"
#include "net/async/event.h"

namespace synoptic::aggregator {
namespace {

// What may wait to be written: the fragments mostly are in memory anyway.
constexpr int64_t kMostPending = int64_t{32} << 20;
constexpr int kReaders = 2;
constexpr int kMostReads = 64;  // under way at once; more is no faster than asking the shard
constexpr absl::Duration kLook = absl::Seconds(1);

class DiskTierImpl final : public DiskTier {
 public:
  DiskTierImpl(DiskTierOptions options, const Clock& clock)
      : options_(std::move(options)),
        clock_(clock),
        blocks_(options_.path, options_.max_bytes, options_.settings),
        readers_(kReaders),
        writer_([this] {
          opened_status_ = blocks_.Open();
          opened_.Notify();
          if (!opened_status_.ok()) {
            log::Error("the cache does without a disk", {{"why", MessageOf(opened_status_)}});
          }
          WriteForEver();
        }) {}
  ~DiskTierImpl() override { Close(); }

  std::string_view name() const override { return "disk"; }
  Task<std::vector<FoundBlock>> Fetch(std::string stream, std::vector<int64_t> blocks,
                                      Deadline deadline) override;
  void Put(std::string_view stream, int64_t block, FragmentPtr fragment) override;
  Task<int64_t> Purge(BlockTest which, Deadline deadline) override;
  Task<> Flush(Deadline deadline) override;
  TierStats stats() const override;
  void Close() override;

  absl::Status Opened() const {
    opened_.WaitForNotification();
    return opened_status_;
  }

 private:
  // What a reader hands back, once: nobody may be waiting for it any more.
  template <class T>
  struct Reply {
    explicit Reply(const boost::asio::any_io_executor& executor) : done(executor) {}
    Event done;
    T value{};
  };
  // Runs `work` on a reader. DeadlineExceeded when it takes longer; it then ends unheard.
  template <class T>
  Task<T> Ask(std::function<T()> work, Deadline deadline);

  void WriteForEver();
  void WriteDue(MonoTime before);

  const DiskTierOptions options_;
  const Clock& clock_;
  DiskBlocks blocks_;
  absl::Notification opened_;
  absl::Status opened_status_;  // once notified
  PendingWrites pending_{kMostPending};
  TierBreaker breaker_;
  std::atomic<int> reads_{0};
  std::atomic<int> purges_{0};  // under way
  std::atomic<int64_t> hits_{0};
  std::atomic<int64_t> misses_{0};
  std::atomic<int64_t> late_{0};
  std::atomic<bool> closed_{false};
  // Held while writing and purging: what was purged is not written after all.
  absl::Mutex writing_;
  absl::Mutex mutex_;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  bool work_ ABSL_GUARDED_BY(mutex_) = false;
  ComputePool readers_;
  std::thread writer_;
};

template <class T>
Task<T> DiskTierImpl::Ask(std::function<T()> work, Deadline deadline) {
  const auto executor = co_await boost::asio::this_coro::executor;
  const auto reply = std::make_shared<Reply<T>>(executor);
  ++reads_;
  readers_.Post([this, executor, reply, work = std::move(work)]() mutable {
    opened_.WaitForNotification();
    reply->value = work();
    --reads_;
    boost::asio::post(executor, [reply = std::move(reply)] { reply->done.Set(); });
  });
  CO_RETURN_IF_ERROR(co_await reply->done.WaitUntil(clock_, deadline.at()));
  co_return std::move(reply->value);
}

Task<std::vector<FoundBlock>> DiskTierImpl::Fetch(std::string stream, std::vector<int64_t> blocks,
                                                  Deadline deadline) {
  std::vector<FoundBlock> out(blocks.size());
  std::vector<int64_t> wanted;
  std::vector<size_t> places;
  for (size_t i = 0; i < blocks.size(); ++i) {
    if (auto waiting = pending_.Find(stream, blocks[i])) {
      out[i] = {*std::move(waiting), name()};
    } else {
      wanted.push_back(blocks[i]);
      places.push_back(i);
    }
  }
  if (!wanted.empty() && !closed_ && purges_ == 0 && breaker_.Closed(clock_.Mono()) &&
      reads_ < kMostReads) {
    const Deadline patience = deadline.Earlier(Deadline::After(clock_, options_.patience));
    auto found = co_await Ask<std::vector<FragmentPtr>>(
        [this, stream, wanted] { return blocks_.Read(stream, wanted); }, patience);
    if (found.ok()) {
      breaker_.Succeeded();
      for (size_t i = 0; i < places.size(); ++i) out[places[i]] = {std::move((*found)[i]), name()};
    } else if (absl::IsDeadlineExceeded(found.status())) {
      ++late_;
      // One that is still being opened is not a slow one.
      if (opened_.HasBeenNotified()) breaker_.Failed(clock_.Mono());
    } else {
      co_return found.status();
    }
  }
  for (const FoundBlock& one : out) ++(one.fragment == nullptr ? misses_ : hits_);
  co_return out;
}

void DiskTierImpl::Put(std::string_view stream, int64_t block, FragmentPtr fragment) {
  if (closed_) return;
  // A block that is full does not change any more.
  const bool full = fragment == nullptr || block == kTailBlock ||
                    fragment->last() >= LayoutOf(stream).LastOf(block);
  const MonoTime now = clock_.Mono();
  pending_.Put(stream, block, std::move(fragment), full ? now - options_.write_after : now);
  const absl::MutexLock lock(&mutex_);
  work_ = true;
}

void DiskTierImpl::WriteDue(MonoTime before) {
  // What comes while we write has its turn later.
  const uint64_t newest = pending_.newest();
  while (true) {
    const absl::MutexLock lock(&writing_);
    const std::vector<PendingWrites::Write> due =
        pending_.Due(before, options_.max_bytes / 64, newest);
    if (due.empty()) return;
    blocks_.Write(due);
    pending_.Done(due, clock_.Mono());
  }
}

void DiskTierImpl::WriteForEver() {
  while (true) {
    {
      const absl::MutexLock lock(&mutex_);
      const auto wanted = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stop_ || work_; };
      mutex_.Await(absl::Condition(&wanted));
      // Blocks are written some time after they came: there is no hurry.
      const auto stopped = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stop_; };
      if (mutex_.AwaitWithTimeout(absl::Condition(&stopped), kLook)) return;
      work_ = !pending_.empty();
    }
    WriteDue(clock_.Mono() - options_.write_after);
  }
}

Task<int64_t> DiskTierImpl::Purge(BlockTest which, Deadline deadline) {
  if (closed_) co_return 0;
  // It may take longer than the caller waits: until it has ended nothing is served.
  ++purges_;
  auto dropped = co_await Ask<int64_t>(
      [this, which] {
        const absl::MutexLock lock(&writing_);
        const int64_t waiting = pending_.Purge(which);
        const int64_t written = blocks_.Purge(which);
        --purges_;
        return waiting + written;
      },
      deadline);
  if (absl::IsDeadlineExceeded(dropped.status())) co_return 0;
  co_return dropped;
}

Task<> DiskTierImpl::Flush(Deadline deadline) {
  if (closed_) co_return absl::OkStatus();
  const auto written = co_await Ask<bool>(
      [this] {
        WriteDue(MonoTime::max());
        return true;
      },
      deadline);
  co_return written.status();
}

void DiskTierImpl::Close() {
  if (closed_.exchange(true)) return;
  {
    const absl::MutexLock lock(&mutex_);
    stop_ = true;
  }
  writer_.join();
  blocks_.DropTails();
  WriteDue(MonoTime::max());
  blocks_.Close();
}

TierStats DiskTierImpl::stats() const {
  TierStats out;
  out.bytes = blocks_.bytes();
  out.max_bytes = options_.max_bytes;
  out.fragments = blocks_.fragments();
  out.hits = hits_;
  out.misses = misses_;
  out.evictions = blocks_.evictions();
  out.refused = pending_.refused();
  out.damaged = blocks_.damaged();
  out.failures = blocks_.failures() + late_;
  out.queued_bytes = pending_.bytes();
  out.up = blocks_.open() && breaker_.Closed(clock_.Mono());
  return out;
}

}  // namespace

std::shared_ptr<DiskTier> DiskTier::Begin(DiskTierOptions options, const Clock& clock) {
  return std::make_shared<DiskTierImpl>(std::move(options), clock);
}

absl::StatusOr<std::shared_ptr<DiskTier>> DiskTier::Open(DiskTierOptions options,
                                                         const Clock& clock) {
  auto tier = std::make_shared<DiskTierImpl>(std::move(options), clock);
  RETURN_IF_ERROR(tier->Opened());
  return tier;
}

}  // namespace synoptic::aggregator
