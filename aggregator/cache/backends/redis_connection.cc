// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/backends/redis_connection.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>

#include "base/status.h"
#include "hiredis/async.h"
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

// Somebody who waits for a reply. hiredis holds one reference until it calls back, which it always
// does.
struct Waiter {
  explicit Waiter(const asio::any_io_executor& executor) : done(executor) {}
  Event done;
  bool answered = false;
  RedisReply reply;
};

void OnReply(redisAsyncContext*, void* reply, void* data) {
  const std::unique_ptr<std::shared_ptr<Waiter>> holder(
      static_cast<std::shared_ptr<Waiter>*>(data));
  Waiter& waiter = **holder;
  if (reply != nullptr) {
    waiter.reply = CopyOf(*static_cast<redisReply*>(reply));
    waiter.answered = true;
  }
  waiter.done.Set();
}

}  // namespace

// hiredis says when it wants to read and write; we tell it when it can. It owns the descriptor.
struct RedisConnection::Socket : std::enable_shared_from_this<Socket> {
  Socket(const asio::any_io_executor& executor, redisAsyncContext* the_context)
      : context(the_context), descriptor(executor, the_context->c.fd) {}

  void Want(asio::posix::stream_descriptor::wait_type what, bool& wanted, bool& waiting) {
    wanted = true;
    if (waiting) return;
    waiting = true;
    descriptor.async_wait(what, [self = shared_from_this(), what, &wanted,
                                 &waiting](const boost::system::error_code& error) {
      waiting = false;
      if (error || self->context == nullptr || !wanted) return;
      const bool reads = what == asio::posix::stream_descriptor::wait_read;
      if (reads) {
        redisAsyncHandleRead(self->context);
      } else {
        wanted = false;
        redisAsyncHandleWrite(self->context);
      }
      if (self->context == nullptr) return;
      if (self->context->c.reader->len > kMostBytes) {
        self->Free();
      } else if (reads && wanted) {
        self->Want(what, wanted, waiting);
      }
    });
  }
  void WantRead() { Want(asio::posix::stream_descriptor::wait_read, want_read, reading); }
  void WantWrite() { Want(asio::posix::stream_descriptor::wait_write, want_write, writing); }
  void Free() {
    if (context != nullptr) redisAsyncFree(context);
  }
  // hiredis is about to close the descriptor.
  void Cleanup() {
    context = nullptr;
    descriptor.release();
  }

  redisAsyncContext* context;  // null: gone
  asio::posix::stream_descriptor descriptor;
  bool want_read = false;
  bool want_write = false;
  bool reading = false;
  bool writing = false;
};

RedisConnection::~RedisConnection() { Break(); }
void RedisConnection::Break() { socket_->Free(); }
bool RedisConnection::broken() const { return socket_->context == nullptr; }

Task<std::shared_ptr<RedisConnection>> RedisConnection::Connect(std::string address,
                                                                const Clock& clock,
                                                                Deadline deadline) {
  const auto executor = co_await asio::this_coro::executor;
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) co_return InvalidArgument("redis {}: no port", address);
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  // hiredis would block on a name.
  asio::ip::tcp::resolver resolver(executor);
  const auto [error, found] = co_await resolver.async_resolve(host, address.substr(colon + 1),
                                                              asio::as_tuple(asio::use_awaitable));
  if (error || found.empty()) {
    co_return MakeStatus(absl::StatusCode::kUnavailable, "redis {}: {}", address,
                         error ? error.message() : "no address");
  }
  if (deadline.Expired(clock)) {
    co_return MakeStatus(absl::StatusCode::kDeadlineExceeded, "redis {}: resolving", address);
  }
  const asio::ip::tcp::endpoint endpoint = *found.begin();
  redisAsyncContext* const context =
      redisAsyncConnect(endpoint.address().to_string().c_str(), endpoint.port());
  if (context == nullptr) co_return absl::ResourceExhaustedError("redis: no memory");
  if (context->err != 0) {
    const absl::Status status =
        MakeStatus(absl::StatusCode::kUnavailable, "redis {}: {}", address, context->errstr);
    redisAsyncFree(context);
    co_return status;
  }
  const auto socket = std::make_shared<Socket>(executor, context);
  context->ev.data = socket.get();
  context->ev.addRead = [](void* data) { static_cast<Socket*>(data)->WantRead(); };
  context->ev.delRead = [](void* data) { static_cast<Socket*>(data)->want_read = false; };
  context->ev.addWrite = [](void* data) { static_cast<Socket*>(data)->WantWrite(); };
  context->ev.delWrite = [](void* data) { static_cast<Socket*>(data)->want_write = false; };
  context->ev.cleanup = [](void* data) { static_cast<Socket*>(data)->Cleanup(); };
  // The first write event tells hiredis that it is connected.
  socket->WantWrite();
  co_return std::shared_ptr<RedisConnection>(new RedisConnection(socket, clock));
}

Task<RedisReply> RedisConnection::Ask(Command command, Deadline deadline) {
  const auto socket = socket_;
  if (socket->context == nullptr) co_return absl::UnavailableError("redis: not connected");
  const auto waiter = std::make_shared<Waiter>(co_await asio::this_coro::executor);
  std::vector<const char*> texts;
  std::vector<size_t> sizes;
  for (const std::string& argument : command) {
    texts.push_back(argument.data());
    sizes.push_back(argument.size());
  }
  auto holder = std::make_unique<std::shared_ptr<Waiter>>(waiter);
  if (redisAsyncCommandArgv(socket->context, OnReply, holder.get(), static_cast<int>(texts.size()),
                            texts.data(), sizes.data()) != REDIS_OK) {
    co_return absl::UnavailableError("redis: not connected");
  }
  (void)holder.release();  // OnReply takes it
  CO_RETURN_IF_ERROR(co_await waiter->done.WaitUntil(clock_, deadline.at()));
  if (!waiter->answered) co_return absl::UnavailableError("redis: the connection broke");
  co_return std::move(waiter->reply);
}

}  // namespace synoptic::aggregator
