// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/column_ahead.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <variant>

#include "base/executor.h"
#include "base/status.h"

namespace synoptic::promql::internal {
namespace {

// A block takes some tens of microseconds: far more than handing it over does.
constexpr size_t kWorkPerBlock = 50'000;
constexpr size_t kWorthWhile = 4 * kWorkPerBlock;

}  // namespace

// Blocks are begun in order, by whoever comes first, and handed out in order. As many as the ring
// has places may be begun and not over. A block belongs to the thread that began it until it is
// done, and then to the thread that asks for columns until that is through with it.
class ColumnAhead::Blocks : public std::enable_shared_from_this<Blocks> {
 public:
  Blocks(size_t series, size_t per_block, size_t ahead, const Scope& scope, MakeWorker make)
      : series_(series),
        per_block_(per_block),
        count_((series + per_block - 1) / per_block),
        steps_(scope.steps()),
        executor_(*scope.eval.options.executor),
        make_(std::move(make)),
        memory_(scope.eval.options.budget),
        ring_(std::min(ahead, count_)) {}

  // Memory for all buffers; asks for help.
  absl::Status Start() {
    RETURN_IF_ERROR(
        memory_.Grow(static_cast<int64_t>(ring_.size() * per_block_ * steps_ * sizeof(double))));
    for (Block& block : ring_) {
      block.values.resize(per_block_ * steps_);
      block.columns.resize(per_block_);
    }
    std::unique_lock lock(mutex_);
    AskForHelp();
    return absl::OkStatus();
  }

  // Nobody begins anything any more; returns when nobody is at work.
  void Close() {
    std::unique_lock lock(mutex_);
    closed_ = true;
    changed_.wait(lock, [this] { return helpers_at_work_ == 0; });
    memory_.Reset();  // helpers that never began may outlive the query
    ring_.clear();
  }

  absl::Status Take(size_t series, ColumnWorker& own, std::span<double> out, NativeColumn& native,
                    ColumnFindings& findings) {
    const size_t number = series / per_block_;
    Block& block = ring_[number % ring_.size()];
    if (series % per_block_ == 0) WaitFor(number, block, own);
    // The block is ours until we let go of it.
    const size_t at = series % per_block_;
    Column& column = block.columns[at];
    const std::span<const double> values = ValuesOf(block, at);
    std::copy(values.begin(), values.end(), out.begin());
    // What is given back is room for a column to come.
    std::swap(native, column.native);
    column.native.clear();
    findings = column.findings;
    absl::Status status = std::move(column.status);
    if (at + 1 == per_block_ || series + 1 == series_) LetGo(number);
    return status;
  }

 private:
  struct Column {
    absl::Status status;
    NativeColumn native;
    ColumnFindings findings;
  };
  struct Block {
    std::vector<double> values;
    std::vector<Column> columns;
    bool done = false;  // guarded by mutex_
  };

  std::span<double> ValuesOf(Block& block, size_t at) {
    return std::span(block.values).subspan(at * steps_, steps_);
  }

  // Computes blocks that nobody has until `number` is done.
  void WaitFor(size_t number, Block& block, ColumnWorker& own) {
    std::unique_lock lock(mutex_);
    while (!block.done) {
      if (MayBegin()) {
        BeginAndEnd(own, lock);
      } else {
        changed_.wait(lock);
      }
    }
    handed_out_ = number;
  }

  void LetGo(size_t number) {
    std::unique_lock lock(mutex_);
    ring_[number % ring_.size()].done = false;
    handed_out_ = number + 1;
    AskForHelp();
  }

  bool MayBegin() const {
    return !closed_ && begun_ < std::min(count_, handed_out_ + ring_.size());
  }

  void BeginAndEnd(ColumnWorker& worker, std::unique_lock<std::mutex>& lock) {
    const size_t number = begun_++;
    Block& block = ring_[number % ring_.size()];
    lock.unlock();
    const size_t first = number * per_block_;
    const size_t count = std::min(per_block_, series_ - first);
    for (size_t i = 0; i < count; ++i) {
      Column& column = block.columns[i];
      column.findings = {};
      column.status = worker.Compute(first + i, ValuesOf(block, i), column.native, column.findings);
    }
    lock.lock();
    block.done = true;
    changed_.notify_all();
  }

  // As many helpers as there are threads beside the one that asks, while there is work for them.
  void AskForHelp() {
    while (helpers_ + 1 < executor_.threads() && MayBegin()) {
      ++helpers_;
      executor_.Post([self = shared_from_this()] { self->Help(); });
    }
  }

  void Help() {
    std::unique_lock lock(mutex_);
    if (!closed_) {  // then its leaf is alive until we are done
      ++helpers_at_work_;
      if (MayBegin()) {
        lock.unlock();
        std::unique_ptr<ColumnWorker> worker = make_();
        lock.lock();
        while (MayBegin()) BeginAndEnd(*worker, lock);
        lock.unlock();
        worker.reset();
        lock.lock();
      }
      --helpers_at_work_;
      changed_.notify_all();
    }
    --helpers_;
  }

  const size_t series_, per_block_, count_, steps_;
  Executor& executor_;
  const MakeWorker make_;
  Reservation memory_;
  std::vector<Block> ring_;

  // TSan knows it; the system's Abseil is not built to tell it of its own.
  std::mutex mutex_;
  std::condition_variable changed_;  // a block is done, a helper is through
  // All below are guarded by mutex_. The functions without a lock in them are called with it held.
  bool closed_ = false;
  size_t begun_ = 0;       // blocks that someone has taken on
  size_t handed_out_ = 0;  // blocks that are over and done with
  int helpers_ = 0;        // posted and not over
  int helpers_at_work_ = 0;
};

ColumnAhead::ColumnAhead(size_t series, Estimate samples, const Scope& scope, ColumnWorker& own,
                         MakeWorker make)
    : eval_(scope.eval), own_(own) {
  Executor* const executor = scope.eval.options.executor;
  if (executor == nullptr || executor->threads() < 2) return;
  const size_t work = scope.steps() + samples();
  if (series * work < kWorthWhile) return;
  const size_t per_block = std::clamp<size_t>(kWorkPerBlock / std::max<size_t>(work, 1), 1, 256);
  const size_t ahead = 2 * static_cast<size_t>(executor->threads());
  if (series <= per_block) return;
  blocks_ = std::make_shared<Blocks>(series, per_block, ahead, scope, std::move(make));
  // Without memory for it all goes on as with one thread.
  if (!blocks_->Start().ok()) blocks_.reset();
}

ColumnAhead::~ColumnAhead() {
  if (blocks_ != nullptr) blocks_->Close();
}

absl::Status ColumnAhead::Next(std::span<double> out, NativeColumn& native,
                               ColumnFindings& findings) {
  RETURN_IF_ERROR(eval_.CheckCancelled());
  const size_t series = next_++;
  if (blocks_ == nullptr) return own_.Compute(series, out, native, findings);
  return blocks_->Take(series, own_, out, native, findings);
}

size_t EstimateSamples(std::span<const RawSeries> data, int64_t min_t, int64_t max_t) {
  if (data.empty()) return 0;
  const auto* chunks = std::get_if<std::vector<Chunk>>(&data.front().data);
  if (chunks == nullptr) return std::get<SampleColumns>(data.front().data).size();
  size_t samples = 0;
  for (const Chunk& chunk : ChunksIn(*chunks, min_t, max_t)) {
    samples += XorSampleCount(chunk.bytes);
  }
  return samples;
}

}  // namespace synoptic::promql::internal
