// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// One connection to a Redis or Valkey server: hiredis writes and reads the protocol, the bytes go
// over our transport, TLS or not.
//
// Commands may be asked while others wait for their replies: those that come meanwhile go out
// together next. What the server says is bounded, and not believed beyond its form. Lives on one
// serial executor.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "net/async/deadline.h"
#include "net/async/task.h"
#include "net/async/task_group.h"
#include "net/async/transport.h"

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

  // `address`: host:port. `transport` is used until this returns; `clock` outlives the connection.
  static Task<std::shared_ptr<RedisConnection>> Connect(Transport& transport, std::string address,
                                                        const Clock& clock, Deadline deadline);
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
  struct Link;
  RedisConnection(std::shared_ptr<Link> link, const Clock& clock)
      : link_(std::move(link)), clock_(clock) {}
  const std::shared_ptr<Link> link_;
  const Clock& clock_;
  TaskGroup tasks_;
};

}  // namespace synoptic::aggregator
