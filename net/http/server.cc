// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/http/server.h"

#include <boost/asio/post.hpp>
#include <set>
#include <unordered_map>

#include "base/status.h"
#include "net/async/event.h"
#include "net/async/task_group.h"
#include "net/async/timer.h"
#include "net/http/session.h"

namespace synoptic::net {

namespace {

using internal::ServerShared;
using internal::Session;

// How late a time limit or a client's leaving may be noticed.
constexpr MonoDuration kSweep = std::chrono::milliseconds(50);
constexpr MonoDuration kMinBackoff = std::chrono::milliseconds(10);
constexpr MonoDuration kMaxBackoff = std::chrono::seconds(1);
constexpr std::string_view kFull =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "Retry-After: 1\r\nConnection: close\r\nContent-Length: 21\r\n\r\ntoo many connections\n";

std::string HostOf(const std::string& peer) { return peer.substr(0, peer.rfind(':')); }

// The state behind a server. Tasks share it, so that it outlives the HttpServer if they do.
class Core : public std::enable_shared_from_this<Core> {
 public:
  Core(const boost::asio::any_io_executor& executor, const Clock& clock, ServerOptions options,
       Handler handler)
      : executor_(executor),
        shared_(std::make_shared<ServerShared>(clock, std::move(options), std::move(handler))),
        changed_(executor) {}

  absl::Status Start() {
    const ServerOptions& options = shared_->options;
    if (!options.tls.certificate_pem.empty()) {
      ASSIGN_OR_RETURN(shared_->tls, internal::NewServerTls(options.tls));
    }
    Transport* transport = options.transport;
    if (transport == nullptr) {
      own_transport_ = NewTcpTransport(executor_, shared_->clock);
      transport = own_transport_.get();
    }
    ASSIGN_OR_RETURN(listener_, transport->Listen(options.address, options.port));
    port_ = listener_->port();
    tasks_.Spawn(executor_, "accept loop", AcceptLoop(shared_from_this()));
    tasks_.Spawn(executor_, "connection sweep", SweepLoop(shared_from_this()));
    return absl::OkStatus();
  }

  uint16_t port() const { return port_; }

  static Task<> Stop(std::shared_ptr<Core> self, Deadline deadline) {
    const Clock& clock = self->shared_->clock;
    self->shared_->draining = true;
    self->listener_->Close();
    for (const auto& session : self->sessions_) {
      if (session->idle()) session->Close();
    }
    while (!self->sessions_.empty()) {
      self->changed_.Reset();
      if (!(co_await self->changed_.WaitUntil(clock, deadline.at())).ok()) break;
    }
    self->Abort();
    co_return co_await self->tasks_.Stop(clock, Deadline::After(clock, std::chrono::seconds(1)));
  }

  // Closes everything at once. On the executor.
  void Abort() {
    shared_->draining = true;
    listener_->Close();
    for (const auto& session : sessions_) {
      session->Close();
      session->task.Cancel();
    }
  }

 private:
  static Task<> AcceptLoop(std::shared_ptr<Core> self) {
    MonoDuration backoff = kMinBackoff;
    while (!self->shared_->draining) {
      auto stream = co_await self->listener_->Accept();
      if (stream.ok()) {
        backoff = kMinBackoff;
        self->Admit(*std::move(stream));
      } else if (absl::IsResourceExhausted(stream.status())) {
        // No descriptors left: those who are connected go on; new ones wait in the backlog.
        CO_RETURN_IF_ERROR(co_await SleepFor(self->shared_->clock, backoff));
        backoff = std::min(backoff * 2, kMaxBackoff);
      } else {
        break;
      }
    }
    co_return absl::OkStatus();
  }

  void Admit(std::unique_ptr<ByteStream> stream) {
    const ServerLimits& limits = shared_->options.limits;
    size_t& of_peer = per_peer_[HostOf(stream->peer())];
    if (sessions_.size() >= limits.max_connections || of_peer >= limits.max_connections_per_peer) {
      if (shared_->tls == nullptr) stream->TryWrite(kFull, {});
      if (of_peer == 0) per_peer_.erase(HostOf(stream->peer()));
      return;
    }
    ++of_peer;
    auto session = std::make_shared<Session>(shared_, std::move(stream));
    sessions_.insert(session);
    session->task = tasks_.Spawn(executor_, "connection", Serve(shared_from_this(), session));
    if (!session->task) Forget(session);
  }

  static Task<> Serve(std::shared_ptr<Core> self, std::shared_ptr<Session> session) {
    // However the session ends, also by being cancelled or destroyed.
    struct Leave {
      ~Leave() { core->Forget(session); }
      std::shared_ptr<Core> core;
      std::shared_ptr<Session> session;
    } leave{self, session};
    // What ends a connection is the client's business; there is nothing to report.
    (void)co_await session->Run();
    co_return absl::OkStatus();
  }

  void Forget(const std::shared_ptr<Session>& session) {
    sessions_.erase(session);
    const auto peer = per_peer_.find(HostOf(session->peer()));
    if (peer != per_peer_.end() && --peer->second == 0) per_peer_.erase(peer);
    if (sessions_.empty()) changed_.Set();
  }

  static Task<> SweepLoop(std::shared_ptr<Core> self) {
    while (true) {
      CO_RETURN_IF_ERROR(co_await SleepFor(self->shared_->clock, kSweep));
      const MonoTime now = self->shared_->clock.Mono();
      for (const auto& session : self->sessions_) session->Sweep(now);
    }
  }

  const boost::asio::any_io_executor executor_;
  const std::shared_ptr<ServerShared> shared_;
  std::unique_ptr<Transport> own_transport_;
  std::unique_ptr<Listener> listener_;
  uint16_t port_ = 0;
  std::set<std::shared_ptr<Session>> sessions_;
  std::unordered_map<std::string, size_t> per_peer_;
  Event changed_;  // the last session ended
  TaskGroup tasks_;
};

class Server final : public HttpServer {
 public:
  Server(boost::asio::any_io_executor executor, std::shared_ptr<Core> core)
      : executor_(std::move(executor)), core_(std::move(core)) {}
  ~Server() override {
    boost::asio::post(executor_, [core = core_] { core->Abort(); });
  }
  uint16_t port() const override { return core_->port(); }
  Task<> Stop(Deadline deadline) override { return Core::Stop(core_, deadline); }

 private:
  const boost::asio::any_io_executor executor_;
  const std::shared_ptr<Core> core_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<HttpServer>> StartHttpServer(
    const boost::asio::any_io_executor& executor, const Clock& clock, ServerOptions options,
    Handler handler) {
  auto core = std::make_shared<Core>(executor, clock, std::move(options), std::move(handler));
  RETURN_IF_ERROR(core->Start());
  return std::make_unique<Server>(executor, std::move(core));
}

}  // namespace synoptic::net
