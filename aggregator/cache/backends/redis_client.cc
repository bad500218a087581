// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/backends/redis_client.h"

#include "base/status.h"

namespace synoptic::aggregator {
namespace {

constexpr int kMostRedirections = 3;

// Errors of Redis' own carry a word first; none of them is worth more to a cache than that.
absl::Status StatusOf(const RedisReply& reply) {
  if (reply.type != RedisReply::Type::kError) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kUnavailable, "redis: {}", reply.text);
}

}  // namespace

Task<std::shared_ptr<RedisConnection>> RedisClient::Open(std::string node, Deadline deadline) {
  if (const auto found = connections_.find(node);
      found != connections_.end() && !found->second->broken()) {
    co_return found->second;
  }
  CO_ASSIGN_OR_RETURN(const std::shared_ptr<RedisConnection> connection,
                      co_await RedisConnection::Connect(transport_, node, clock_, deadline));
  if (!options_.password.empty()) {
    Command auth = {"AUTH"};
    if (!options_.username.empty()) auth.push_back(options_.username);
    auth.push_back(options_.password);
    CO_ASSIGN_OR_RETURN(const RedisReply reply,
                        co_await connection->Ask(std::move(auth), deadline));
    CO_RETURN_IF_ERROR(Annotate(StatusOf(reply), node + ": AUTH"));
  }
  CO_ASSIGN_OR_RETURN(const RedisReply pong, co_await connection->Ask({"PING"}, deadline));
  CO_RETURN_IF_ERROR(Annotate(StatusOf(pong), node));
  connections_[node] = connection;
  co_return connection;
}

Task<> RedisClient::ConnectThrough(std::string endpoint, Deadline deadline) {
  CO_ASSIGN_OR_RETURN(const std::shared_ptr<RedisConnection> connection,
                      co_await Open(endpoint, deadline));
  CO_ASSIGN_OR_RETURN(const RedisReply reply,
                      co_await connection->Ask({"CLUSTER", "SLOTS"}, deadline));
  if (reply.type == RedisReply::Type::kError) {
    // Not a cluster, or one that does not say so.
    slots_.reset();
    single_ = endpoint;
    co_return absl::OkStatus();
  }
  CO_ASSIGN_OR_RETURN(slots_, SlotMap::From(reply, endpoint));
  for (const std::string& node : nodes()) {
    const auto opened = co_await Open(node, deadline);
    CO_RETURN_IF_ERROR(opened.status());
  }
  co_return absl::OkStatus();
}

Task<> RedisClient::Connect(Deadline deadline) {
  std::erase_if(connections_, [](const auto& entry) { return entry.second->broken(); });
  absl::Status status = absl::UnavailableError("redis: no endpoints");
  for (const std::string& endpoint : options_.endpoints) {
    status = co_await ConnectThrough(endpoint, deadline);
    if (status.ok()) break;
  }
  connected_ = status.ok();
  co_return status;
}

std::vector<std::string> RedisClient::nodes() const {
  if (!slots_) return {single_};
  std::vector<std::string> out;
  for (const std::string& node : slots_->nodes()) {
    if (!node.empty()) out.push_back(node);
  }
  return out;
}

Task<RedisReply> RedisClient::AskNode(std::string node, Command command, Deadline deadline) {
  const auto found = connections_.find(node);
  if (found == connections_.end() || found->second->broken()) {
    connected_ = false;
    co_return MakeStatus(absl::StatusCode::kUnavailable, "redis {}: not connected", node);
  }
  const std::shared_ptr<RedisConnection> connection = found->second;
  co_return co_await connection->Ask(std::move(command), deadline);
}

Task<RedisReply> RedisClient::Ask(std::string key, Command command, Deadline deadline) {
  const uint16_t slot = SlotOf(key);
  std::string node = slots_ ? slots_->NodeOf(slot) : single_;
  bool asking = false;
  for (int i = 0; i < kMostRedirections; ++i) {
    if (asking) {
      CO_ASSIGN_OR_RETURN(const RedisReply allowed, co_await AskNode(node, {"ASKING"}, deadline));
      CO_RETURN_IF_ERROR(StatusOf(allowed));
    }
    CO_ASSIGN_OR_RETURN(RedisReply reply, co_await AskNode(node, command, deadline));
    const auto moved = RedirectionOf(reply, node);
    if (!moved.ok()) {
      CO_RETURN_IF_ERROR(StatusOf(reply));
      co_return reply;
    }
    if (!moved->ask && slots_) slots_->Move(moved->slot, moved->node);
    asking = moved->ask;
    node = moved->node;
    if (const auto opened = co_await Open(node, deadline); !opened.ok()) co_return opened.status();
  }
  co_return absl::UnavailableError("redis: sent from node to node");
}

void RedisClient::Disconnect() {
  connected_ = false;
  const auto gone = std::move(connections_);
  connections_.clear();
  for (const auto& [node, connection] : gone) connection->Break();
}

}  // namespace synoptic::aggregator
