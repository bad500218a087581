// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// One connection to a Redis or Valkey server: hiredis' asynchronous context on our event loop.
//
// Commands may be sent while others wait for their replies. What the server says is bounded, and
// not believed beyond its form. Lives on one serial executor.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "net/async/deadline.h"
#include "net/async/task.h"

namespace synoptic::aggregator {

struct RedisReply {
  enum class Type { kNil, kText, kInteger, kList, kError };
  Type type = Type::kNil;
  std::string text;  // of an error its message
  int64_t integer = 0;
  std::vector<RedisReply> items = {};

  bool IsError(std::string_view word) const {
    return type == Type::kError && std::string_view(text).starts_with(word);
  }
};

class RedisConnection {
 public:
  using Command = std::vector<std::string>;

  // `address`: host:port. The connection is usable at once; whether the server is there is known
  // with the first reply. `clock` outlives the connection.
  static Task<std::shared_ptr<RedisConnection>> Connect(std::string address, const Clock& clock,
                                                        Deadline deadline);
  ~RedisConnection();
  RedisConnection(const RedisConnection&) = delete;
  RedisConnection& operator=(const RedisConnection&) = delete;

  // The server's reply, errors of its own included. Unavailable when the connection broke,
  // DeadlineExceeded when there is no reply yet; it is dropped when it comes after all.
  Task<RedisReply> Ask(Command command, Deadline deadline);
  // Ends every wait; nothing can be asked any more.
  void Break();
  bool broken() const;

 private:
  struct Socket;
  RedisConnection(std::shared_ptr<Socket> socket, const Clock& clock)
      : socket_(std::move(socket)), clock_(clock) {}
  const std::shared_ptr<Socket> socket_;
  const Clock& clock_;
};

}  // namespace synoptic::aggregator
