// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>
#include <vector>

#include "base/status.h"
#include "net/async/event.h"
#include "net/async/keep.h"
#include "net/async/names.h"
#include "net/async/task_group.h"
#include "net/async/timer.h"
#include "net/async/transport.h"

namespace synoptic {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
// Unacknowledged bytes for this long mean that the peer is gone (a black hole sends no reset).
constexpr int kUserTimeoutMillis = 15'000;
constexpr MonoDuration kNextAddressAfter = std::chrono::milliseconds(250);

std::string Spell(const tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  if (endpoint.address().is_v6()) return fmt::format("[{}]:{}", address, endpoint.port());
  return fmt::format("{}:{}", address, endpoint.port());
}

class TcpStream final : public ByteStream {
 public:
  explicit TcpStream(tcp::socket socket) : socket_(std::move(socket)) {
    boost::system::error_code ignored;
    const tcp::endpoint endpoint = socket_.remote_endpoint(ignored);
    if (!ignored) peer_ = Spell(endpoint);
    socket_.set_option(tcp::no_delay(true), ignored);
    socket_.set_option(asio::socket_base::keep_alive(true), ignored);
    ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &kUserTimeoutMillis,
                 sizeof kUserTimeoutMillis);
  }

  Task<size_t> ReadSome(char* into, size_t size) override {
    auto [error, n] = co_await socket_.async_read_some(asio::buffer(into, size), kAwait);
    if (error == asio::error::eof) co_return 0;
    if (error) co_return Failure(error);
    co_return n;
  }

  Task<size_t> WriteSome(std::string_view a, std::string_view b) override {
    const std::array<asio::const_buffer, 2> buffers = {asio::buffer(a.data(), a.size()),
                                                       asio::buffer(b.data(), b.size())};
    auto [error, n] = co_await socket_.async_write_some(buffers, kAwait);
    if (error) co_return Failure(error);
    co_return n;
  }

