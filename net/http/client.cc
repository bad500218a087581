// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/http/client.h"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include "base/status.h"
#include "base/strings.h"
#include "net/async/timer.h"
#include "net/http/bounded_reader.h"
#include "net/http/connection_pool.h"
#include "net/http/response_intake.h"
#include "net/http/tls.h"
#include "net/http/wire.h"

namespace synoptic::net {

namespace {

using internal::ConnectionPool;
using internal::ResponseIntake;

// What a read may bring; the first one, that is waited for, less: hundreds of probes wait at once,
// and their answers are short.
constexpr size_t kFirstReadBytes = 4 << 10;
constexpr size_t kReadBytes = 64 << 10;
// A request that got no byte of an answer in this time makes its idle siblings suspect.
constexpr MonoDuration kHung = std::chrono::seconds(1);

// Closes the stream when the transfer breaks a limit of time; says which.
class Watchdog {
 public:
  Watchdog(const boost::asio::any_io_executor& executor, const Clock& clock, ByteStream& stream,
           BoundedReader& reader)
      : executor_(executor), timer_(executor, clock), stream_(stream), reader_(reader) {
    Arm();
  }
  // After the first byte of the response, when there is more to watch than the deadline.
  void Arm() {
    timer_.Start(reader_.NextCheck(), [this] { Check(/*again=*/true); });
  }
  // The reason it closed the stream; OK when it did not.
  const absl::Status& verdict() const { return verdict_; }

 private:
  void Check(bool again) {
    const absl::Status status = reader_.CheckTime();
    if (status.ok()) return Arm();
    if (again) {
      // If this thread was busy, bytes may be waiting to be counted: let them come first.
      timer_.Start(MonoTime::min(), [this] { Check(/*again=*/false); });
      return;
    }
    verdict_ = status;
    stream_.Close();
  }

  const boost::asio::any_io_executor executor_;
  Timer timer_;
  ByteStream& stream_;
  BoundedReader& reader_;
  absl::Status verdict_;
};

bool IsOurs(std::string_view name) {
  for (std::string_view ours :
       {"host", "content-length", "transfer-encoding", "connection", "expect", "upgrade"}) {
    if (EqualsIgnoreCaseAscii(name, ours)) return true;
  }
  return false;
}

absl::StatusOr<std::string> SerializeHead(const Origin& origin, const HttpRequest& request,
                                          const std::string& user_agent) {
  if (!internal::IsToken(request.method) || !request.target.starts_with('/') ||
      !internal::IsVisibleAscii(request.target) || !internal::IsVisibleAscii(origin.host)) {
    return InvalidArgument("request {} {}: invalid method, host or target", request.method,
                           request.target);
  }
  std::string head = fmt::format("{} {}{} HTTP/1.1\r\nHost: {}\r\n", request.method,
                                 origin.path_prefix, request.target, HostField(origin));
  for (const auto& [name, value] : request.headers.fields()) {
    if (IsOurs(name)) return InvalidArgument("header {} is set by the client itself", name);
    if (!internal::IsToken(name) || !internal::IsFieldText(value)) {
      return InvalidArgument("header {}: invalid name or value", name);
    }
    head.append(name).append(": ").append(value).append("\r\n");
  }
  if (!request.headers.Get("Accept-Encoding").has_value()) {
    head.append("Accept-Encoding: gzip\r\n");
  }
  if (!request.headers.Get("User-Agent").has_value()) {
    head.append("User-Agent: ").append(user_agent).append("\r\n");
  }
  if (!request.body.empty() || (request.method != "GET" && request.method != "HEAD")) {
    head.append(fmt::format("Content-Length: {}\r\n", request.body.size()));
  }
  head.append("\r\n");
  return head;
}

// One exchange over one connection.
struct Exchange {
  absl::Status status;
  bool reusable = false;  // the connection may serve another request
  bool touched = false;   // a byte of a response arrived
};

class Client final : public HttpClient {
 public:
  Client(const boost::asio::any_io_executor& executor, const Clock& clock,
         HttpClientOptions options, std::shared_ptr<internal::TlsContext> tls)
      : executor_(executor),
        clock_(clock),
        options_(std::move(options)),
        tls_(std::move(tls)),
        own_transport_(options_.transport == nullptr ? NewTcpTransport(executor, clock) : nullptr),
        transport_(options_.transport == nullptr ? *own_transport_ : *options_.transport),
        pool_(std::make_shared<ConnectionPool>(executor, clock, options_.max_idle_per_origin,
                                               options_.idle_time)) {}

