// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Peers over real loopback sockets for unit tests: a server with scripted bytes, a client that
// sends what it is told. Everything runs on an AsyncTest loop.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "net/async/task_group.h"
#include "net/async/testing.h"
#include "net/async/transport.h"

namespace synoptic::net {

// Everything up to the end of the stream; an error counts as the end.
inline Task<std::string> ReadToEnd(ByteStream& stream) {
  std::string all;
  char buffer[4096];
  while (true) {
    auto n = co_await stream.ReadSome(buffer, sizeof buffer);
    if (!n.ok() || *n == 0) co_return all;
    all.append(buffer, *n);
  }
}

// Reads until `mark` was seen, or the end.
inline Task<std::string> ReadUntil(ByteStream& stream, std::string mark) {
  std::string all;
  char buffer[4096];
  while (all.find(mark) == std::string::npos) {
    auto n = co_await stream.ReadSome(buffer, sizeof buffer);
    if (!n.ok() || *n == 0) co_return all;
    all.append(buffer, *n);
  }
  co_return all;
}

// Connects to a local port, sends `bytes` and returns all that comes until the other side closes.
inline Task<std::string> RawExchange(Transport& transport, uint16_t port, std::string bytes) {
  CO_ASSIGN_OR_RETURN(auto stream,
                      co_await transport.Connect("127.0.0.1", port, Deadline::Infinite()));
  CO_RETURN_IF_ERROR(co_await WriteAll(*stream, bytes));
  co_return co_await ReadToEnd(*stream);
}

// A server that answers each connection by a script: the n-th connection gets the n-th (the last
// one for all that follow).
class ScriptedServer {
 public:
  using Script = std::function<Task<>(ByteStream&)>;

  ScriptedServer(AsyncTest& loop, Transport& transport, std::vector<Script> scripts)
      : state_(std::make_shared<State>(loop.executor(), std::move(scripts))) {
    state_->listener = transport.Listen("127.0.0.1", 0).value();
    state_->tasks.Spawn(state_->executor, "scripted server", Accept(state_));
  }
  // What still runs ends with the next turns of the loop.
  ~ScriptedServer() { state_->listener->Close(); }

  // Waits for a request's head, then sends `bytes`; closes, or stays open until the peer leaves.
  static Script Reply(std::string bytes, bool stay_open = false) {
    return [bytes = std::move(bytes), stay_open](ByteStream& stream) {
      return SendReply(stream, bytes, stay_open);
    };
  }

  uint16_t port() const { return state_->listener->port(); }
  int connections() const { return state_->connections; }

 private:
  struct State {
    State(boost::asio::any_io_executor e, std::vector<Script> s)
        : executor(std::move(e)), scripts(std::move(s)) {}
    const boost::asio::any_io_executor executor;
    const std::vector<Script> scripts;
    std::unique_ptr<Listener> listener;
    int connections = 0;
    TaskGroup tasks;
  };
  static Task<> SendReply(ByteStream& stream, std::string bytes, bool stay_open) {
    CO_ASSIGN_OR_RETURN(std::string head, co_await ReadUntil(stream, "\r\n\r\n"));
    CO_RETURN_IF_ERROR(co_await WriteAll(stream, bytes));
    if (stay_open) CO_RETURN_IF_ERROR((co_await ReadToEnd(stream)).status());
    co_return absl::OkStatus();
  }
  static Task<> Serve(Script script, std::unique_ptr<ByteStream> stream) {
    co_return co_await script(*stream);
  }
  static Task<> Accept(std::shared_ptr<State> state) {
    while (true) {
      CO_ASSIGN_OR_RETURN(auto stream, co_await state->listener->Accept());
      const size_t last = state->scripts.size() - 1;
      const size_t n = std::min(static_cast<size_t>(state->connections), last);
      ++state->connections;
      state->tasks.Spawn(state->executor, "script", Serve(state->scripts[n], std::move(stream)));
    }
  }

  const std::shared_ptr<State> state_;
};

}  // namespace synoptic::net