  size_t TryWrite(std::string_view a, std::string_view b) override {
    std::array<iovec, 2> parts = {iovec{const_cast<char*>(a.data()), a.size()},
                                  iovec{const_cast<char*>(b.data()), b.size()}};
    msghdr message = {};
    message.msg_iov = parts.data();
    message.msg_iovlen = b.empty() ? 1 : 2;
    const ssize_t n = ::sendmsg(socket_.native_handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    return n > 0 ? static_cast<size_t>(n) : 0;
  }

  void ShutdownWrite() override {
    boost::system::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
  }

  void Close() override {
    closed_ = true;
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

  Sight Look() override {
    if (!socket_.is_open()) return Sight::kClosed;
    pollfd entry = {socket_.native_handle(), POLLIN | POLLRDHUP, 0};
    if (::poll(&entry, 1, 0) <= 0) return Sight::kQuiet;
    if ((entry.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0) return Sight::kClosed;
    return Sight::kInput;
  }

  const std::string& peer() const override { return peer_; }

 private:
  absl::Status Failure(const boost::system::error_code& error) const {
    if (error == asio::error::operation_aborted && !closed_) {
      return absl::CancelledError("cancelled");
    }
    if (closed_) return absl::UnavailableError("connection closed");
    return MakeStatus(absl::StatusCode::kUnavailable, "{}", error.message());
  }

  tcp::socket socket_;
  std::string peer_;
  bool closed_ = false;
};

class TcpListener final : public Listener {
 public:
  explicit TcpListener(tcp::acceptor acceptor) : acceptor_(std::move(acceptor)) {}

  uint16_t port() const override {
    boost::system::error_code ignored;
    return acceptor_.local_endpoint(ignored).port();
  }

  Task<std::unique_ptr<ByteStream>> Accept() override {
    if (!acceptor_.is_open()) co_return absl::UnavailableError("listener closed");
    auto [error, socket] = co_await acceptor_.async_accept(kAwait);
    if (!error) co_return std::make_unique<TcpStream>(std::move(socket));
    if (!acceptor_.is_open()) co_return absl::UnavailableError("listener closed");
    if (error == asio::error::operation_aborted) co_return absl::CancelledError("cancelled");
    // Out of descriptors or memory, or the client left already: the caller waits and tries again.
    co_return MakeStatus(absl::StatusCode::kResourceExhausted, "accept: {}", error.message());
  }

  void Close() override {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
  }

 private:
  tcp::acceptor acceptor_;
};

// Attempts to connect to the addresses of one name.
struct ConnectRace {
  explicit ConnectRace(const asio::any_io_executor& executor) : progress(executor) {}
  Event progress;
  size_t running = 0;
  std::unique_ptr<ByteStream> winner;
  asio::ip::address address;  // the winner's
  absl::Status last = absl::DeadlineExceededError("timed out");
};

// Cancels what still runs, whichever way its owner ends.
struct Attempts {
  ~Attempts() {
    for (const TaskHandle& handle : handles) handle.Cancel();
  }
  std::vector<TaskHandle> handles;
};

class TcpTransport final : public Transport {
 public:
  TcpTransport(asio::any_io_executor executor, const Clock& clock, LookUp look_up)
      : executor_(executor),
        clock_(clock),
        names_(std::move(executor), clock, std::move(look_up)) {}

  Task<std::unique_ptr<ByteStream>> Connect(std::string host, uint16_t port,
                                            Deadline deadline) override {
    boost::system::error_code not_literal;
    const auto literal = asio::ip::make_address(host, not_literal);
    absl::StatusOr<std::unique_ptr<ByteStream>> stream;
    if (!not_literal) {
      stream = co_await ConnectTo(executor_, clock_, tcp::endpoint(literal, port), deadline);
    } else {
      CO_ASSIGN_OR_RETURN(const Addresses addresses, co_await names_.Resolve(host, deadline));
      stream = co_await ConnectToFirst(host, addresses, port, deadline);
    }
    if (stream.ok() || absl::IsCancelled(stream.status())) co_return stream;
    co_return MakeStatus(absl::StatusCode::kUnavailable, "connect to {}:{}: {}", host, port,
                         MessageOf(stream.status()));
  }

  absl::StatusOr<std::unique_ptr<Listener>> Listen(const std::string& address,
                                                   uint16_t port) override {
    boost::system::error_code error;
    const auto ip = asio::ip::make_address(address, error);
    if (error) {
      return InvalidArgument("listen address \"{}\": expected an IPv4 or IPv6 address", address);
    }
    const tcp::endpoint endpoint(ip, port);
    tcp::acceptor acceptor(executor_);
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error && ip.is_v6()) acceptor.set_option(asio::ip::v6_only(false), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(4096, error);
    if (error) {
      return MakeStatus(absl::StatusCode::kUnavailable, "listen on {}: {}", Spell(endpoint),
                        error.message());
    }
    return std::make_unique<TcpListener>(std::move(acceptor));
  }

 private:
  static Task<std::unique_ptr<ByteStream>> ConnectTo(asio::any_io_executor executor,
                                                     const Clock& clock, tcp::endpoint endpoint,
                                                     Deadline deadline) {
    tcp::socket socket(executor);
    Timer timer(executor, clock);
    bool late = false;
    timer.Start(deadline.at(), [&] {
      late = true;
      boost::system::error_code ignored;
      socket.close(ignored);
    });
    auto [error] = co_await socket.async_connect(endpoint, kAwait);
    if (late) co_return absl::DeadlineExceededError("timed out");
    if (error == asio::error::operation_aborted) co_return absl::CancelledError("cancelled");
    if (error) co_return MakeStatus(absl::StatusCode::kUnavailable, "{}", error.message());
    co_return std::make_unique<TcpStream>(std::move(socket));
  }

  // The next address is tried when one fails, and beside it when it is silent for a while: an
  // address that swallows packets costs that while, once.
  Task<std::unique_ptr<ByteStream>> ConnectToFirst(std::string host, Addresses addresses,
                                                   uint16_t port, Deadline deadline) {
    const auto race = std::make_shared<ConnectRace>(executor_);
    Attempts attempts;
    size_t next = 0;
    const auto start = [&] {
      const asio::ip::address address = addresses[next++];
      ++race->running;
      const auto keep = [race, address](absl::StatusOr<std::unique_ptr<ByteStream>> result) {
        --race->running;
        if (result.ok() && race->winner == nullptr) {
          race->winner = *std::move(result);
          race->address = address;
        } else if (!result.ok() && !absl::IsCancelled(result.status())) {
          race->last = result.status();
        }
        race->progress.Set();
      };
      attempts.handles.push_back(connecting_.Spawn(
          executor_, "connect",
          RunAndKeep(ConnectTo(executor_, clock_, tcp::endpoint(address, port), deadline), keep)));
    };
    while (race->winner == nullptr && !deadline.Expired(clock_)) {
      if (race->running == 0) {
        if (next == addresses.size()) break;
        start();
      }
      Deadline look = deadline;
      if (next < addresses.size()) look = look.Earlier(Deadline::After(clock_, kNextAddressAfter));
      const absl::Status waited = co_await race->progress.WaitUntil(clock_, look.at());
      race->progress.Reset();
      if (absl::IsCancelled(waited)) co_return waited;
      if (!waited.ok() && next < addresses.size() && !deadline.Expired(clock_)) start();
    }
    if (race->winner == nullptr) co_return race->last;
    names_.Prefer(host, race->address);
    co_return std::move(race->winner);
  }

  const asio::any_io_executor executor_;
  const Clock& clock_;
  Names names_;
  TaskGroup connecting_;  // attempts that are no longer waited for
};

}  // namespace

std::unique_ptr<Transport> NewTcpTransport(const asio::any_io_executor& executor,
                                           const Clock& clock, LookUp look_up) {
  return std::make_unique<TcpTransport>(executor, clock,
                                        look_up ? std::move(look_up) : SystemLookUp);
}

}  // namespace synoptic
