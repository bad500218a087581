// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A Redis or Valkey server, or a cluster of them (found out by asking): one connection a node,
// commands to the node that has their key, MOVED and ASK followed.
//
// Nobody waits for a connection: what is not connected is Unavailable at once, and whoever keeps
// the client calls Connect() until it succeeds. Lives on one serial executor.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aggregator/cache/backends/redis_connection.h"
#include "aggregator/cache/backends/redis_options.h"
#include "aggregator/cache/backends/redis_slots.h"

namespace synoptic::aggregator {

class RedisClient {
 public:
  using Command = RedisConnection::Command;

  // Connects by `transport`; it and `clock` outlive the client.
  RedisClient(RedisOptions options, Transport& transport, const Clock& clock)
      : options_(std::move(options)), transport_(transport), clock_(clock) {}

  // Connects to all nodes, or finds them in order. OK when each has answered. Messages hold no
  // password.
  Task<> Connect(Deadline deadline);
  // A command about `key`.
  Task<RedisReply> Ask(std::string key, Command command, Deadline deadline);
  // A command to one node of nodes().
  Task<RedisReply> AskNode(std::string node, Command command, Deadline deadline);
  std::vector<std::string> nodes() const;
  // Drops every connection; waits end.
  void Disconnect();
  bool connected() const { return connected_; }

 private:
  Task<std::shared_ptr<RedisConnection>> Open(std::string node, Deadline deadline);
  Task<> ConnectThrough(std::string endpoint, Deadline deadline);

  const RedisOptions options_;
  Transport& transport_;
  const Clock& clock_;
  std::map<std::string, std::shared_ptr<RedisConnection>> connections_;
  std::optional<SlotMap> slots_;  // nothing: not a cluster
  std::string single_;            // the node that is asked for everything, then
  bool connected_ = false;
};

}  // namespace synoptic::aggregator