  Task<> Send(const Origin& origin, HttpRequest request, const ResponseLimits& limits,
              Deadline deadline, BodySink& sink) override {
    CO_ASSIGN_OR_RETURN(const std::string head,
                        SerializeHead(origin, request, options_.user_agent));
    if (deadline.Expired(clock_)) co_return absl::DeadlineExceededError("deadline exceeded");
    const std::string key =
        fmt::format("{}://{}:{}", origin.tls ? "https" : "http", origin.host, origin.port);
    const bool replayable =
        request.replayable || request.method == "GET" || request.method == "HEAD";
    // After a request that hung, idle connections on the same path are suspect too.
    struct Suspect {
      ~Suspect() {
        if (!answered && clock.Mono() - start >= kHung) pool->Drop(key);
      }
      const Clock& clock;
      const std::shared_ptr<ConnectionPool> pool;
      const std::string& key;
      const MonoTime start = clock.Mono();
      bool answered = false;
    } suspect{clock_, pool_, key};
    std::unique_ptr<ByteStream> stream = pool_->Take(key);
    if (stream != nullptr) {
      const Exchange exchange = co_await Converse(*stream, head, request, limits, deadline, sink);
      const bool stale = absl::IsUnavailable(exchange.status) && !exchange.touched;
      suspect.answered = exchange.touched;
      if (exchange.reusable) pool_->Put(key, std::move(stream));
      if (!stale || !replayable) co_return exchange.status;
      // A kept connection the other side had given up meanwhile; its siblings are no better.
      stream.reset();
      pool_->Drop(key);
    }
    CO_ASSIGN_OR_RETURN(stream, co_await Connect(origin, limits, deadline));
    const Exchange exchange = co_await Converse(*stream, head, request, limits, deadline, sink);
    suspect.answered = exchange.touched;
    if (exchange.reusable) pool_->Put(key, std::move(stream));
    co_return exchange.status;
  }

 private:
  Task<std::unique_ptr<ByteStream>> Connect(const Origin& origin, const ResponseLimits& limits,
                                            Deadline deadline) {
    const Deadline connect = deadline.Earlier(Deadline::After(clock_, limits.connect_timeout));
    CO_ASSIGN_OR_RETURN(std::unique_ptr<ByteStream> stream,
                        co_await transport_.Connect(origin.host, origin.port, connect));
    if (!origin.tls) co_return stream;
    // A handshake is two more round trips and some arithmetic.
    const Deadline shake =
        deadline.Earlier(Deadline::After(clock_, limits.connect_timeout * 3 / 2));
    co_return co_await internal::TlsConnect(tls_, std::move(stream), origin.host, clock_, shake);
  }

  boost::asio::awaitable<Exchange> Converse(ByteStream& stream, const std::string& head,
                                            const HttpRequest& request,
                                            const ResponseLimits& limits, Deadline deadline,
                                            BodySink& sink) {
    Exchange exchange;
    BoundedReader reader(clock_, limits, deadline, options_.buffers);
    Watchdog watchdog(executor_, clock_, stream, reader);
    const absl::Status written = co_await WriteAll(stream, head, request.body);
    // A server may answer before it has read all of the request: look at the answer in any case.
    const absl::Status read =
        co_await Receive(stream, request.method == "HEAD", reader, watchdog, sink, exchange);
    exchange.status = written.ok() || exchange.touched ? read : written;
    if (!watchdog.verdict().ok()) exchange.status = watchdog.verdict();
    if (!written.ok() || !exchange.status.ok()) exchange.reusable = false;
    co_return exchange;
  }

