// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Bytes of a client in, one request out: the only way a request enters Synoptic. A pure state
// machine: no sockets, no clock, so that every hostile form is a line in a table test. The verdict
// does not depend on how the bytes were cut into reads. docs/adr/0005-http-intake.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/http/chunked.h"
#include "net/http/message.h"
#include "net/http/server.h"

namespace synoptic::net::internal {

class RequestIntake {
 public:
  // `limits` must outlive this.
  explicit RequestIntake(const ServerLimits& limits) : limits_(limits) {}

  struct Error {
    int status;  // to answer before closing
    std::string reason;
  };

  // Takes what it can off the front of `input`; the rest must be offered again with what follows
  // it. After ready() or error() it takes nothing.
  void Feed(std::string_view& input);

  bool ready() const { return state_ == State::kReady; }
  const std::optional<Error>& error() const { return error_; }
  // A head began to arrive.
  bool begun() const { return state_ != State::kRequestLine; }
  bool head_done() const { return state_ == State::kBody || state_ == State::kReady; }
  // The client waits for "100 Continue" before it sends the body.
  bool wants_continue() const { return wants_continue_ && state_ == State::kBody; }
  // After this request the connection may carry another.
  bool keep_alive() const { return keep_alive_; }

  HttpRequest& request() { return request_; }
  // Starts on the next request.
  void Reset();

 private:
  enum class State { kRequestLine, kFields, kBody, kReady };
  void Fail(int status, std::string reason);
  void OnRequestLine(std::string_view line);
  void OnField(std::string_view line);
  void OnFramingField(std::string_view name, std::string_view value);
  void OnHeadEnd();
  void FeedHead(std::string_view& input);
  void FeedBody(std::string_view& input);

  const ServerLimits& limits_;
  State state_ = State::kRequestLine;
  std::optional<Error> error_;
  HttpRequest request_;
  size_t head_bytes_ = 0;
  int minor_version_ = 1;
  bool keep_alive_ = true;
  bool wants_continue_ = false;
  bool has_host_ = false;
  bool has_transfer_encoding_ = false;
  std::optional<int64_t> content_length_;
  int64_t body_left_ = 0;
  std::optional<ChunkedDecoder> chunked_;
};

}  // namespace synoptic::net::internal
