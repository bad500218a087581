// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/backends/redis_connection.h"

#include <array>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "absl/strings/numbers.h"
#include "base/status.h"
#include "hiredis/hiredis.h"
#include "net/async/event.h"

namespace synoptic::aggregator {
namespace {

namespace asio = boost::asio;

// More than any answer of ours: a server that says more is not one we want to hear.
constexpr size_t kMostBytes = size_t{256} << 20;
constexpr int kMostDepth = 8;

RedisReply CopyOf(const redisReply& in, int depth = 0) {
  RedisReply out;
  switch (in.type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      out.type = RedisReply::Type::kText;
      out.text.assign(in.str, in.len);
      break;
    case REDIS_REPLY_ERROR:
      out.type = RedisReply::Type::kError;
      out.text.assign(in.str, in.len);
      break;
    case REDIS_REPLY_INTEGER:
      out.type = RedisReply::Type::kInteger;
      out.integer = in.integer;
      break;
    case REDIS_REPLY_ARRAY:
      out.type = RedisReply::Type::kList;
      for (size_t i = 0; depth < kMostDepth && i < in.elements; ++i) {
        out.items.push_back(CopyOf(*in.element[i], depth + 1));
      }
      break;
    default:
      break;
  }
  return out;
}

struct FreeReader {
  void operator()(redisReader* reader) const { redisReaderFree(reader); }
};
struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};

// Somebody who waits for a reply; they may leave before it comes.
struct Waiter {
  explicit Waiter(const asio::any_io_executor& executor) : done(executor) {}
  Event done;
  bool answered = false;
  RedisReply reply;
};

absl::StatusOr<std::string> Encode(const RedisConnection::Command& command) {
  std::vector<const char*> texts;
  std::vector<size_t> sizes;
  for (const std::string& argument : command) {
    texts.push_back(argument.data());
    sizes.push_back(argument.size());
  }
  char* bytes = nullptr;
  const int size =
      redisFormatCommandArgv(&bytes, static_cast<int>(texts.size()), texts.data(), sizes.data());
  if (size < 0) return absl::ResourceExhaustedError("redis: a command that takes no form");
  std::string out(bytes, static_cast<size_t>(size));
  redisFreeCommand(bytes);
  return out;
}

}  // namespace

// What the one task that writes and reads shares with those who ask. A stream has one operation at
// a time: what was asked goes out, its replies come in, and so on.
struct RedisConnection::Link {
  Link(const asio::any_io_executor& executor, std::unique_ptr<ByteStream> the_stream)
      : stream(std::move(the_stream)), reader(redisReaderCreate()), asked(executor) {}

  // For ever: until the connection breaks.
  static Task<> Talk(std::shared_ptr<Link> link) {
    absl::Status status;
    while (status.ok() && !link->broken) {
      status = co_await link->asked.Wait();
      if (status.ok()) status = co_await link->TalkOnce();
    }
    link->Break();
    co_return absl::OkStatus();
  }

  // Each waits for a reply of this very place, so a server that says more than it was asked is
  // not listened to any further.
  Task<> TalkOnce() {
    asked.Reset();
    const std::string bytes = std::exchange(outgoing, {});
    const size_t first_new = waiting.size();
    for (auto& waiter : std::exchange(queued, {})) waiting.push_back(std::move(waiter));
    CO_RETURN_IF_ERROR(co_await WriteAll(*stream, bytes));
    size_t answered = first_new;
    while (answered < waiting.size()) {
      std::array<char, size_t{16} << 10> buffer;
      CO_ASSIGN_OR_RETURN(const size_t size,
                          co_await stream->ReadSome(buffer.data(), buffer.size()));
      if (size == 0) co_return absl::UnavailableError("redis: the connection was closed");
      if (redisReaderFeed(reader.get(), buffer.data(), size) != REDIS_OK ||
          reader->len > kMostBytes) {
        co_return absl::UnavailableError("redis: too long a reply");
      }
      while (true) {
        void* raw = nullptr;
        if (redisReaderGetReply(reader.get(), &raw) != REDIS_OK) {
          co_return absl::UnavailableError("redis: no reply of its protocol");
        }
        if (raw == nullptr) break;
        const std::unique_ptr<redisReply, FreeReply> reply(static_cast<redisReply*>(raw));
        if (answered == waiting.size()) co_return absl::UnavailableError("redis: nobody asked");
        Waiter& waiter = *waiting[answered++];
        waiter.reply = CopyOf(*reply);
        waiter.answered = true;
        waiter.done.Set();
      }
    }
    waiting.clear();
    co_return absl::OkStatus();
  }

  void Break() {
    broken = true;
    stream->Close();
    asked.Set();
    for (const auto& waiter : waiting) waiter->done.Set();
    for (const auto& waiter : queued) waiter->done.Set();
    queued.clear();
  }

  const std::unique_ptr<ByteStream> stream;
  const std::unique_ptr<redisReader, FreeReader> reader;
  Event asked;
  std::string outgoing;                          // the queued commands
  std::vector<std::shared_ptr<Waiter>> queued;   // not sent yet
  std::vector<std::shared_ptr<Waiter>> waiting;  // sent; answered in this order
  bool broken = false;
};

RedisConnection::~RedisConnection() { Break(); }
void RedisConnection::Break() { link_->Break(); }
bool RedisConnection::broken() const { return link_->broken; }

Task<std::shared_ptr<RedisConnection>> RedisConnection::Connect(Transport& transport,
                                                                std::string address,
                                                                const Clock& clock,
                                                                Deadline deadline) {
  const auto executor = co_await asio::this_coro::executor;
  const size_t colon = address.rfind(':');
  uint32_t port = 0;
  if (colon == std::string::npos || !absl::SimpleAtoi(address.substr(colon + 1), &port) ||
      port == 0 || port > 65'535) {
    co_return InvalidArgument("redis {}: expected host:port", address);
  }
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  auto stream = co_await transport.Connect(std::move(host), static_cast<uint16_t>(port), deadline);
  CO_RETURN_IF_ERROR(Annotate(stream.status(), "redis " + address));
  const auto link = std::make_shared<Link>(executor, *std::move(stream));
  const auto connection = std::shared_ptr<RedisConnection>(new RedisConnection(link, clock));
  connection->tasks_.Spawn(executor, "redis connection", Link::Talk(link));
  co_return connection;
}

Task<RedisReply> RedisConnection::Ask(Command command, Deadline deadline) {
  const auto link = link_;
  if (link->broken) co_return absl::UnavailableError("redis: not connected");
  CO_ASSIGN_OR_RETURN(const std::string bytes, Encode(command));
  const auto waiter = std::make_shared<Waiter>(co_await asio::this_coro::executor);
  link->outgoing += bytes;
  link->queued.push_back(waiter);
  link->asked.Set();
  CO_RETURN_IF_ERROR(co_await waiter->done.WaitUntil(clock_, deadline.at()));
  if (!waiter->answered) co_return absl::UnavailableError("redis: the connection broke");
  co_return std::move(waiter->reply);
}

}  // namespace synoptic::aggregator
