// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Idle keep-alive connections of the client, by origin.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>

#include "net/async/timer.h"
#include "net/async/transport.h"

namespace synoptic::net::internal {

// Not thread-safe: on its serial executor. Closes what stays idle too long.
class ConnectionPool {
 public:
  ConnectionPool(const boost::asio::any_io_executor& executor, const Clock& clock,
                 size_t max_idle_per_origin, MonoDuration idle_time)
      : clock_(clock),
        max_idle_(max_idle_per_origin),
        idle_time_(idle_time),
        janitor_(executor, clock) {}

  // A connection that looked alive just now, the most recently used first; null when there is none.
  // One with unasked input (a late or second response) or closed by the peer is dropped.
  std::unique_ptr<ByteStream> Take(const std::string& origin);
  void Put(const std::string& origin, std::unique_ptr<ByteStream> stream);
  // All idle connections to an origin: after one of them turned out to be dead.
  void Drop(const std::string& origin) { idle_.erase(origin); }
  size_t size() const;

 private:
  struct Idle {
    std::unique_ptr<ByteStream> stream;
    MonoTime since;
  };
  void Clean();

  const Clock& clock_;
  const size_t max_idle_;
  const MonoDuration idle_time_;
  std::map<std::string, std::deque<Idle>> idle_;  // oldest first
  bool cleaning_ = false;
  Timer janitor_;
};

}  // namespace synoptic::net::internal
