// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/backends/shared_tier.h"

#include <xxhash.h>

#include <algorithm>

#include "absl/strings/numbers.h"
#include "aggregator/cache/fragment_codec.h"
#include "aggregator/cache/stream_key.h"
#include "base/log.h"
#include "base/status.h"
#include "net/async/timer.h"
#include "net/http/tls_transport.h"

namespace synoptic::aggregator {
namespace {

constexpr std::string_view kPrefix = "synoptic:1:";
constexpr int64_t kMostPending = int64_t{32} << 20;
// For what is not a look-up: connecting, writing.
constexpr auto kUnhurried = std::chrono::seconds(1);
// Longer than this, and it goes on beside, while nothing is served.
constexpr auto kPurgeInline = std::chrono::seconds(3);
constexpr auto kLeastRest = std::chrono::seconds(1);
constexpr auto kMostRest = std::chrono::seconds(30);
// As much of a value as mostly tells whose it is.
constexpr int kHeaderBytes = 4'096;
constexpr size_t kMostOwed = 16;

}  // namespace

absl::StatusOr<std::shared_ptr<SharedTier>> SharedTier::New(SharedTierOptions options,
                                                            const Clock& clock, ComputePool& pool,
                                                            boost::asio::any_io_executor executor) {
  std::unique_ptr<Transport> transport = NewTcpTransport(executor, clock);
  if (options.redis.tls) {
    ASSIGN_OR_RETURN(transport,
                     net::NewTlsTransport(std::move(transport), *options.redis.tls, clock));
  }
  return std::shared_ptr<SharedTier>(
      new SharedTier(std::move(options), std::move(transport), clock, pool, std::move(executor)));
}

SharedTier::SharedTier(SharedTierOptions options, std::unique_ptr<Transport> transport,
                       const Clock& clock, ComputePool& pool, boost::asio::any_io_executor executor)
    : options_(std::move(options)),
      clock_(clock),
      pool_(pool),
      executor_(std::move(executor)),
      transport_(std::move(transport)),
      client_(options_.redis, *transport_, clock),
      pending_(kMostPending) {}

void SharedTier::Start() { tasks_.Spawn(executor_, "shared cache", Keep()); }

Task<> SharedTier::Stop(Deadline deadline) {
  const auto self = shared_from_this();
  const absl::Status flushed = co_await Flush(deadline);
  if (!flushed.ok()) log::Info("the shared cache did not take all", {{"why", MessageOf(flushed)}});
  up_ = false;
  client_.Disconnect();
  co_return co_await tasks_.Stop(clock_, deadline);
}

// The braces keep a stream's blocks on one node, so that they are read with one command.
std::string SharedTier::KeyOf(std::string_view stream, int64_t block) const {
  const std::string text =
      fmt::format("{}:{}{}", options_.settings.size(), options_.settings, stream);
  const XXH128_hash_t digest = XXH3_128bits(text.data(), text.size());
  return fmt::format("{}{{{:016x}{:016x}}}:{}", kPrefix, digest.high64, digest.low64, block);
}

Deadline SharedTier::Patience(Deadline deadline) const {
  return deadline.Earlier(Deadline::After(clock_, options_.patience));
}

void SharedTier::Failed(const absl::Status& status) {
  ++failures_;
  // Of those who were waiting together the first has said it.
  if (up_) Rest(status);
}

void SharedTier::Rest(const absl::Status& status) {
  up_ = false;
  client_.Disconnect();
  const auto rest = std::min<MonoDuration>(kLeastRest * (1 << std::min(rests_, 10)), kMostRest);
  ++rests_;
  rest_until_ = clock_.Mono() + rest;
  if (!said_) {
    log::Warn("the shared cache is away: answers are found without it",
              {{"why", MessageOf(status)}});
  }
  said_ = true;
}

Task<std::vector<FoundBlock>> SharedTier::Fetch(std::string stream, std::vector<int64_t> blocks,
                                                Deadline deadline) {
  const auto self = shared_from_this();
  std::vector<FoundBlock> out(blocks.size());
  std::vector<size_t> places;
  RedisClient::Command command = {"MGET"};
  for (size_t i = 0; i < blocks.size(); ++i) {
    if (blocks[i] == kTailBlock) continue;
    if (auto waiting = pending_.Find(stream, blocks[i])) {
      out[i] = {*std::move(waiting), name()};
      continue;
    }
    places.push_back(i);
    command.push_back(KeyOf(stream, blocks[i]));
  }
  if (up_ && !places.empty()) {
    std::string key = command[1];
    auto reply = co_await client_.Ask(std::move(key), std::move(command), Patience(deadline));
    if (absl::IsCancelled(reply.status())) co_return reply.status();
    if (!reply.ok()) {
      Failed(reply.status());
    } else if (reply->items.size() == places.size()) {
      CO_RETURN_IF_ERROR(co_await RunOn(pool_, [&] {
        FragmentPtr like;
        for (size_t k = 0; k < places.size(); ++k) {
          const RedisReply& value = reply->items[k];
          if (value.type != RedisReply::Type::kText) continue;
          auto fragment = DecodeFragment(value.text, stream, blocks[places[k]], like);
          if (!fragment.ok()) {
            ++damaged_;
            continue;
          }
          like = *fragment;
          out[places[k]] = {*std::move(fragment), name()};
        }
      }));
    }
  }
  for (const FoundBlock& one : out) ++(one.fragment == nullptr ? misses_ : hits_);
  co_return out;
}

void SharedTier::Put(std::string_view stream, int64_t block, FragmentPtr fragment) {
  if (block == kTailBlock) return;
  const bool full = fragment == nullptr || fragment->last() >= LayoutOf(stream).LastOf(block);
  const MonoTime now = clock_.Mono();
  pending_.Put(stream, block, std::move(fragment), full ? now - options_.write_after : now);
}

Task<> SharedTier::TryConnect() {
  absl::Status status = co_await client_.Connect(Deadline::After(clock_, kUnhurried));
  // What was purged while the server was away must not be seen again.
  while (status.ok() && !owed_.empty()) {
    const BlockTest which = owed_.back();
    const auto dropped = co_await PurgeNodes(which, Deadline::Infinite());
    status = dropped.status();
    if (status.ok()) owed_.pop_back();
  }
  if (absl::IsCancelled(status)) co_return status;
  if (!status.ok()) {
    ++failures_;
    Rest(status);
    co_return absl::OkStatus();
  }
  up_ = true;
  connected_since_ = clock_.Mono();
  if (said_) log::Info("the shared cache is back");
  said_ = false;
  co_return absl::OkStatus();
}

Task<> SharedTier::Keep() {
  while (true) {
    if (!up_ && clock_.Mono() >= rest_until_) CO_RETURN_IF_ERROR(co_await TryConnect());
    if (up_) {
      // Whether it still answers is found out here, not by who needs an answer.
      for (const std::string& node : client_.nodes()) {
        const auto pong = co_await client_.AskNode(node, {"PING"}, Patience(Deadline::Infinite()));
        if (absl::IsCancelled(pong.status())) co_return pong.status();
        if (pong.ok()) continue;
        Failed(pong.status());
        break;
      }
    }
    if (up_) {
      if (clock_.Mono() - connected_since_ > kMostRest) rests_ = 0;
      const absl::Status written =
          co_await WriteDue(clock_.Mono() - options_.write_after, Deadline::Infinite());
      if (absl::IsCancelled(written)) co_return written;
    }
    CO_RETURN_IF_ERROR(co_await SleepFor(clock_, options_.look_every));
  }
}

Task<> SharedTier::WriteDue(MonoTime before, Deadline deadline) {
  const uint64_t newest = pending_.newest();
  while (up_) {
    const std::vector<PendingWrites::Write> due = pending_.Due(before, int64_t{1} << 20, newest);
    if (due.empty()) co_return absl::OkStatus();
    const int64_t purges = purges_;
    std::vector<std::string> values(due.size());
    CO_RETURN_IF_ERROR(co_await RunOn(pool_, [&] {
      for (size_t i = 0; i < due.size(); ++i) {
        if (due[i].fragment == nullptr) continue;
        values[i] = EncodeFragment(due[i].stream, due[i].block, *due[i].fragment);
      }
    }));
    for (size_t i = 0; i < due.size() && purges == purges_; ++i) {
      std::string key = KeyOf(due[i].stream, due[i].block);
      RedisClient::Command command = {"UNLINK", key};
      if (due[i].fragment != nullptr) {
        command = {"SET", key, std::move(values[i]), "EX", std::to_string(options_.keep_seconds)};
      }
      const auto reply =
          co_await client_.Ask(std::move(key), std::move(command),
                               deadline.Earlier(Deadline::After(clock_, kUnhurried)));
      if (reply.ok()) continue;
      if (absl::IsCancelled(reply.status())) co_return reply.status();
      // What a full server refuses is given up; a server that is away may be back.
      if (client_.connected() && !absl::IsDeadlineExceeded(reply.status())) {
        ++failures_;
        continue;
      }
      Failed(reply.status());
      co_return reply.status();
    }
    if (purges == purges_) pending_.Done(due, clock_.Mono());
  }
  co_return absl::UnavailableError("redis: not connected");
}

Task<> SharedTier::Flush(Deadline deadline) {
  if (pending_.empty()) co_return absl::OkStatus();
  co_return co_await WriteDue(MonoTime::max(), deadline);
}

Task<bool> SharedTier::FitsValue(std::string node, std::string key, BlockTest which,
                                 Deadline deadline) {
  for (const int end : {kHeaderBytes - 1, -1}) {
    CO_ASSIGN_OR_RETURN(
        const RedisReply value,
        co_await client_.AskNode(node, {"GETRANGE", key, "0", std::to_string(end)}, deadline));
    const auto header = ReadHeader(value.text);
    if (header.ok()) co_return which(header->stream, header->first, header->last);
  }
  // What cannot be read can hold anything.
  co_return true;
}

Task<int64_t> SharedTier::PurgeNode(std::string node, BlockTest which, Deadline deadline) {
  int64_t dropped = 0;
  std::string cursor = "0";
  do {
    CO_ASSIGN_OR_RETURN(
        const RedisReply page,
        co_await client_.AskNode(
            node, {"SCAN", cursor, "MATCH", std::string(kPrefix) + "*", "COUNT", "1000"},
            deadline));
    if (page.items.size() != 2) co_return absl::UnavailableError("redis: SCAN: " + page.text);
    cursor = page.items[0].text;
    for (const RedisReply& key : page.items[1].items) {
      if (which != nullptr) {
        CO_ASSIGN_OR_RETURN(const bool fits, co_await FitsValue(node, key.text, which, deadline));
        if (!fits) continue;
      }
      CO_ASSIGN_OR_RETURN(const RedisReply gone,
                          co_await client_.AskNode(node, {"UNLINK", key.text}, deadline));
      dropped += gone.integer;
    }
  } while (cursor != "0");
  co_return dropped;
}

Task<int64_t> SharedTier::PurgeNodes(BlockTest which, Deadline deadline) {
  int64_t dropped = 0;
  for (const std::string& node : client_.nodes()) {
    CO_ASSIGN_OR_RETURN(const int64_t more, co_await PurgeNode(node, which, deadline));
    dropped += more;
  }
  co_return dropped;
}

Task<int64_t> SharedTier::Purge(BlockTest which, Deadline deadline) {
  const auto self = shared_from_this();
  ++purges_;
  const int64_t waiting = pending_.Purge(which);
  if (up_) {
    const auto dropped =
        co_await PurgeNodes(which, deadline.Earlier(Deadline::After(clock_, kPurgeInline)));
    if (dropped.ok()) co_return waiting + *dropped;
    Failed(dropped.status());
  }
  // Nothing of the server is used before it was purged.
  if (owed_.size() >= kMostOwed) owed_ = {BlockTest()};
  owed_.push_back(std::move(which));
  co_return waiting;
}

TierStats SharedTier::stats() const {
  TierStats out;
  out.hits = hits_;
  out.misses = misses_;
  out.refused = pending_.refused();
  out.damaged = damaged_;
  out.failures = failures_;
  out.queued_bytes = pending_.bytes();
  out.up = up_;
  return out;
}

}  // namespace synoptic::aggregator
