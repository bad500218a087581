// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// One client connection of the server: requests in, one after the other, responses out. Times are
// enforced from outside by the server's sweep, which reads `expires` and closes.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "net/async/task_group.h"
#include "net/async/transport.h"
#include "net/http/request_intake.h"
#include "net/http/response_writer.h"
#include "net/http/server.h"
#include "net/http/tls.h"

namespace synoptic::net::internal {

// What the sessions of one server share.
struct ServerShared {
  ServerShared(const Clock& c, ServerOptions o, Handler h)
      : clock(c), options(std::move(o)), handler(std::move(h)), date(c) {}
  const Clock& clock;
  const ServerOptions options;
  const Handler handler;
  std::shared_ptr<TlsContext> tls;
  DateLine date;
  bool draining = false;  // finish the request under way, then close
};

class Session {
 public:
  Session(std::shared_ptr<ServerShared> shared, std::unique_ptr<ByteStream> stream)
      : shared_(std::move(shared)),
        stream_(std::move(stream)),
        peer_(stream_->peer()),
        intake_(shared_->options.limits) {}

  // Serves until either side ends it.
  Task<> Run();

  // Called by the sweep: ends what took too long or whose client left.
  void Sweep(MonoTime now);
  // No request has begun to arrive.
  bool idle() const { return phase_ == Phase::kIdle; }
  void Close() {
    if (stream_ != nullptr) stream_->Close();
  }
  const std::string& peer() const { return peer_; }

  TaskHandle task;  // of Run

 private:
  enum class Phase { kHandshake, kIdle, kHead, kBody, kHandler, kWrite, kLinger };
  void Enter(Phase phase, MonoDuration time);
  Task<bool> ReadRequest();
  Task<size_t> Fill();
  Task<HttpResponse> Answer();
  Task<std::string> Compress(const std::string& plain);
  Task<> ChooseCoding(HttpResponse& response, const std::string** body);
  Task<> Send(HttpResponse response, bool close);
  Task<> Refuse(int status, std::string_view reason);
  Task<> Write(std::string_view head, std::string_view body);
  Task<> Linger();

  const std::shared_ptr<ServerShared> shared_;
  std::unique_ptr<ByteStream> stream_;
  const std::string peer_;
  RequestIntake intake_;
  Phase phase_ = Phase::kIdle;
  MonoTime expires_ = MonoTime::max();
  std::string buffer_;  // read and not yet consumed: [begin_, end_)
  size_t begin_ = 0;
  size_t end_ = 0;
  std::string head_;  // of the response; reused
  size_t requests_ = 0;
};

HttpResponse TextResponse(int status, std::string text);

}  // namespace synoptic::net::internal