  Task<> Receive(ByteStream& stream, bool head_only, BoundedReader& reader, Watchdog& watchdog,
                 BodySink& sink, Exchange& exchange) {
    Reservation reservation(options_.buffers);
    size_t room = kFirstReadBytes;
    CO_RETURN_IF_ERROR(reservation.Grow(kFirstReadBytes));
    auto buffer = std::make_unique_for_overwrite<char[]>(room);
    ResponseIntake intake(head_only);
    std::string_view pending;  // in `buffer`
    bool told_head = false;
    bool filled = false;  // by the last read: more is there
    const auto output = [&sink](std::string_view data) { return sink.OnData(data); };
    while (true) {
      bool moved = true;
      while (moved) {
        const size_t before = pending.size();
        std::string_view piece;
        CO_RETURN_IF_ERROR(intake.Feed(pending, piece));
        moved = pending.size() != before;
        if (intake.head_done() && !told_head) {
          told_head = true;
          const auto coding = intake.headers().Get("Content-Encoding");
          if (!intake.done()) CO_RETURN_IF_ERROR(reader.BeginBody(coding.value_or("")));
          CO_RETURN_IF_ERROR(sink.OnHead(intake.status(), intake.headers()));
        }
        if (!piece.empty()) CO_RETURN_IF_ERROR(reader.OnBody(piece, output));
      }
      if (intake.done()) {
        CO_RETURN_IF_ERROR(reader.EndBody());
        exchange.reusable = intake.keep_alive() && pending.empty();
        co_return absl::OkStatus();
      }
      const size_t kept = pending.size();
      if (kept == kReadBytes) co_return InvalidArgument("not HTTP: line too long");
      if (room < kReadBytes && filled) {
        CO_RETURN_IF_ERROR(reservation.Grow(kReadBytes));
        room = kReadBytes;
        auto larger = std::make_unique_for_overwrite<char[]>(room);
        std::copy(pending.begin(), pending.end(), larger.get());
        buffer = std::move(larger);
      } else if (kept > 0) {
        std::copy(pending.begin(), pending.end(), buffer.get());
      }
      absl::StatusOr<size_t> n = co_await stream.ReadSome(buffer.get() + kept, room - kept);
      if (!n.ok() || *n == 0) co_return CutShort(n.status(), exchange.touched, intake);
      const bool first = !std::exchange(exchange.touched, true);
      CO_RETURN_IF_ERROR(reader.OnWire(*n));
      if (first) watchdog.Arm();
      pending = {buffer.get(), kept + *n};
      filled = pending.size() == room;
    }
  }

  static absl::Status CutShort(const absl::Status& status, bool touched,
                               const ResponseIntake& intake) {
    if (absl::IsCancelled(status)) return status;
    const std::string_view why = status.ok() ? "connection closed" : MessageOf(status);
    if (!touched) {
      return MakeStatus(absl::StatusCode::kUnavailable, "{} before a response", why);
    }
    return MakeStatus(absl::StatusCode::kUnavailable, "truncated {}: {}",
                      intake.head_done() ? "body" : "head", why);
  }

  const boost::asio::any_io_executor executor_;
  const Clock& clock_;
  const HttpClientOptions options_;
  const std::shared_ptr<internal::TlsContext> tls_;
  const std::unique_ptr<Transport> own_transport_;
  Transport& transport_;
  const std::shared_ptr<ConnectionPool> pool_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<HttpClient>> NewHttpClient(
    const boost::asio::any_io_executor& executor, const Clock& clock, HttpClientOptions options) {
  ASSIGN_OR_RETURN(auto tls, internal::NewClientTls(options.tls));
  return std::make_unique<Client>(executor, clock, std::move(options), std::move(tls));
}

}  // namespace synoptic::net
